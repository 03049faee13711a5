#include "harness/run/adapters.h"

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "harness/run/executor_testing.h"
#include "harness/run/private_sshd.h"

namespace robosync::parity {
namespace {

using testing::HasSubstr;

struct Row {
  const char* tool;
  Job job;
  const char* expected;  // without the program; "" for kUnsupported
};

Job copy() { return {.source = "/s", .target = "/t"}; }

Job mirror() {
  Job job = copy();
  job.verb = Verb::kMirror;
  return job;
}

Job with(Job job, const std::function<void(Job&)>& change) {
  change(job);
  return job;
}

Job far(Route route, Verb verb = Verb::kCopy) {
  return {.verb = verb,
          .route = route,
          .source = "/srv/source",
          .target = "/srv/target",
          .server = {.host = "10.0.0.2", .port = 999, .root = "/srv", .identity = "/k"}};
}

void all_options(Job& job) {
  job.hard_links = true;
  job.sparse = true;
  job.checksum = true;
  job.modify_window_s = 2;
  job.excludes = {"*.o", "tmp"};
}

// The words after the program, joined by blanks.
std::string words_of(const ToolAdapter& tool, const Job& job) {
  const base::Result<Command> command = tool.command(job);
  if (!command) {
    EXPECT_EQ(command.error().kind, base::ErrorKind::kUnsupported);
    EXPECT_FALSE(command.error().context.empty());
    return {};
  }
  std::string text;
  for (std::size_t i = 1; i < command->words.size(); ++i) {
    text.append(i == 1 ? "" : " ").append(command->words[i]);
  }
  return text;
}

TEST(Adapters, Commands) {
  const auto itself = [](Job& job) { job.form = SourceForm::kItself; };
  const std::string ssh =
      "ssh -p 999 -i /k -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no -o "
      "UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
  const std::string over_ssh = "-a -e " + ssh + " /srv/source/ 10.0.0.2:/srv/target/";
  const std::vector<Row> rows = {
      {"robosync", copy(), "copy --quiet /s/ /t"},
      {"robosync", mirror(), "mirror --quiet --yes /s/ /t"},
      {"robosync", with(copy(), itself), "copy --quiet /s /t"},
      {"robosync", with(copy(), [](Job& job) { job.threads = 3; }),
       "copy --quiet --threads 3 /s/ /t"},
      {"robosync", with(copy(), all_options),
       "copy --quiet --hard-links --sparse --checksum --modify-window 2 --exclude *.o --exclude "
       "tmp /s/ /t"},
      {"robosync", far(Route::kPush), ""},
      {"robosync-tls", copy(), ""},
      {"robosync-ssh", copy(), ""},
      {"rsync", copy(), "-a /s/ /t/"},
      {"rsync", mirror(), "-a --delete /s/ /t/"},
      {"rsync", with(copy(), itself), "-a /s /t/"},
      {"rsync", with(copy(), all_options),
       "-a --hard-links --sparse --checksum --modify-window=2 --exclude=*.o --exclude=tmp /s/ /t/"},
      {"rsync", far(Route::kPush), "-a /srv/source/ rsync://10.0.0.2:999/tree/target/"},
      {"rsync", far(Route::kPull, Verb::kMirror),
       "-a --delete rsync://10.0.0.2:999/tree/source/ /srv/target/"},
      {"rsync-ssh", copy(), ""},
      {"rsync-ssh", far(Route::kPush), over_ssh.c_str()},
      {"robocopy", copy(),
       "/s /t /E /COPY:DAT /DCOPY:DAT /SL /MT:8 /R:0 /W:0 /NP /NFL /NDL /NJH /NJS"},
      {"robocopy", mirror(),
       "/s /t /MIR /COPY:DAT /DCOPY:DAT /SL /MT:8 /R:0 /W:0 /NP /NFL /NDL /NJH /NJS"},
      {"robocopy", with(copy(), [](Job& job) { job.modify_window_s = 2; }),
       "/s /t /FFT /E /COPY:DAT /DCOPY:DAT /SL /MT:8 /R:0 /W:0 /NP /NFL /NDL /NJH /NJS"},
      {"robocopy", with(with(copy(), itself), [](Job& job) { job.modify_window_s = 2; }),
       "/ /t s /FFT /COPY:DAT /DCOPY:DAT /SL /MT:8 /R:0 /W:0 /NP /NFL /NDL /NJH /NJS"},
      {"robocopy", with(copy(), [](Job& job) { job.modify_window_s = 1; }), ""},
      {"robocopy", with(copy(), [](Job& job) { job.hard_links = true; }), ""},
      {"robocopy", far(Route::kPull), ""},
      {"cp", copy(), "-a /s/. /t"},
      {"cp", with(copy(), itself), "-a /s /t"},
      {"cp", mirror(), ""},
      {"cp", with(copy(), all_options), ""},
      {"rclone", copy(),
       "copy --config  --links --metadata --create-empty-src-dirs --transfers 8 --checkers 8 /s "
       "/t"},
      {"rclone", mirror(),
       "sync --config  --links --metadata --create-empty-src-dirs --transfers 8 --checkers 8 /s "
       "/t"},
      {"rclone", far(Route::kPush), ""},
  };
  for (const Row& row : rows) {
    const auto tool = make_adapter(row.tool, {});
    ASSERT_TRUE(tool) << row.tool;
    EXPECT_EQ(words_of(**tool, row.job), row.expected) << row.tool;
  }
}

TEST(Adapters, NamesAreThoseOfTheAdapters) {
  for (const std::string& name : adapter_names()) {
    const auto tool = make_adapter(name, {});
    ASSERT_TRUE(tool) << name;
    EXPECT_EQ((*tool)->name(), name);
  }
  const auto unknown = make_adapter("scp", {});
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().kind, base::ErrorKind::kUsage);
  EXPECT_THAT(unknown.error().context, HasSubstr("rsync-ssh"));
}

// What probing finds of robosync, and that its daemon is beside it.
class RobosyncThere : public testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    for (const char* name : {"robosync", "robosyncd"}) {
      std::ofstream(folder_ / name) << "#!/bin/sh\n";
      std::filesystem::permissions(folder_ / name, std::filesystem::perms::all);
    }
  }
  ~RobosyncThere() override { std::filesystem::remove_all(folder_); }

  std::string words(const std::string& name, const Job& job) {
    auto tool = make_adapter(name, {.robosync = (folder_ / "robosync").string()}).value();
    FakeExecutor executor;
    executor.act = [](const Command&) { return Finished{.out = "robosync 1.0\n"}; };
    const Tool probed = tool->probe(executor, "/none");
    EXPECT_TRUE(probed.available) << probed.reason;
    return words_of(*tool, job);
  }

  std::filesystem::path folder_ = testing::TempDir() + "robosync-there";
};

TEST_F(RobosyncThere, EachTransportIsAskedForInItsWay) {
  Job push = far(Route::kPush);
  push.server.fingerprint = "SHA256:x";
  EXPECT_EQ(words("robosync", push),
            "copy --quiet /srv/source/ robosync+tcp://10.0.0.2:999/tree/target");
  EXPECT_EQ(words("robosync-tls", push),
            "copy --quiet --tls-fingerprint SHA256:x /srv/source/ "
            "robosync://10.0.0.2:999/tree/target");
  const std::string no_ssh = sshd_obstacle();
  if (!no_ssh.empty()) GTEST_SKIP() << no_ssh;
  push.server.shell = "ssh -F f";
  push.server.programs = "/there";
  EXPECT_EQ(words("robosync-ssh", push),
            "copy --quiet --rsh ssh -F f --remote-program /there/robosync /srv/source/ "
            "10.0.0.2:/srv/target");
}

TEST(Adapters, CpIsMeasuredForTheFirstCopyOnly) {
  const auto tool = make_cp_adapter();
  EXPECT_EQ(tool->unavailable(Route::kLocal, Phase::kFirst), "");
  EXPECT_NE(tool->unavailable(Route::kLocal, Phase::kNoop), "");
  EXPECT_NE(tool->unavailable(Route::kPush, Phase::kFirst), "");
}

TEST(Adapters, RcloneIsNotHeldToWhatItDoesNotKeep) {
  const Aspects aspects = make_rclone_adapter()->kept({});
  EXPECT_FALSE(aspects.directory_times);
  EXPECT_FALSE(aspects.modes);
  EXPECT_TRUE(aspects.file_times);
  EXPECT_TRUE(make_rsync_adapter()->kept({}).directory_times);
}

TEST(Adapters, ExitCodesBelowEightAreRobocopysSuccesses) {
  const auto tool = make_robocopy_adapter();
  EXPECT_TRUE(tool->succeeded({.exit_code = 0}));
  EXPECT_TRUE(tool->succeeded({.exit_code = 7}));
  EXPECT_FALSE(tool->succeeded({.exit_code = 8}));
  EXPECT_FALSE(tool->succeeded({.exit_code = 1, .timed_out = true}));
  EXPECT_FALSE(make_rsync_adapter()->succeeded({.exit_code = 1}));
}

TEST(Adapters, AMissingToolSaysSo) {
  FakeExecutor executor;
  const Tool tool =
      make_robosync_adapter({.robosync = "/no/such/robosync"})->probe(executor, "/none");
  EXPECT_FALSE(tool.available);
  EXPECT_THAT(tool.reason, HasSubstr("/no/such/robosync"));
  EXPECT_FALSE(tool.flags.empty());
  EXPECT_FALSE(tool.fairness.empty());
}

TEST(Adapters, PathsAtAServerAreBelowItsRoot) {
  EXPECT_EQ(path_at({.root = "/srv"}, "/srv/a/b"), "a/b");
  EXPECT_EQ(path_at({.root = "/srv"}, "/srv"), "");
}

}  // namespace
}  // namespace robosync::parity
