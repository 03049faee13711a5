// --remote against an sshd of the test's own, on a free port of this machine and with a throw-away
// key.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/judgement.h"
#include "harness/program.h"
#include "harness/run/adapters.h"
#include "harness/run/remote_link.h"
#include "harness/run/scratch.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Remote : public testing::Test {
 protected:
  void SetUp() override {
    const auto tool = make_rsync_ssh_adapter();
    const Tool probed = tool->probe(*executor_, scratch_.path());
    ASSERT_TRUE(probed.available) << probed.reason;
    auto server = tool->start_server({.route = Route::kPush,
                                      .root = scratch_.path(),
                                      .scratch = scratch_.make_folder("sshd").value(),
                                      .host = "127.0.0.1"},
                                     *executor_);
    ASSERT_TRUE(server) << server.error().message();
    server_ = std::move(*server);
    std::ofstream(config_) << "Host far\n HostName 127.0.0.1\n Port " << server_.address.port
                           << "\n IdentityFile " << server_.address.identity
                           << "\n IdentitiesOnly yes\n StrictHostKeyChecking no\n"
                              " UserKnownHostsFile /dev/null\n LogLevel ERROR\n";
  }

  [[nodiscard]] RemoteHost host() const {
    return {.name = "far",
            .ssh_config = config_,
            .parity = beside("robosync-parity"),
            .robosync = beside("robosync")};
  }

  static std::string beside(const std::string& name) {
    return (fs::read_symlink("/proc/self/exe").parent_path() / name).string();
  }

  std::unique_ptr<Executor> executor_ = make_process_executor(nullptr);
  Scratch scratch_ = Scratch::make(testing::TempDir(), 0).value();
  std::string config_ = scratch_.path() + "/ssh_config";
  Server server_;
  base::Cancellation cancellation_;
  std::string said_;
  Program program_{.self = beside("robosync-parity"),
                   .executor = *executor_,
                   .cleanup_executor = *executor_,
                   .cancellation = cancellation_,
                   .out = [this](const std::string& text) { said_ += text; },
                   .err = [this](const std::string& text) { said_ += text; }};
};

TEST_F(Remote, ReadsTreesThereAndLeavesNothing) {
  std::string folder;
  {
    const auto link = make_remote_link(host(), *executor_);
    ASSERT_TRUE(link->record.available) << link->record.reason;
    FarSide& far = *link->far_side();
    folder = far.make_folder("a").value();
    EXPECT_NE(far.make_folder("a").value(), folder);
    // The same machine, seen from both ends.
    fs::create_directories(folder + "/tree/closed");
    std::ofstream(folder + "/tree/it's") << "content";
    const TreeImage here = read_tree_image(folder + "/tree").value();
    EXPECT_EQ(far.digest(folder + "/tree", {}).value(), tree_digest(here, {}));
    const std::string before = far.digest(folder + "/tree", {}).value();
    std::ofstream(folder + "/tree/it's") << "CONTENT";
    EXPECT_NE(far.digest(folder + "/tree", {}).value(), before);
    EXPECT_FALSE(far.digest(folder + "/none", {}));
    EXPECT_EQ(far.remove(scratch_.path()).error().kind, base::ErrorKind::kRefused);
    EXPECT_TRUE(fs::exists(scratch_.path()));
    fs::permissions(folder + "/tree/closed", fs::perms::none);
    EXPECT_TRUE(far.remove(folder + "/tree"));
    EXPECT_FALSE(fs::exists(folder + "/tree"));
    EXPECT_TRUE(far.remove(folder + "/tree")) << "gone already";
  }
  EXPECT_FALSE(fs::exists(fs::path(folder).parent_path()));
}

TEST_F(Remote, AHostThatCannotBeUsedSaysWhy) {
  RemoteHost nobody = host();
  nobody.name = "nobody.invalid";
  const auto link = make_remote_link(nobody, *executor_);
  EXPECT_FALSE(link->record.available);
  EXPECT_THAT(link->record.reason, HasSubstr("ssh: "));
  RemoteHost without = host();
  without.robosync = "/no/such/robosync";
  EXPECT_THAT(make_remote_link(without, *executor_)->record.reason,
              HasSubstr("there is no /no/such/robosync to copy"));
}

TEST_F(Remote, ARunPushesThereAndVerifiesThere) {
  const std::string file = scratch_.path() + "/report.json";
  ASSERT_EQ(run_parity({"run", "--remote", "far", "--ssh-config", config_, "--datasets",
                        "small-10k@0.01", "--phases", "first,incremental", "--repeat", "1",
                        "--no-checks", "--robosync", beside("robosync"), "--scratch",
                        scratch_.make_folder("run").value(), "--report", file},
                       program_),
            0)
      << said_;
  const auto report = read_report(file);
  ASSERT_TRUE(report) << report.error().message();
  ASSERT_EQ(report->links.size(), 1U);
  EXPECT_EQ(report->links.front().name, "remote");
  EXPECT_TRUE(report->links.front().available) << report->links.front().reason;
  int measured = 0;
  for (const Cell& cell : report->cells) {
    EXPECT_EQ(cell.route, "push");
    if (cell.tool != "rsync-ssh") continue;
    ++measured;
    EXPECT_EQ(cell.state, CellState::kValid) << cell.phase << ": " << cell.reason;
    ASSERT_EQ(cell.samples.size(), 1U);
    EXPECT_TRUE(cell.samples.front().verified);
  }
  EXPECT_EQ(measured, 2);
}

TEST_F(Remote, AProgramNamedByARelativePathIsFoundOverSsh) {
  const std::string file = scratch_.path() + "/report.json";
  ASSERT_EQ(run_parity(
                {"check", "--tools", "robosync-ssh", "--routes", "push,pull", "--only",
                 "mtime.file", "--robosync", std::filesystem::relative(beside("robosync")).string(),
                 "--scratch", scratch_.make_folder("run").value(), "--report", file},
                program_),
            0)
      << said_;
  const auto report = read_report(file);
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(report->checks.empty());
  for (const CheckResult& check : report->checks) {
    EXPECT_EQ(check.outcome, CheckOutcome::kPass) << check.column() << ": " << check.detail;
  }
}

}  // namespace
}  // namespace robosync::parity
