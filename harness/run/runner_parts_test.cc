// Of the runner's smaller parts: plans, strace's table, Google Benchmark's results, scratch space,
// warnings.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/dataset/disk.h"
#include "harness/run/adapters.h"
#include "harness/run/environment.h"
#include "harness/run/link.h"
#include "harness/run/micro_benchmarks.h"
#include "harness/run/plan.h"
#include "harness/run/runner.h"
#include "harness/run/scratch.h"
#include "harness/run/system_calls.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(Plan, EverySuiteNamesOnlyWhatExists) {
  for (const std::string& suite : suite_names()) {
    const auto plan = suite_plan(suite);
    ASSERT_TRUE(plan) << suite;
    EXPECT_EQ(plan->suite, suite);
    for (const DatasetChoice& choice : plan->datasets) {
      EXPECT_TRUE(find_dataset(choice.name)) << suite << " " << choice.name;
    }
    for (const std::string& tool : plan->tools) EXPECT_THAT(adapter_names(), Contains(tool));
    for (const std::string& link : plan->links) EXPECT_THAT(link_names(), Contains(link));
    for (const OnlyDatasets& limited : plan->only) {
      EXPECT_THAT(limited.link_or_tool, testing::AnyOf(testing::AnyOfArray(link_names()),
                                                       testing::AnyOfArray(adapter_names())));
      for (const std::string& name : limited.datasets) {
        EXPECT_THAT(plan->datasets, Contains(testing::Field(&DatasetChoice::name, name))) << suite;
      }
    }
  }
  EXPECT_FALSE(suite_plan("tiny"));
}

TEST(Plan, TheFullSuiteEndsAndHasTheMicroBenchmarks) {
  EXPECT_EQ(suite_plan("full")->minutes_max, 75);
  EXPECT_EQ(suite_plan("release")->minutes_max, 0);
  EXPECT_GT(suite_plan("release")->repeat, suite_plan("full")->repeat);
  for (const char* suite : {"ci", "full", "release"}) {
    EXPECT_TRUE(suite_plan(suite)->micro_benchmarks) << suite;
  }
  EXPECT_FALSE(suite_plan("smoke")->micro_benchmarks);
}

TEST(Plan, OverASlowLinkAndWithASlowToolOnlySomeDatasetsAreMeasured) {
  const Plan plan{.only = {{"wan", {"names"}}, {"rclone", {"links"}}}};
  EXPECT_TRUE(plan.measures("links", "rclone"));
  EXPECT_FALSE(plan.measures("names", "rclone"));
  EXPECT_TRUE(plan.measures("names", "wan"));
  EXPECT_FALSE(plan.measures("large-1", "wan"));
  EXPECT_TRUE(plan.measures("large-1", "localhost"));
}

TEST(Plan, DatasetChoiceTakesAScale) {
  const auto plain = dataset_choice("small-10k");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->scale, 1);
  const auto scaled = dataset_choice("small-10k@0.25");
  ASSERT_TRUE(scaled);
  EXPECT_EQ(scaled->name, "small-10k");
  EXPECT_EQ(scaled->scale, 0.25);
  for (const char* bad : {"a@", "a@0", "a@-1", "a@x", "a@1x", "a@nan", "a@1001"}) {
    const auto choice = dataset_choice(bad);
    ASSERT_FALSE(choice) << bad;
    EXPECT_EQ(choice.error().kind, base::ErrorKind::kUsage);
  }
}

TEST(Plan, RoutesAndPhasesAreReadByTheirNames) {
  for (const Route route : {Route::kLocal, Route::kPush, Route::kPull}) {
    EXPECT_EQ(route_of(to_string(route)).value(), route);
  }
  for (const Phase phase : {Phase::kFirst, Phase::kNoop, Phase::kIncremental, Phase::kMirror}) {
    EXPECT_EQ(phase_of(to_string(phase)).value(), phase);
  }
  EXPECT_FALSE(route_of("both"));
  EXPECT_FALSE(phase_of("second"));
}

TEST(SystemCalls, TheTableIsSummedWithoutItsTotal) {
  constexpr std::string_view kTable =
      "% time     seconds  usecs/call     calls    errors syscall\n"
      "------ ----------- ----------- --------- --------- ----------------\n"
      " 60.00    0.000060           6        10           openat\n"
      " 40.00    0.000040           4        20         3 newfstatat\n"
      "------ ----------- ----------- --------- --------- ----------------\n"
      "100.00    0.000100           3        30         3 total\n";
  EXPECT_EQ(sum_of_strace_table(kTable), 30U);
  EXPECT_EQ(sum_of_strace_table("strace: not found\n"), std::nullopt);
  EXPECT_EQ(system_calls_counted("/no/such/file"), std::nullopt);
}

TEST(MicroBenchmarks, UnitsAreTurnedIntoNanoseconds) {
  const auto results = micro_benchmarks_of(
      R"({"context": {}, "benchmarks": [
          {"name": "a", "iterations": 7, "real_time": 2.5, "cpu_time": 2, "time_unit": "us"},
          {"name": "b", "error_occurred": true}]})");
  ASSERT_TRUE(results);
  ASSERT_EQ(results->size(), 1U);
  EXPECT_EQ(results->front().name, "a");
  EXPECT_EQ(results->front().real_time_ns, 2500);
  EXPECT_EQ(results->front().iterations, 7U);
  EXPECT_FALSE(micro_benchmarks_of("no json"));
  EXPECT_FALSE(micro_benchmarks_of("{}"));
}

TEST(Scratch, IsRemovedWhateverItsPermissions) {
  std::string path;
  {
    auto scratch = Scratch::make(testing::TempDir() + "/made/for/this", 0);
    ASSERT_TRUE(scratch) << scratch.error().message();
    path = scratch->path();
    const auto folder = scratch->make_folder("a");
    ASSERT_TRUE(folder);
    fs::create_directories(*folder + "/closed/inner");
    std::ofstream(*folder + "/closed/inner/file") << "x";
    fs::permissions(*folder + "/closed/inner", fs::perms::owner_read);
    fs::permissions(*folder + "/closed", fs::perms::none);
    const auto free = scratch->free_bytes();
    ASSERT_TRUE(free);
    EXPECT_GT(*free, 0U);
  }
  EXPECT_FALSE(fs::exists(path));
}

// Windows' plain calls end at 260 characters.
TEST(Scratch, IsRemovedHoweverDeep) {
  auto scratch = Scratch::make(testing::TempDir(), 0);
  ASSERT_TRUE(scratch);
  const auto disk = open_disk(scratch->path());
  ASSERT_TRUE(disk);
  std::string path = "top";
  for (int level = 0; level < 30; ++level) {
    ASSERT_TRUE((*disk)->make_directory(path));
    path += "/a-name-of-some-length";
  }
  ASSERT_TRUE((*disk)->make_file(path, 10));
  ASSERT_TRUE((*disk)->set(path, {.mode = 0444}));
  const auto removed = remove_tree(scratch->path() + "/top");
  EXPECT_TRUE(removed) << removed.error().message();
  EXPECT_FALSE(fs::exists(scratch->path() + "/top"));
  EXPECT_TRUE(remove_tree(scratch->path() + "/top")) << "nothing there is no fault";
}

TEST(Scratch, FoldersOfOneNameAreDifferentFolders) {
  auto scratch = Scratch::make(testing::TempDir(), 0);
  ASSERT_TRUE(scratch);
  EXPECT_NE(scratch->make_folder("a").value(), scratch->make_folder("a").value());
}

TEST(Space, IsThatOfAllTreesAtTheSameTime) {
  const std::uint64_t one = space_needed({.files = 1, .bytes = 4096}, 1);
  EXPECT_GT(one, 4U * 4096U);
  EXPECT_GT(space_needed({.files = 1, .bytes = 4096}, 3), one);
}

TEST(Warnings, SayWhatToDo) {
  Report report;
  report.environment.processors = 2;
  report.environment.load_before = 1.5;
  report.environment.scratch_file_system = "ext4";
  report.cells = {{.tool = "robosync", .state = CellState::kValid}};
  report.cells[0].samples = {{.wall_s = 1, .verified = true}};
  const std::vector<std::string> warnings = warnings_of(report);
  EXPECT_THAT(warnings, ElementsAre(HasSubstr("load average 1.5"), HasSubstr("--scratch"),
                                    HasSubstr("--repeat")));
}

TEST(Warnings, AQuietRunOnTmpfsHasNone) {
  Report report;
  report.environment.processors = 2;
  report.environment.load_before = 1.0;
  report.environment.scratch_file_system = "tmpfs";
  report.cells = {{.tool = "robosync", .state = CellState::kValid}};
  for (const double wall_s : {1.0, 1.01, 0.99}) {
    report.cells[0].samples.push_back({.wall_s = wall_s, .verified = true});
  }
  EXPECT_THAT(warnings_of(report), ElementsAre());
}

TEST(Environment, TellsTheBuildOfABinaryByItsFolder) {
  const fs::path folder = fs::path(testing::TempDir()) / "parity-build";
  fs::create_directories(folder / "bin");
  std::ofstream(folder / "bin" / "robosync") << "";
  const std::string program = (folder / "bin" / "robosync").string();
  EXPECT_EQ(build_doubt(program), "");
  std::ofstream(folder / "CMakeCache.txt") << "CMAKE_BUILD_TYPE:STRING=Debug\n";
  EXPECT_EQ(build_doubt(program), "a debug build");
  std::ofstream(folder / "CMakeCache.txt")
      << "CMAKE_BUILD_TYPE:STRING=Release\nROBOSYNC_SANITIZE:STRING=thread\n";
  EXPECT_EQ(build_doubt(program), "built with sanitizers (thread)");
  fs::remove_all(folder);
}

TEST(Environment, KnowsItsClass) {
  const Environment environment = read_environment(testing::TempDir());
  EXPECT_THAT(environment.machine_class,
              HasSubstr("-" + std::to_string(environment.processors) + "cpu"));
  EXPECT_GT(environment.memory_bytes, 0U);
  EXPECT_EQ(utc_now().size(), std::string("2026-01-01T00:00:00Z").size());
}

}  // namespace
}  // namespace robosync::parity
