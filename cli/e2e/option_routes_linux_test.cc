// Every option on every route: a run over a connection comes to what the same run on one machine
// comes to, tree, counters, events and exit code, or it is refused with a reason. The table has a
// decision for each option; a new option without one fails.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <ctime>
#include <ostream>
#include <regex>
#include <set>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

enum class On : std::uint8_t {
  kEveryRoute,  // the same as on one machine
  kShown,       // the same, but it decides what is shown, so that the documents cannot be compared
  kHereOnly,    // refused over a connection
  kConnection,  // refused where there is none; option_connection_linux_test.cc has the behaviour
};

struct Decision {
  const char* option;
  On on = On::kEveryRoute;
  Arguments arguments = {};  // the option itself where empty
  const char* verb = "mirror";

  friend void PrintTo(const Decision& decision, std::ostream* out) { *out << decision.option; }
};

const std::vector<Decision>& decisions_of_selection() {
  static const std::vector<Decision> kTable = {
      {"--archive"},
      {"--recursive"},
      {"--dry-run"},
      {"--threads", On::kEveryRoute, {"--threads=3"}},
      {"--retries", On::kEveryRoute, {"--retries=1"}},
      {"--retry-wait", On::kEveryRoute, {"--retry-wait=0.1"}},
      // Which is about the side that it was said to: the tree is the same, the ways are not.
      {"--no-fast-path", On::kEveryRoute, {"--no-fast-path=all"}},
      {"--quick"},
      {"--checksum"},
      {"--size-only"},
      {"--ignore-times"},
      {"--digest", On::kEveryRoute, {"--checksum", "--digest=sha256"}},
      {"--modify-window", On::kEveryRoute, {"--modify-window=90000"}},
      {"--update"},
      {"--existing"},
      {"--ignore-existing"},
      {"--exclude", On::kEveryRoute, {"--exclude=*.tmp", "--exclude=/sub/deep/"}},
      {"--include", On::kEveryRoute, {"--include=b.tmp", "--exclude=*.tmp"}},
      {"--exclude-from", On::kEveryRoute, {"--exclude-from=RULES"}},
      {"--include-from", On::kEveryRoute, {"--include-from=RULES", "--exclude=*.o"}},
      {"--filter", On::kEveryRoute, {"--filter=: .rules", "--filter=protect extra"}},
      {"--files-from", On::kEveryRoute, {"--files-from=NAMES"}, "copy"},
      {"--from0", On::kEveryRoute, {"--from0", "--files-from=NAMES0"}, "copy"},
      {"--min-size", On::kEveryRoute, {"--min-size=100"}},
      {"--max-size", On::kEveryRoute, {"--max-size=100"}},
      {"--min-age", On::kEveryRoute, {"--min-age=1d"}},
      {"--max-age", On::kEveryRoute, {"--max-age=1d"}},
      {"--one-file-system"},
      {"--prune-empty-dirs"},
  };
  return kTable;
}

const std::vector<Decision>& decisions_of_the_rest() {
  static const std::vector<Decision> kTable = {
      {"--links"},
      {"--junctions", On::kEveryRoute, {"--junctions=skip"}},
      {"--links-fallback", On::kHereOnly, {"--links-fallback=copy"}},
      {"--copy-links"},
      {"--safe-links"},
      {"--copy-unsafe-links"},
      {"--skip-links"},
      {"--hard-links"},
      {"--xattrs"},
      {"--acls"},
      {"--no-perms"},
      {"--no-times"},
      {"--no-owner"},
      {"--no-group"},
      {"--no-devices"},
      {"--numeric-ids"},
      {"--chmod", On::kEveryRoute, {"--chmod=D750,F640"}},
      {"--illegal-names", On::kEveryRoute, {"--illegal-names=map"}},
      {"--sparse"},
      {"--inplace"},
      {"--partial"},
      {"--preallocate"},
      {"--fsync"},
      {"--verify-after"},
      {"--reflink", On::kHereOnly, {"--reflink=always"}},
      {"--bwlimit", On::kEveryRoute, {"--bwlimit=100M"}},
      {"--backup"},
      {"--backup-dir", On::kEveryRoute, {"--backup-dir=old"}},
      {"--suffix", On::kEveryRoute, {"--backup", "--suffix=.bak"}},
      {"--delete-excluded", On::kEveryRoute, {"--delete-excluded", "--exclude=*.tmp"}},
      {"--max-delete", On::kEveryRoute, {"--max-delete=1"}},
      {"--allow-empty-source", On::kEveryRoute, {"--allow-empty-source", "--exclude=*"}},
      {"--yes"},
      {"--verbose", On::kShown},
      {"--quiet", On::kShown},
      {"--itemize", On::kShown},
      {"--progress", On::kShown},
      {"--no-progress", On::kShown},
      {"--stats", On::kShown},
      {"--json", On::kShown},
      {"--log-file", On::kShown, {"--log-file=LOG"}},
      {"--whole-file", On::kEveryRoute},
      {"--token-file", On::kConnection, {"--token-file=x"}},
      {"--tls-ca", On::kConnection, {"--tls-ca=x"}},
      {"--tls-fingerprint", On::kConnection, {"--tls-fingerprint=SHA256:x"}},
      {"--tls-certificate", On::kConnection, {"--tls-certificate=x", "--tls-key=y"}},
      {"--tls-key", On::kConnection, {"--tls-certificate=x", "--tls-key=y"}},
      {"--known-hosts", On::kConnection, {"--known-hosts=x"}},
      {"--rsh", On::kConnection, {"--rsh=x"}},
      {"--remote-program", On::kConnection, {"--remote-program=x"}},
      {"--no-compress", On::kConnection},
      {"--connections", On::kConnection, {"--connections=2"}},
      {"--timeout", On::kConnection, {"--timeout=20"}},
      {"--contimeout", On::kConnection, {"--contimeout=20"}},
  };
  return kTable;
}

std::vector<Decision> decisions() {
  std::vector<Decision> all = decisions_of_selection();
  const std::vector<Decision>& rest = decisions_of_the_rest();
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

// What a run came to.
struct Outcome {
  Finished finished;
  TreeImage source;
  TreeImage target;
  nlohmann::json counters;
  std::vector<std::string> events;
};

// How many bytes travelled, and how, is the carrier's affair; all else is the run's.
nlohmann::json comparable(nlohmann::json summary) {
  for (const char* const field :
       {"time", "sources", "target", "elapsed_seconds", "bytes_per_second", "read_bytes",
        "written_bytes", "cloned_bytes", "cloned_files", "kernel_copied_files",
        "plain_copied_files", "parallel_files", "resumed_files"}) {
    summary.erase(field);
  }
  return summary;
}

std::vector<std::string> comparable(const std::vector<nlohmann::json>& events) {
  std::vector<std::string> lines;
  for (nlohmann::json event : events) {
    event.erase("time");
    lines.push_back(event.dump());
  }
  std::ranges::sort(lines);
  return lines;
}

class OptionRoutes : public EndToEnd, public ::testing::WithParamInterface<Decision> {
 protected:
  // New, changed, equal, extraneous, left out, linked, sparse: something for each option to decide.
  void build() {
    for (const char* const tree : {"src", "dst", "outside"}) remove_tree(at(tree));
    run_or_throw({"mkdir", "-p", at("src"), at("dst")});
    TreeBuilder outside(at("outside"));
    outside.file("told", "what an unsafe link leads to");
    TreeBuilder from(at("src"));
    from.file("equal", "equal").file("a", "newer", 0644, kNewTime).file("older", "older source");
    from.file("b.tmp", "left out").file("c.o", "object").file("sub/deep/d", noise(300, 1), 0600);
    from.file("large", noise(900'000, 2), 0644, kNewTime).file("sub/.rules", "- *.log\n");
    from.file("sub/x.log", "a log").file("mode", "mode", 0755).file("one", "shared");
    from.hard_link("sub/two", "one").directory("empty", 0711).fifo("pipe");
    from.symlink("inside", "equal").symlink("to-out", "../outside/told");
    from.sparse("holes", 3'000'000, {{0, "begin"}, {2'000'000, "end"}});
    from.file("zeros", std::string(400'000, '\0')).file("n\nl\xff", "an odd name");
    from.file("a\xEF\x80\xBA", "mapped");
    from.xattr("equal", "user.colour", "red");
    run_or_throw({"setfacl", "-m", "u:1234:r", from.at("mode")});
    if (is_root()) from.device("null", S_IFCHR, 1, 3).owner("mode", 1234, 2345);
    TreeBuilder to(at("dst"));
    to.file("equal", "equal").file("a", "older").file("older", "newer target", 0644, kNewTime);
    to.file("large", noise(900'000, 2).replace(1000, 3, "xyz")).file("extra", "extra");
    to.file("gone/one", "1").file("gone/two.tmp", "2").file("sub/y.log", "protected by a rule");
    to.file("mode", "mode", 0644).file("two.tmp", "extra and left out");
    // Made just now, they may or may not have the same time.
    for (const char* const directory : {"sub/deep", "sub", "empty", ""}) {
      from.time(directory, kNewTime);
    }
    for (const char* const directory : {"gone", "sub", ""}) to.time(directory, kOldTime);
    TreeBuilder(root()).file("rules", "*.tmp\n").file("names", "a\nsub/deep/d\nempty\n");
    TreeBuilder(root()).file("names0", std::string("a\0sub/", 6));
  }

  [[nodiscard]] Arguments arguments() const {
    const Decision& decision = GetParam();
    Arguments out = decision.arguments;
    if (out.empty()) out = {decision.option};
    for (std::string& argument : out) {
      for (const auto& [word, name] : {std::pair{"RULES", "rules"},
                                       {"NAMES0", "names0"},
                                       {"NAMES", "names"},
                                       {"LOG", "log"}}) {
        if (argument.ends_with(std::string("=") + word)) {
          argument.replace(argument.rfind('=') + 1, std::string::npos, at(name));
        }
      }
    }
    return out;
  }

  [[nodiscard]] static bool leaves_fast_paths() {
    return GetParam().option == std::string("--no-fast-path");
  }

  Outcome run_over(Route route) {
    build();
    Arguments words = {GetParam().verb};
    const Arguments options = arguments();
    words.insert(words.end(), options.begin(), options.end());
    const bool compared = GetParam().on == On::kEveryRoute;
    if (compared) words.insert(words.end(), {"--json", "-vv"});
    words.insert(words.end(), {source_slash(), target_path()});
    Outcome out;
    out.finished = robosync(over(route, std::move(words)));
    out.source = read_tree(at("src"));
    out.target = read_tree(at("dst"));
    if (!compared || out.finished.exit_code == kExitUsage) return out;
    const JsonOutput json = parse_json_output(out.finished.out);
    out.counters = comparable(json.summary);
    if (leaves_fast_paths()) {
      out.counters.erase("staged_directories");
      out.counters.erase("sparse_files");
    }
    out.events = comparable(json.events);
    return out;
  }
};

TEST_P(OptionRoutes, Row24_ComesToTheSameOrIsRefused) {
  const Outcome local = run_over(Route::kLocal);
  if (GetParam().on == On::kConnection) {
    EXPECT_EQ(kExitUsage, local.finished.exit_code) << local.finished.describe();
    return;
  }
  for (const Route route : {Route::kPush, Route::kPull}) {
    SCOPED_TRACE(route == Route::kPush ? "push" : "pull");
    const Outcome there = run_over(route);
    if (GetParam().on == On::kHereOnly) {
      ROBOSYNC_EXPECT_EXIT(kExitRefused, there.finished);
      continue;
    }
    ROBOSYNC_EXPECT_EXIT(local.finished.exit_code, there.finished);
    Aspects aspects = all_aspects();
    aspects.recent_seconds = std::time(nullptr) - 600;
    aspects.holes = !leaves_fast_paths();
    EXPECT_EQ("", differences(local.source, there.source, aspects));
    EXPECT_EQ("", differences(local.target, there.target, aspects)) << there.finished.describe();
    EXPECT_EQ(local.counters.dump(1), there.counters.dump(1));
    EXPECT_EQ("", list_differences(local.events, there.events));
  }
}

INSTANTIATE_TEST_SUITE_P(All, OptionRoutes, ::testing::ValuesIn(decisions()), [](const auto& info) {
  std::string name;
  for (const char c : std::string(info.param.option)) {
    name += c == '-' ? '_' : c;
  }
  return name.substr(2);
});

TEST_F(EndToEnd, Row24_EveryOptionHasADecisionForEveryRoute) {
  std::set<std::string> decided;
  for (const Decision& decision : decisions()) decided.insert(decision.option);
  const std::regex option(R"(^ +(?:-\S,)?\s*(--[a-z][a-z0-9-]*))");
  std::set<std::string> options;
  for (const char* verb : {"copy", "mirror", "move", "verify"}) {
    for (const std::string& line : sorted_lines(robosync({verb, "--help"}).out)) {
      std::smatch match;
      if (std::regex_search(line, match, option)) options.insert(match[1]);
    }
  }
  options.erase("--help");
  for (const std::string& one : options) {
    EXPECT_TRUE(decided.contains(one)) << one << ": what does it do over a connection?";
  }
  for (const std::string& one : decided) EXPECT_TRUE(options.contains(one)) << one;
}

}  // namespace
}  // namespace robosync::e2e
