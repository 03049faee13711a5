// The schema and the reports must not drift apart: a validator that is not ours judges both.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "harness/report/json.h"
#include "harness/report/report_testing.h"

namespace robosync::parity {
namespace {

namespace stdfs = std::filesystem;
using Json = nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;

const stdfs::path kSource = ROBOSYNC_SOURCE_DIR;

std::string content_of(const stdfs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

class Schema : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run("python3 -c 'import jsonschema'"), 0) << "install python3-jsonschema";
  }

  // The validator's exit code: 0 valid, 1 not; what it says is in said(). Several reports are
  // judged at once, since starting it takes longer than judging.
  int validate(const std::vector<std::string>& reports) {
    std::string command = "python3 '" + (kSource / "reports/schema/validate.py").string() + "'";
    for (std::size_t i = 0; i < reports.size(); ++i) {
      const stdfs::path file = folder_ / ("report" + std::to_string(i));
      std::ofstream(file, std::ios::binary) << reports[i];
      command += " '" + file.string() + "'";
    }
    return run(command);
  }

  [[nodiscard]] std::string said() const { return content_of(folder_ / "said"); }

 private:
  [[nodiscard]] int run(const std::string& command) const {
    int status = std::system((command + " >'" + (folder_ / "said").string() + "' 2>&1").c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  class Folder {
   public:
    Folder() {
      std::string name = (stdfs::temp_directory_path() / "robosync_schema.XXXXXX").string();
      path_ = mkdtemp(name.data());
    }
    ~Folder() {
      std::error_code ignored;
      stdfs::remove_all(path_, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    Folder(Folder&&) = delete;
    Folder& operator=(Folder&&) = delete;
    [[nodiscard]] stdfs::path operator/(const std::string& name) const { return path_ / name; }

   private:
    stdfs::path path_;
  };
  Folder folder_;
};

TEST_F(Schema, AcceptsAFullReport) {
  Verdict verdict;
  verdict.exit = GateExit::kRegression;
  verdict.findings = {{.kind = FindingKind::kNoisy, .subject = "a", .text = "\xFF", .advice = ""}};
  EXPECT_EQ(validate({report_to_json(sample_report(), &verdict)}), 0) << said();
}

TEST_F(Schema, AcceptsAnEmptyReport) {
  Report report;
  report.started_at = "2026-03-04T05:06:07Z";
  EXPECT_EQ(validate({report_to_json(report)}), 0) << said();
}

TEST_F(Schema, RefusesBrokenReportsAndNamesThePlace) {
  struct Broken {
    const char* place;
    void (*edit)(Json&);
  };
  const std::vector<Broken> table = {
      {"cells[3].samples[0].wall_s:",
       [](Json& json) { json["cells"][3]["samples"][0]["wall_s"] = "fast"; }},
      {"cells[0].files:", [](Json& json) { json["cells"][0]["files"] = -1; }},
      {"schema:", [](Json& json) { json["schema"] = 2; }},
      {"cells[0]:", [](Json& json) { json["cells"][0].erase("state"); }},
      {"checks[0].outcome:", [](Json& json) { json["checks"][0]["outcome"] = "ok"; }},
      {"started_at:", [](Json& json) { json["started_at"] = "yesterday"; }},
      // A text and its base64 form exclude each other, and one is needed.
      {"environment:", [](Json& json) { json["environment"]["scratch_path"] = "/tmp"; }},
      {"environment:", [](Json& json) { json["environment"].erase("host"); }},
      // A cell that is said to be valid holds no unverified sample; only such a cell has figures.
      {"cells[0].samples[0].verified:",
       [](Json& json) { json["cells"][0]["samples"][0]["verified"] = false; }},
      {"cells[0]:", [](Json& json) { json["cells"][0]["state"] = "invalid"; }},
  };
  Report small = sample_report();
  small.cells.resize(4);
  std::vector<std::string> reports = {report_to_json(small)};
  for (const Broken& broken : table) {
    Json json = Json::parse(reports[0]);
    broken.edit(json);
    reports.push_back(json.dump());
  }
  EXPECT_EQ(validate(reports), 1);
  EXPECT_THAT(said(), Not(HasSubstr("report0:")));
  for (std::size_t i = 0; i < table.size(); ++i) {
    EXPECT_THAT(said(), HasSubstr("report" + std::to_string(i + 1) + ": " + table[i].place));
  }
}

TEST(DefaultPolicy, IsOneThatTheGateReads) {
  const auto policy = policy_from_json(content_of(kSource / "reports/policy.json"));
  ASSERT_TRUE(policy) << policy.error().message();
  EXPECT_EQ(policy->subject, "robosync");
  EXPECT_GE(policy->ratios.size(), 10U);
  // The sample has robosync differ in two checks, which nothing accepts.
  const auto verdict = judge(sample_report(), nullptr, *policy, {});
  ASSERT_TRUE(verdict) << verdict.error().message();
  EXPECT_EQ(verdict->exit, GateExit::kParityBroken);
  EXPECT_GT(verdict->ratios_judged, 10U);
}

}  // namespace
}  // namespace robosync::parity
