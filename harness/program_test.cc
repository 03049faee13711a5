#include "harness/program.h"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judgement.h"
#include "harness/merge_reports.h"
#include "harness/report/json.h"
#include "harness/text_file.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ProgramTest : public testing::Test {
 protected:
  void SetUp() override {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ = fs::path(testing::TempDir()) / (std::string("program-") + test->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  int run(const std::vector<std::string>& words) {
    out_.clear();
    err_.clear();
    Program program{.self = "robosync-parity",
                    .executor = *executor_,
                    .cleanup_executor = *executor_,
                    .cancellation = cancellation_,
                    .out = [this](const std::string& text) { out_ += text; },
                    .err = [this](const std::string& text) { err_ += text; }};
    return run_parity(words, program);
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  // A report with one cell of robosync and one of rsync.
  std::string write_report(const std::string& name, const std::string& dataset,
                           CheckOutcome outcome = CheckOutcome::kPass) {
    Report report;
    report.suite = "smoke";
    report.started_at = "2026-01-01T00:00:00Z";
    report.environment.machine_class = "linux-x86_64-2cpu";
    for (const char* tool : {"robosync", "rsync"}) {
      Cell cell{.tool = tool,
                .dataset = dataset,
                .link = "localhost",
                .route = "local",
                .phase = "first",
                .state = CellState::kValid};
      cell.samples = {{.wall_s = 1, .verified = true}};
      report.cells.push_back(cell);
    }
    report.checks = {{.check = "mtime.file", .tool = "robosync", .outcome = outcome}};
    EXPECT_TRUE(write_text_file(path(name), report_to_json(report)));
    return path(name);
  }

  fs::path folder_;
  base::Cancellation cancellation_;
  std::unique_ptr<Executor> executor_ = make_process_executor(nullptr);
  std::string out_;
  std::string err_;
};

TEST_F(ProgramTest, HelpAndVersionGoToStandardOutput) {
  EXPECT_EQ(run({"--help"}), kExitOk);
  for (const char* command :
       {"datasets", "generate", "run", "check", "gate", "report", "history", "64"}) {
    EXPECT_THAT(out_, HasSubstr(command));
  }
  EXPECT_EQ(run({"--version"}), kExitOk);
  EXPECT_THAT(out_, HasSubstr("robosync-parity "));
  EXPECT_EQ(run({"run", "--help"}), kExitOk);
  EXPECT_THAT(out_, HasSubstr("--suite"));
  EXPECT_EQ(err_, "");
}

TEST_F(ProgramTest, WordsThatMakeNoSenseAreAUsageError) {
  const std::vector<std::vector<std::string>> rows = {
      {},
      {"measure"},
      {"run"},
      {"gate"},
      {"generate", "tiny"},
      {"report", "a.json"},
      {"run", "--report", path("r"), "--suite", "everything"},
      {"run", "--report", path("r"), "--tools", "scp"},
      {"run", "--report", path("r"), "--links", "token-ring"},
      {"run", "--report", path("r"), "--datasets", "no-such-data"},
      {"run", "--report", path("r"), "--datasets", "tiny,tiny@0.5"},
      {"run", "--report", path("r"), "--routes", "both"},
      {"run", "--report", path("r"), "--repeat", "0"},
      {"run", "--report", path("r"), "--links", "remote"},
      {"digest", path(""), "--aspects", "smell"},
      {"run", "--report", path("r"), "--robosync", "/no/such/robosync"},
      {"generate", "no-such-data", "--out", path("d")},
  };
  for (const std::vector<std::string>& words : rows) {
    EXPECT_EQ(run(words), kExitUsage) << (words.empty() ? "" : words.back());
    EXPECT_THAT(err_, HasSubstr("robosync-parity"));
    EXPECT_EQ(out_, "");
    EXPECT_FALSE(fs::exists(path("r")));
  }
}

TEST_F(ProgramTest, DatasetsAreListed) {
  EXPECT_EQ(run({"datasets"}), kExitOk);
  EXPECT_THAT(out_, HasSubstr("small-10k"));
}

TEST_F(ProgramTest, EqualTreesHaveOneDigest) {
  for (const char* name : {"one", "two"}) {
    fs::create_directories(folder_ / name);
    std::ofstream(folder_ / name / "file") << "content";
  }
  const std::string names_and_content = "modes";
  ASSERT_EQ(run({"digest", path("one"), "--aspects", names_and_content}), kExitOk) << err_;
  const std::string first = out_;
  EXPECT_GT(first.size(), 16U);
  EXPECT_EQ(run({"digest", path("two"), "--aspects", names_and_content}), kExitOk);
  EXPECT_EQ(out_, first);
  std::ofstream(folder_ / "two" / "file") << "other";
  EXPECT_EQ(run({"digest", path("two"), "--aspects", names_and_content}), kExitOk);
  EXPECT_NE(out_, first);
  EXPECT_EQ(run({"digest", path("none")}), kExitFault);
}

TEST_F(ProgramTest, GenerateMakesTheFilesAndTellsTheDigest) {
  EXPECT_EQ(run({"generate", "small-10k", "--out", path("data"), "--scale", "0.01"}), kExitOk)
      << err_;
  EXPECT_THAT(out_, HasSubstr("100 files"));
  EXPECT_THAT(out_, HasSubstr("digest "));
  EXPECT_TRUE(fs::is_directory(path("data")));
  EXPECT_EQ(run({"generate", "small-10k", "--out", path("data")}), kExitFault);
}

TEST_F(ProgramTest, TheGatesVerdictIsTheExitCode) {
  EXPECT_EQ(run({"gate", write_report("good.json", "a")}), 0);
  EXPECT_EQ(run({"gate", write_report("bad.json", "a", CheckOutcome::kFail)}), 2);
  EXPECT_THAT(out_, HasSubstr("mtime.file"));
  write_text_file(path("policy.json"),
                  R"({"schema": 1, "subject": "robosync",
                      "ratios": [{"peer": "rsync", "ratio_max": 0.5}],
                      "regression": {"factor_max": 1.25, "wall_s_min": 0.05},
                      "checks": {"required": [], "accepted": []}})")
      .value();
  EXPECT_EQ(run({"gate", write_report("slow.json", "a"), "--policy", path("policy.json")}), 1)
      << out_ << err_;
  EXPECT_EQ(run({"gate", write_report("slow.json", "a"), "--policy", path("policy.json"), "--slack",
                 "2"}),
            0)
      << out_ << err_;
}

TEST_F(ProgramTest, FilesThatCannotBeReadAreFaultsThatNameThem) {
  EXPECT_EQ(run({"gate", path("none.json")}), kExitFault);
  EXPECT_THAT(err_, HasSubstr("none.json"));
  write_text_file(path("torn.json"), "{").value();
  EXPECT_EQ(run({"gate", path("torn.json")}), kExitFault);
  EXPECT_THAT(err_, HasSubstr("torn.json"));
}

TEST_F(ProgramTest, ReportsOfDifferentCellsBecomeOnePage) {
  const std::string a = write_report("a.json", "a");
  const std::string b = write_report("b.json", "b");
  EXPECT_EQ(run({"report", a, b, "--html", path("page.html")}), kExitOk) << err_;
  EXPECT_THAT(read_text_file(path("page.html")).value(), HasSubstr("<html"));
  EXPECT_EQ(run({"report", a, "--markdown"}), kExitOk);
  EXPECT_NE(out_, "");
  EXPECT_EQ(run({"report", a, a, "--html", path("twice.html")}), kExitUsage);
  EXPECT_THAT(err_, HasSubstr("history"));
  EXPECT_FALSE(fs::exists(path("twice.html")));
}

TEST(MergeReports, AddsWhatIsNewAndComparesNoToolAcrossRuns) {
  Report first;
  first.suite = "ci";
  first.duration_s = 2;
  first.tools = {{.name = "robosync"}};
  first.datasets = {{.name = "tiny"}};
  first.cells = {{.tool = "robosync", .dataset = "tiny"}};
  first.checks = {{.check = "mtime.file", .tool = "robosync", .outcome = CheckOutcome::kPass}};
  Report second = first;
  second.duration_s = 3;
  second.tools.push_back({.name = "rsync"});
  second.datasets.push_back({.name = "mixed", .scale = 0.1});
  second.cells = {{.tool = "robosync", .dataset = "mixed"}, {.tool = "rsync", .dataset = "mixed"}};
  second.checks.push_back({.check = "mtime.file", .tool = "rsync"});

  const auto merged = merge_reports({first, second});
  ASSERT_TRUE(merged) << merged.error().message();
  EXPECT_EQ(merged->suite, "ci");
  EXPECT_EQ(merged->duration_s, 5);
  EXPECT_EQ(merged->tools.size(), 2U);
  EXPECT_EQ(merged->datasets.size(), 2U);
  EXPECT_EQ(merged->cells.size(), 3U);
  EXPECT_EQ(merged->checks.size(), 2U);

  EXPECT_FALSE(merge_reports({first, first}));
  second.cells[1] = {.tool = "rsync", .dataset = "tiny"};
  EXPECT_FALSE(merge_reports({first, second})) << "a cell of another tool, of another run";
  second.cells.clear();
  EXPECT_TRUE(merge_reports({first, second}));
  second.datasets[0].scale = 0.5;
  EXPECT_FALSE(merge_reports({first, second}));
}

TEST_F(ProgramTest, HistoryPassesOverWhatIsNoReport) {
  fs::create_directories(folder_ / "runs" / "one");
  fs::rename(write_report("a.json", "a"), folder_ / "runs" / "one" / "report.json");
  write_text_file(path("runs/other.json"), "[]").value();
  EXPECT_EQ(run({"history", path("runs"), "--html", path("h.html")}), kExitOk) << err_;
  EXPECT_THAT(err_, HasSubstr("other.json"));
  EXPECT_THAT(out_, HasSubstr("1 runs"));
  EXPECT_TRUE(fs::exists(path("h.html")));
  EXPECT_EQ(run({"history", path("nowhere"), "--html", path("h.html")}), kExitFault);
}

TEST_F(ProgramTest, ARunThatIsCancelledWritesNoReport) {
  cancellation_.request();
  EXPECT_NE(run({"check", "--tools", "rsync", "--only", "mtime", "--scratch", path("s"), "--report",
                 path("none/r.json")}),
            0);
  EXPECT_THAT(err_, HasSubstr("for the report"));
  EXPECT_EQ(run({"check", "--tools", "rsync", "--only", "mtime", "--scratch", path("s"), "--report",
                 path("r.json")}),
            kExitInterrupted)
      << err_;
  EXPECT_FALSE(fs::exists(path("r.json")));
  EXPECT_TRUE(fs::is_empty(path("s")));
}

TEST_F(ProgramTest, ACheckWritesAReport) {
  EXPECT_EQ(run({"check", "--tools", "robocopy,robosync", "--robosync", "", "--only", "mtime.file",
                 "--scratch", path("s"), "--report", path("r.json")}),
            kExitOk)
      << err_;
  const auto report = read_report(path("r.json"));
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->suite, "check");
  ASSERT_EQ(report->tools.size(), 2U);
  EXPECT_FALSE(report->checks.empty());
  EXPECT_TRUE(report->cells.empty());
  EXPECT_TRUE(fs::is_empty(path("s")));
}

TEST_F(ProgramTest, ATextFileAppearsWhole) {
  ASSERT_TRUE(write_text_file(path("t"), "one"));
  ASSERT_TRUE(write_text_file(path("t"), "two"));
  EXPECT_EQ(read_text_file(path("t")).value(), "two");
  EXPECT_FALSE(write_text_file(path("none/t"), "x"));
  EXPECT_FALSE(read_text_file(path("none")));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace robosync::parity
