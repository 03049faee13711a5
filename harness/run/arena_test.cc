#include "harness/run/arena.h"
#include "harness/dataset/disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/run/executor_testing.h"
#include "harness/run/runner.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

void write(const fs::path& path, const std::string& text) { std::ofstream(path) << text; }

// Two files; each round of changes rewrites one, adds one and, with deletions, removes one.
class SmallSource : public DatasetSource {
 public:
  base::Result<DatasetSummary> summarize(const DatasetChoice& choice) override {
    return DatasetSummary{.name = choice.name, .files = 2, .bytes = bytes};
  }
  base::Result<Generated> generate(const DatasetChoice& choice, const std::string& out) override {
    fs::create_directories(out + "/deep");
    write(out + "/kept", "kept");
    write(out + "/deep/changed", "before");
    // Not by <filesystem>, which on Windows sets no folder's time.
    ROBOSYNC_ASSIGN(const std::unique_ptr<Disk> disk, open_disk(out));
    for (const char* name : {"kept", "deep/changed", "deep", ""}) {
      ROBOSYNC_TRY(disk->set_time(name, {.s = 1'700'000'000}));
    }
    return Generated{.files = 2, .directories = 1, .bytes = 10, .scale = choice.scale};
  }
  base::Result<void> mutate(const DatasetChoice& /*choice*/, const std::string& root,
                            Deletions deletions, std::uint64_t round) override {
    write(root + "/deep/changed", "round " + std::to_string(round));
    write(root + "/added" + std::to_string(round), "");
    if (deletions == Deletions::kIncluded) fs::remove(root + "/kept");
    return {};
  }
  std::uint64_t bytes = 10;
};

// Its command is "<name> copy|mirror SOURCE TARGET".
class FakeTool : public ToolAdapter {
 public:
  explicit FakeTool(std::string name) : name_(std::move(name)) {}
  std::string name() const override { return name_; }
  Tool probe(Executor& /*executor*/, const std::string& /*scratch*/) override {
    return {.name = name_, .available = available, .reason = available ? "" : "gone"};
  }
  base::Result<Command> command(const Job& job) const override {
    return Command{
        .words = {name_, job.verb == Verb::kCopy ? "copy" : "mirror", job.source, job.target}};
  }
  std::string unavailable(Route route, Phase phase) const override {
    if (route != Route::kLocal) return "local only";
    return phase == Phase::kNoop && !does_noop ? "no no-op" : "";
  }
  Aspects kept(const Job& /*job*/) const override {
    return {.modes = false, .file_times = false, .directory_times = false, .symlink_times = false};
  }
  bool available = true;
  bool does_noop = true;

 private:
  std::string name_;
};

// What a right tool does.
Finished copy_tree(const Command& command) {
  const std::string& source = command.words[2];
  const std::string& target = command.words[3];
  if (command.words[1] == "mirror") fs::remove_all(target);
  fs::create_directories(target);
  for (const auto& entry : fs::recursive_directory_iterator(source)) {
    const fs::path there = target / entry.path().lexically_relative(source);
    if (entry.is_directory()) {
      fs::create_directories(there);
      continue;
    }
    fs::remove(there);  // not every library overwrites
    fs::copy(entry.path(), there);
  }
  return {.wall_s = 1};
}

class ArenaTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = Scratch::make(testing::TempDir(), 0);
    ASSERT_TRUE(made) << made.error().message();
    scratch_.emplace(std::move(*made));
    executor_.act = [](const Command& command) { return copy_tree(command); };
  }

  // Runs the plan with tools "a" and "b".
  Report run() {
    std::vector<std::unique_ptr<ToolAdapter>> tools;
    tools.push_back(std::move(a_));
    tools.push_back(std::move(b_));
    Runner runner(plan_, std::move(tools),
                  {.executor = executor_,
                   .cleanup_executor = executor_,
                   .datasets = source_,
                   .scratch = *scratch_,
                   .out_of_time = out_of_time_});
    Report report;
    const auto prepared = runner.prepare(report);
    EXPECT_TRUE(prepared) << prepared.error().message();
    const auto measured = runner.measure(report);
    EXPECT_TRUE(measured) << measured.error().message();
    if (again_) {
      EXPECT_TRUE(runner.measure_again(*again_, report));
    }
    return report;
  }

  static const Cell& cell(const Report& report, const std::string& tool, const std::string& phase) {
    for (const Cell& one : report.cells) {
      if (one.tool == tool && one.phase == phase) return one;
    }
    static const Cell kNone;
    ADD_FAILURE() << "no cell " << tool << " " << phase;
    return kNone;
  }

  std::vector<std::string> tools_run() const {
    std::vector<std::string> names;
    names.reserve(executor_.commands.size());
    for (const Command& command : executor_.commands) names.push_back(command.words[0]);
    return names;
  }

  Plan plan_{.datasets = {{"small", 1}},
             .tools = {"a", "b"},
             .links = {"localhost"},
             .routes = {Route::kLocal},
             .phases = {Phase::kFirst, Phase::kNoop, Phase::kIncremental, Phase::kMirror},
             .repeat = 2,
             .system_calls = false};
  FakeExecutor executor_;
  SmallSource source_;
  std::unique_ptr<FakeTool> a_ = std::make_unique<FakeTool>("a");
  std::unique_ptr<FakeTool> b_ = std::make_unique<FakeTool>("b");
  std::optional<Scratch> scratch_;
  std::optional<std::vector<CellToRemeasure>> again_;
  std::function<bool()> out_of_time_;
};

TEST_F(ArenaTest, ArmsAreInterleavedAndTurnAround) {
  plan_.phases = {Phase::kFirst};
  const Report report = run();
  EXPECT_THAT(tools_run(), ElementsAre("a", "b", "b", "a", "a", "b"));
}

TEST_F(ArenaTest, TheWarmUpIsDropped) {
  plan_.phases = {Phase::kFirst};
  int call = 0;
  executor_.act = [&](const Command& command) {
    Finished finished = copy_tree(command);
    finished.wall_s = ++call;
    return finished;
  };
  const Report report = run();
  const Cell& first = cell(report, "a", "first");
  ASSERT_EQ(first.samples.size(), 2U);
  EXPECT_EQ(first.samples[0].wall_s, 4);
  EXPECT_EQ(first.samples[1].wall_s, 5);
}

TEST_F(ArenaTest, RightToolsAreValidInEveryPhase) {
  const Report report = run();
  ASSERT_EQ(report.cells.size(), 8U);
  for (const Cell& one : report.cells) {
    EXPECT_EQ(one.state, CellState::kValid) << one.tool << one.phase << one.reason;
    EXPECT_EQ(one.samples.size(), 2U);
    EXPECT_EQ(one.dataset, "small");
    EXPECT_EQ(one.files, 2U);
  }
  EXPECT_EQ(cell(report, "a", "mirror").command, "a mirror $SOURCE $TARGET");
}

TEST_F(ArenaTest, EveryFirstCopyGoesToATargetNobodyHasSeen) {
  plan_.phases = {Phase::kFirst};
  std::set<std::string> targets;
  executor_.act = [&](const Command& command) {
    EXPECT_FALSE(fs::exists(command.words[3]));
    EXPECT_TRUE(targets.insert(command.words[3]).second);
    return copy_tree(command);
  };
  run();
  EXPECT_EQ(targets.size(), 6U);
}

TEST_F(ArenaTest, AWrongTreeInvalidatesTheCell) {
  executor_.act = [&](const Command& command) {
    const Finished finished = copy_tree(command);
    if (command.words[0] == "b") write(command.words[3] + "/kept", "tepk");
    return finished;
  };
  const Report report = run();
  EXPECT_EQ(cell(report, "a", "first").state, CellState::kValid);
  EXPECT_EQ(cell(report, "b", "first").state, CellState::kInvalid);
  EXPECT_THAT(cell(report, "b", "first").reason, HasSubstr("kept"));
  EXPECT_EQ(cell(report, "b", "mirror").state, CellState::kInvalid);
}

TEST_F(ArenaTest, AToolThatFailsInvalidatesTheCellThoughTheTreeIsRight) {
  executor_.act = [&](const Command& command) {
    Finished finished = copy_tree(command);
    if (command.words[0] == "a") finished.exit_code = 23;
    finished.err = "partial\nmore";
    return finished;
  };
  const Report report = run();
  EXPECT_EQ(cell(report, "a", "first").state, CellState::kInvalid);
  EXPECT_EQ(cell(report, "a", "first").reason, "exit code 23: partial");
}

// A tool that believes, once it has found nothing to do, that there is never anything to do.
TEST_F(ArenaTest, ANoopThatHidesALaterChangeIsInvalid) {
  std::set<std::string> seen;
  executor_.act = [&](const Command& command) {
    const bool known = !seen.insert(command.words[3]).second;
    return command.words[0] == "a" && known ? Finished{.wall_s = 0.001} : copy_tree(command);
  };
  plan_.phases = {Phase::kFirst, Phase::kNoop};
  const Report report = run();
  EXPECT_EQ(cell(report, "a", "first").state, CellState::kValid);
  EXPECT_EQ(cell(report, "a", "noop").state, CellState::kInvalid);
  EXPECT_THAT(cell(report, "a", "noop").reason, HasSubstr("changed"));
  EXPECT_EQ(cell(report, "b", "noop").state, CellState::kValid);
}

TEST_F(ArenaTest, AMirrorThatDeletesNothingIsInvalid) {
  executor_.act = [&](Command command) {
    command.words[1] = "copy";
    return copy_tree(command);
  };
  const Report report = run();
  EXPECT_EQ(cell(report, "a", "incremental").state, CellState::kValid);
  EXPECT_EQ(cell(report, "a", "mirror").state, CellState::kInvalid);
}

TEST_F(ArenaTest, AToolThatRunsIntoTheTimeoutIsNotTriedAgain) {
  executor_.act = [&](const Command& command) {
    if (command.words[0] == "a") return Finished{.timed_out = true, .wall_s = 9};
    return copy_tree(command);
  };
  const Report report = run();
  EXPECT_EQ(std::ranges::count(tools_run(), "a"), 1);
  EXPECT_EQ(cell(report, "a", "first").state, CellState::kInvalid);
  EXPECT_EQ(cell(report, "b", "first").state, CellState::kValid);
}

TEST_F(ArenaTest, PhasesAndToolsThatAreNotThereAreCellsWithAReason) {
  a_->does_noop = false;
  b_->available = false;
  const Report report = run();
  EXPECT_EQ(cell(report, "a", "noop").state, CellState::kUnavailable);
  EXPECT_EQ(cell(report, "a", "noop").reason, "no no-op");
  EXPECT_EQ(cell(report, "a", "incremental").state, CellState::kValid);
  EXPECT_EQ(cell(report, "b", "first").state, CellState::kUnavailable);
  EXPECT_EQ(cell(report, "b", "first").reason, "gone");
}

TEST_F(ArenaTest, ADatasetThatDoesNotFitIsACellWithAReason) {
  source_.bytes = std::uint64_t{1} << 60U;
  const Report report = run();
  EXPECT_TRUE(executor_.commands.empty());
  EXPECT_EQ(report.cells.size(), 8U);
  EXPECT_EQ(cell(report, "a", "first").state, CellState::kUnavailable);
  EXPECT_THAT(cell(report, "a", "first").reason, HasSubstr("--scratch"));
}

TEST_F(ArenaTest, CellsMeasuredAgainGetMoreSamples) {
  again_ = std::vector<CellToRemeasure>{
      {.key = {.dataset = "small", .link = "localhost", .route = "local", .phase = "noop"},
       .tools = {"a", "b"}}};
  const Report report = run();
  EXPECT_EQ(cell(report, "a", "noop").samples.size(), 4U);
  EXPECT_EQ(cell(report, "b", "noop").samples.size(), 4U);
  EXPECT_EQ(cell(report, "a", "mirror").samples.size(), 2U);
  EXPECT_EQ(report.datasets.size(), 1U);
}

// A link to the source, or further names of its files, are no copy.
TEST_F(ArenaTest, ATargetThatIsTheSourceIsNotVerified) {
  std::error_code no_links;
  fs::create_directory_symlink("target", scratch_->path() + "/link", no_links);
  if (no_links) GTEST_SKIP() << "no symbolic links here: " << no_links.message();
  for (const bool whole : {true, false}) {
    executor_.act = [whole](const Command& command) -> base::Result<Finished> {
      if (command.words[0] != "a") return copy_tree(command);
      fs::remove_all(command.words[3]);
      if (whole) {
        fs::create_directory_symlink(command.words[2], command.words[3]);
      } else {
        fs::copy(command.words[2], command.words[3],
                 fs::copy_options::recursive | fs::copy_options::create_hard_links);
      }
      return Finished{.wall_s = 1};
    };
    a_ = std::make_unique<FakeTool>("a");
    b_ = std::make_unique<FakeTool>("b");
    const Report report = run();
    EXPECT_EQ(cell(report, "a", "first").state, CellState::kInvalid);
    EXPECT_EQ(cell(report, "b", "first").state, CellState::kValid);
  }
}

TEST_F(ArenaTest, AWrongTreeInTheWarmUpIsNotForgotten) {
  bool first = true;
  executor_.act = [&first](const Command& command) -> base::Result<Finished> {
    Finished finished = copy_tree(command);
    if (command.words[0] == "a" && std::exchange(first, false)) {
      write(fs::path(command.words[3]) / "kept", "torn");
    }
    return finished;
  };
  const Report report = run();
  const Cell& torn = cell(report, "a", "first");
  EXPECT_EQ(torn.state, CellState::kInvalid);
  EXPECT_THAT(torn.reason, HasSubstr("in the warm-up: "));
  EXPECT_EQ(cell(report, "b", "first").state, CellState::kValid);
}

TEST_F(ArenaTest, WhatIsNotMeasuredOverALinkIsNotEvenGenerated) {
  plan_.only = {{"localhost", {"another"}}};
  const Report report = run();
  EXPECT_TRUE(report.cells.empty());
  EXPECT_TRUE(report.datasets.empty());
}

TEST_F(ArenaTest, CancellationIsAnError) {
  executor_.act = [](const Command&) -> base::Result<Finished> {
    return base::fail(base::make_error(base::ErrorKind::kCancelled, "stop"));
  };
  std::vector<std::unique_ptr<ToolAdapter>> tools;
  tools.push_back(std::move(a_));
  Runner runner(plan_, std::move(tools),
                {.executor = executor_,
                 .cleanup_executor = executor_,
                 .datasets = source_,
                 .scratch = *scratch_});
  Report report;
  ASSERT_TRUE(runner.prepare(report));
  const auto measured = runner.measure(report);
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.error().kind, base::ErrorKind::kCancelled);
}

TEST_F(ArenaTest, WhatWasMeasuredBeforeACancellationIsKept) {
  plan_.datasets = {{"small", 1}, {"second", 1}};
  plan_.phases = {Phase::kFirst};
  executor_.act = [this](const Command& command) -> base::Result<Finished> {
    // Two tools, three rounds: what comes then is of the second dataset.
    if (executor_.commands.size() > 6) {
      return base::fail(base::make_error(base::ErrorKind::kCancelled, "stop"));
    }
    return copy_tree(command);
  };
  std::vector<std::unique_ptr<ToolAdapter>> tools;
  tools.push_back(std::move(a_));
  tools.push_back(std::move(b_));
  Runner runner(plan_, std::move(tools),
                {.executor = executor_,
                 .cleanup_executor = executor_,
                 .datasets = source_,
                 .scratch = *scratch_});
  Report report;
  ASSERT_TRUE(runner.prepare(report));
  const auto measured = runner.measure(report);
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.error().kind, base::ErrorKind::kCancelled);
  ASSERT_EQ(report.cells.size(), 4U);
  for (const Cell& one : report.cells) {
    EXPECT_EQ(one.state, one.dataset == "small" ? CellState::kValid : CellState::kUnavailable);
    if (one.dataset == "second") EXPECT_THAT(one.reason, HasSubstr("interrupted"));
  }
}

TEST_F(ArenaTest, OutOfTimeTheRestIsLeftOutWithTheReason) {
  plan_.datasets = {{"small", 1}, {"second", 1}};
  plan_.phases = {Phase::kFirst};
  plan_.repeat = 5;
  // Time is up after the warm-up and one round of the first dataset.
  out_of_time_ = [this] { return executor_.commands.size() >= 4; };
  const Report report = run();
  ASSERT_EQ(report.cells.size(), 4U);
  for (const Cell& one : report.cells) {
    if (one.dataset == "small") {
      EXPECT_EQ(one.state, CellState::kValid);
      EXPECT_EQ(one.samples.size(), 1U);
    } else {
      EXPECT_EQ(one.state, CellState::kUnavailable);
      EXPECT_THAT(one.reason, HasSubstr("--minutes"));
    }
  }
}

TEST_F(ArenaTest, NothingStaysInTheScratchFolder) {
  run();
  for (const auto& entry : fs::directory_iterator(scratch_->path())) {
    EXPECT_FALSE(fs::exists(entry.path() / "state-0")) << entry.path();
    EXPECT_FALSE(fs::exists(entry.path() / "round-0")) << entry.path();
  }
  const std::string path = scratch_->path();
  scratch_.reset();
  EXPECT_FALSE(fs::exists(path));
}

}  // namespace
}  // namespace robosync::parity
