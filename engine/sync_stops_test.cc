// A run that is stopped at any point leaves only complete entries, and one more run mends the rest.
//
// Every change that a run makes is a point where it can be stopped: by a user (cancelled), by the
// death of the process (nothing more is changed, not even by destructors), by one call that fails.
// Each is tried at every single point, for each verb and with each fast path off.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using fs::Operation;

struct Scenario {
  const char* name;
  Verb verb = Verb::kCopy;
  void (*adjust)(Request&) = [](Request&) {};
  bool ordinary_user = false;
  fs::VolumeOptions volume = {};
  bool stages_directories = true;
};

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << scenario.name;
}

std::string long_line(char fill) { return std::string(70'000, fill); }

// New, changed, unchanged and differing entries of all kinds; a new directory that can be staged
// whole; a directory where a file is to be and the other way round.
std::string source_spec(Verb verb) {
  // A move takes entries out of it.
  const std::string old_mode = verb == Verb::kMove ? "755" : "555";
  return "a mode=640 = new a\n"
         "b t=500.000000000 = same\n"
         "c = " +
         long_line('c') +
         "\n"
         "changed_link -> new\n"
         "h => new/h\n"
         "holes size=200000\n"
         "m mode=600 t=600.000000000 = metadata only\n"
         "new/h = linked\n"
         "new/l -> x\n"
         "new/p |\n"
         "new/sub/z = z\n"
         "new/x = x\n"
         "old/ mode=" +
         old_mode +
         " t=1.000000000\n"
         "old/k = new k\n"
         "was_dir = file now\n"
         "was_file/inner = i\n";
}

std::string target_spec(Verb verb) {
  std::string text =
      "a mode=644 = old\n"
      "b t=500.000000000 = same\n"
      "c t=3.000000000 = " +
      long_line('o') +
      "\n"
      "changed_link -> old\n"
      "m mode=644 t=600.000000000 = metadata only\n"
      "old/k = old k\n"
      "old/extra = bye\n"
      "gone/deep/f = bye\n"
      "gone/g = bye\n"
      "was_file = w\n";
  // Only a mirror lets a directory with entries give way.
  return text + (verb == Verb::kMirror ? "was_dir/v = v\n" : "was_dir/\n");
}

std::set<std::string> lines_of(const std::string& dump) {
  std::set<std::string> lines;
  std::istringstream in(dump);
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

std::string name_in(const std::string& line) { return line.substr(0, line.find(' ')); }

bool is_directory(const std::string& line) { return name_in(line).ends_with('/'); }

constexpr fs::TreeTextOptions kEachName{.times = true, .hard_links = false};

// One file system with both trees, and the run that may be stopped.
struct World {
  explicit World(const Scenario& of)
      : scenario(of), memory(std::make_unique<fs::MemoryFileSystem>(of.volume)) {
    memory->build("/src", source_spec(of.verb));
    memory->build("/dst", target_spec(of.verb));
    if (of.ordinary_user) memory->set_privileges(fs::ordinary_user(0));
    faulty = std::make_unique<fs::FaultFileSystem>(*memory);
    source_before = lines_of(memory->dump("/src", kEachName));
    target_before = lines_of(memory->dump("/dst", kEachName));
  }

  Outcome run() {
    Request request;
    request.verb = scenario.verb;
    request.sources = {"/src/"};
    request.target = "/dst";
    request.threads = 1;
    request.retries = 0;
    scenario.adjust(request);
    Recorder observer;
    cancellation = std::make_unique<Cancellation>();
    const auto report = sync_on(*faulty, request, observer, *cancellation);
    if (!report) return Outcome::kAborted;
    said = report->problems.empty()
               ? ""
               : report->problems[0].path + ": " + report->problems[0].error.message();
    return report->outcome;
  }

  // Calls `act` when the n-th change has been begun.
  void at_change(std::size_t n, const std::function<void()>& act) {
    for (int i = 0; i <= static_cast<int>(Operation::kAncestry); ++i) {
      const auto operation = static_cast<Operation>(i);
      if (!fs::is_change(operation)) continue;
      faulty->add({.operation = operation, .times = fs::kEveryTime, .before = [this, n, act] {
                     if (++changes == n) act();
                   }});
    }
  }

  // From now on nothing can be changed, as if the process were gone.
  void die() {
    for (int i = 0; i <= static_cast<int>(Operation::kAncestry); ++i) {
      const auto operation = static_cast<Operation>(i);
      if (!fs::is_change(operation)) continue;
      faulty->add({.operation = operation, .times = fs::kEveryTime, .error = fs::fault(EIO)});
    }
  }

  [[nodiscard]] std::set<std::string> source() const {
    return lines_of(memory->dump("/src", kEachName));
  }
  [[nodiscard]] std::set<std::string> target() const {
    return lines_of(memory->dump("/dst", kEachName));
  }

  const Scenario& scenario;
  std::unique_ptr<fs::MemoryFileSystem> memory;
  std::unique_ptr<fs::FaultFileSystem> faulty;
  std::unique_ptr<Cancellation> cancellation;
  std::atomic<std::size_t> changes{0};
  std::set<std::string> source_before;
  std::set<std::string> target_before;
  std::string said;
};

// What must hold at any moment.
void check_consistent(const World& world) {
  const std::set<std::string> source = world.source();
  const std::set<std::string> target = world.target();
  for (const std::string& line : target) {
    if (is_directory(line) || has_staging(name_in(line)) || name_in(line).ends_with('~')) continue;
    EXPECT_TRUE(world.source_before.contains(line) || world.target_before.contains(line))
        << "neither old nor new: " << line.substr(0, 200);
  }
  for (const std::string& line : world.source_before) {
    if (world.scenario.verb == Verb::kMove && (is_directory(line) || target.contains(line))) {
      continue;
    }
    EXPECT_TRUE(source.contains(line)) << "lost: " << line.substr(0, 200);
  }
  std::set<std::string> wanted;
  for (const std::string& line : world.source_before) wanted.insert(name_in(line));
  for (const std::string& line : world.target_before) {
    const std::string name = name_in(line);
    if (world.scenario.verb == Verb::kMirror || is_directory(line)) continue;
    if (wanted.contains(name) || wanted.contains(name + "/")) continue;
    EXPECT_TRUE(target.contains(line)) << "deleted without being asked: " << line;
  }
}

// A directory that is filled under a temporary name has all its files when it gets its own.
void check_whole_directories(const World& world) {
  if (!world.scenario.stages_directories) return;
  std::set<std::string> before;
  for (const std::string& line : world.target_before) before.insert(name_in(line));
  std::set<std::string> now;
  for (const std::string& line : world.target()) now.insert(name_in(line));
  for (const std::string& line : world.source_before) {
    const std::string name = name_in(line);
    const std::size_t slash = name.rfind('/');
    if (is_directory(line) || slash == std::string::npos) continue;
    const std::string directory = name.substr(0, slash + 1);
    if (before.contains(directory) || !now.contains(directory)) continue;
    EXPECT_TRUE(now.contains(name)) << directory << " landed without " << name;
  }
}

// A mirror deletes only when all is in place.
void check_deletions_last(const World& world) {
  if (world.scenario.verb != Verb::kMirror) return;
  const std::set<std::string> target = world.target();
  bool deleted = false;
  for (const char* extra : {"old/extra", "gone/deep/f", "gone/g"}) {
    deleted |= std::none_of(target.begin(), target.end(),
                            [&](const std::string& line) { return name_in(line) == extra; });
  }
  if (!deleted) return;
  for (const std::string& line : world.source_before) {
    EXPECT_TRUE(is_directory(line) || target.contains(line))
        << "not in place, but something was deleted: " << line.substr(0, 200);
  }
}

// The tree, as it should be whichever way it came about. The first half of a move has changed the
// times of the directories that the second half finds. What had to make way when the run died may
// stay, under a name of its own, until a mirror deletes it.
std::string state_of(const World& world, const std::string& path) {
  std::string out;
  // Names of one file stay one only if they move in one run.
  const bool links = world.scenario.verb != Verb::kMove;
  std::istringstream in(world.memory->dump(path, {.times = true, .hard_links = links}));
  for (std::string line; std::getline(in, line);) {
    const std::string name = name_in(line);
    if (world.scenario.verb != Verb::kMirror && has_staging(name) && name.ends_with(".old")) {
      continue;
    }
    const bool timeless = world.scenario.verb == Verb::kMove && is_directory(line);
    out += (timeless ? line.substr(0, line.find(" t=")) : line) + "\n";
  }
  return out;
}

// The same without staging entries, which the next run removes.
std::string settled_state_of(const World& world, const std::string& path) {
  std::string out;
  std::istringstream in(state_of(world, path));
  for (std::string line; std::getline(in, line);) {
    if (!has_staging(name_in(line))) out += line + "\n";
  }
  return out;
}

// What a mirror has moved aside and not yet deleted is the one thing that may still be there.
void check_no_staging(const World& world) {
  for (const std::string& line : world.target()) {
    if (world.scenario.verb == Verb::kMirror &&
        (is_directory(line) || name_in(line).ends_with("/v"))) {
      continue;
    }
    EXPECT_FALSE(has_staging(name_in(line))) << line;
  }
}

class Stops : public testing::TestWithParam<Scenario> {
 protected:
  Stops() {
    World world(GetParam());
    world.at_change(0, [] {});
    EXPECT_EQ(to_string(world.run()), "ok") << world.said;
    total = world.changes;
    records = world.faulty->log().records();
    expected = state_of(world, "/dst");
    expected_source = state_of(world, "/src");
    EXPECT_FALSE(has_staging(expected));
    if (GetParam().verb == Verb::kMirror && GetParam().volume.has_hard_links) {
      EXPECT_EQ(world.target(), world.source());
    }
  }

  void check_mended(World& world) const {
    world.faulty->clear();
    EXPECT_EQ(to_string(world.run()), "ok") << world.said;
    EXPECT_EQ(state_of(world, "/dst"), expected);
    EXPECT_EQ(state_of(world, "/src"), expected_source);
  }

  std::size_t total = 0;
  std::vector<fs::OperationRecord> records;
  std::string expected;
  std::string expected_source;
};

TEST_P(Stops, CancelledAtAnyChange) {
  ASSERT_GT(total, 20U);
  for (std::size_t n = 1; n <= total && !HasFailure(); ++n) {
    SCOPED_TRACE("cancelled at change " + std::to_string(n));
    World world(GetParam());
    world.at_change(n, [&world] { world.cancellation->request(); });
    EXPECT_EQ(to_string(world.run()), "cancelled");
    check_consistent(world);
    check_whole_directories(world);
    check_deletions_last(world);
    check_no_staging(world);
    EXPECT_EQ(world.memory->open_handles(), 0U);
    check_mended(world);
  }
}

TEST_P(Stops, DeadAfterAnyChange) {
  for (std::size_t n = 1; n <= total && !HasFailure(); ++n) {
    SCOPED_TRACE("dead after change " + std::to_string(n));
    World world(GetParam());
    world.at_change(n, [&world] {
      world.die();
      world.cancellation->request();
    });
    (void)world.run();
    check_consistent(world);
    check_whole_directories(world);
    check_deletions_last(world);
    check_mended(world);
  }
}

void fail_each(const std::vector<fs::OperationRecord>& records, const Scenario& scenario,
               int number, const std::string& expected, const std::function<void(World&)>& mend) {
  std::map<Operation, std::size_t> seen;
  for (const fs::OperationRecord& record : records) {
    const std::size_t nth = ++seen[record.operation];
    // The first calls open the roots: a run that cannot begin is another matter.
    SCOPED_TRACE("fails: " + record.text());
    World world(scenario);
    world.faulty->add({.operation = record.operation, .nth = nth, .error = fs::fault(number)});
    const Outcome outcome = world.run();
    check_consistent(world);
    if (outcome == Outcome::kOk) {
      EXPECT_EQ(settled_state_of(world, "/dst"), expected) << "and nobody was told";
    }
    mend(world);
    if (testing::Test::HasFailure()) return;
  }
}

TEST_P(Stops, AnyCallFailing) {
  fail_each(records, GetParam(), EIO, expected, [this](World& world) { check_mended(world); });
}

TEST_P(Stops, AnyCallFindingTheVolumeFull) {
  fail_each(records, GetParam(), ENOSPC, expected, [this](World& world) { check_mended(world); });
}

constexpr auto kNothing = [](Request&) {};
constexpr auto kNoStaging = [](Request& r) { r.fast_paths.staged_directories = false; };
constexpr auto kNoClone = [](Request& r) { r.fast_paths.clone = false; };
constexpr auto kNoKernel = [](Request& r) {
  r.fast_paths.clone = false;
  r.fast_paths.copy_range = false;
  r.fast_paths.holes = false;
};
constexpr auto kHardLinks = [](Request& r) { r.keep_hard_links = true; };
constexpr auto kHardLinksUnstaged = [](Request& r) {
  r.keep_hard_links = true;
  r.fast_paths.staged_directories = false;
};
constexpr auto kFsyncVerify = [](Request& r) {
  r.fsync = true;
  r.verify_after = true;
};
constexpr auto kPrune = [](Request& r) { r.prune_empty_directories = true; };

Scenario unstaged(Scenario scenario) {
  scenario.stages_directories = false;
  return scenario;
}

INSTANTIATE_TEST_SUITE_P(
    Verbs, Stops,
    testing::Values(Scenario{"copy", Verb::kCopy, kNothing},
                    unstaged({"copy_without_staged_directories", Verb::kCopy, kNoStaging}),
                    Scenario{"copy_without_clone", Verb::kCopy, kNoClone},
                    Scenario{"copy_by_read_and_write", Verb::kCopy, kNoKernel},
                    Scenario{"copy_hard_links", Verb::kCopy, kHardLinks},
                    Scenario{"copy_fsync_verify", Verb::kCopy, kFsyncVerify},
                    Scenario{"copy_by_ordinary_user", Verb::kCopy, kNothing, true},
                    unstaged({"copy_prune", Verb::kCopy, kPrune}),
                    Scenario{"copy_without_exchange", Verb::kCopy, kNothing, false,
                             fs::VolumeOptions{.can_exchange = false}},
                    Scenario{"mirror", Verb::kMirror, kNothing},
                    unstaged({"mirror_without_staged_directories", Verb::kMirror, kNoStaging}),
                    Scenario{"mirror_without_clone", Verb::kMirror, kNoClone},
                    Scenario{"mirror_hard_links", Verb::kMirror, kHardLinks},
                    unstaged({"mirror_hard_links_unstaged", Verb::kMirror, kHardLinksUnstaged}),
                    Scenario{"mirror_by_ordinary_user", Verb::kMirror, kNothing, true},
                    unstaged({"move", Verb::kMove, kNothing}),
                    unstaged({"move_by_read_and_write", Verb::kMove, kNoKernel}),
                    unstaged({"move_hard_links", Verb::kMove, kHardLinks}),
                    unstaged({"move_by_ordinary_user", Verb::kMove, kNothing, true})),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace robosync
