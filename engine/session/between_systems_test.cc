// Sessions between Windows and other systems: what one side cannot tell or keep is neither made up
// nor lost in silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

fs::Privileges windows() {
  fs::Privileges system = fs::ordinary_user(0);
  system.windows_names = system.has_native_attributes = true;
  system.keeps_modes = false;
  system.time_granularity_ns = 100;
  return system;
}

class Told final : public apply::Observer {
 public:
  void on_problem(const tree::Problem& problem) override {
    problems += problem.path + ": " + problem.error.message() + "\n";
  }
  void on_warning(const std::string& text) override { warnings.push_back(text); }
  std::string problems;
  std::vector<std::string> warnings;
};

// A server that does not do with links what it is asked to.
class Gate final : public Gatekeeper {
 public:
  Gate(fs::FileSystem& files, bool keeps_links) : files_(files), keeps_links_(keeps_links) {}
  base::Result<Grant> admit(const Opening&, const net::Stream&) override {
    Grant grant;
    grant.file_system = &files_;
    if (keeps_links_) {
      grant.adjust = [](Request& request) -> base::Result<void> {
        request.links = LinkPolicy::kKeep;
        return {};
      };
    }
    return grant;
  }
  [[nodiscard]] fs::Privileges system() const override { return files_.privileges(); }

 private:
  fs::FileSystem& files_;
  const bool keeps_links_;
};

class BetweenSystems : public testing::TestWithParam<ClientRole> {
 protected:
  BetweenSystems() {
    request_.sources = {"/src/"};
    request_.target = "/dst";
    request_.retries = 0;
    set_systems(fs::privileged_user(), fs::privileged_user());
  }
  void set_systems(const fs::Privileges& source, const fs::Privileges& target) {
    source_.set_privileges(source);
    target_.set_privileges(target);
  }
  void build(const std::string& source, const std::string& target) {
    source_.build("/src", source);
    target_.build("/dst", target);
  }
  base::Result<Report> try_run() {
    const bool push = GetParam() == ClientRole::kSource;
    Opening opening;
    opening.role = GetParam();
    opening.verb = request_.verb;
    opening.paths = push ? std::vector{request_.target} : request_.sources;
    net::MemoryPair pair = net::memory_stream_pair();
    Gate gate(push ? target_ : source_, server_keeps_links_);
    const base::Cancellation never;
    std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
    told_ = {};
    auto report = run_client(std::move(pair.client), opening, request_, push ? source_ : target_,
                             told_, never);
    server.join();
    return report;
  }
  Report run() {
    auto report = try_run();
    EXPECT_TRUE(report) << report.error().message();
    return report.value_or(Report());
  }
  [[nodiscard]] std::string target() const {
    return target_.dump("/dst", {.times = false, .owners = true, .xattrs = true});
  }

  fs::MemoryFileSystem source_;
  fs::MemoryFileSystem target_;
  Request request_;
  Told told_;
  bool server_keeps_links_ = false;
};

// What a system without them tells of modes and owners.
constexpr std::string_view kFromWindows =
    "d/ t=5\nd/run t=5 = same\nkey t=6 = new\nlocked mode=444 t=5 = same\nopen t=5 = same\n"
    "e/ t=5\ne/f t=5 = x\nr mode=444 t=5 = x\n";

TEST_P(BetweenSystems, FromWindowsNoModesAndOwnersAreTaken) {
  set_systems(windows(), fs::privileged_user());
  const std::string rest =
      "locked mode=555 uid=5 gid=6 t=5 = same\nopen mode=440 uid=5 gid=6 t=5 = same\n";
  build(std::string(kFromWindows),
        "d/ mode=700 uid=5 gid=6 t=5\nd/run mode=4755 uid=5 gid=6 t=5 = same\n"
        "key mode=600 uid=5 gid=6 t=5 = old\n" +
            rest);
  EXPECT_EQ(run().outcome, Outcome::kOk) << told_.problems;
  EXPECT_EQ(target(),
            "d/ mode=700 uid=5 gid=6\nd/run mode=4755 uid=5 gid=6 = same\n"
            "e/ mode=755 uid=0 gid=0\ne/f mode=644 uid=0 gid=0 = x\n"
            "key mode=600 uid=5 gid=6 = new\nlocked mode=555 uid=5 gid=6 = same\n"
            "open mode=640 uid=5 gid=6 = same\nr mode=444 uid=0 gid=0 = x\n");
  EXPECT_THAT(told_.warnings, IsEmpty());
  request_.verb = Verb::kVerify;
  request_.comparison = Comparison::kQuick;
  EXPECT_EQ(run().outcome, Outcome::kOk) << "modes and owners are not compared";
}

TEST_P(BetweenSystems, WhatIsNewFromWindowsIsUnderTheUmask) {
  fs::Privileges here = fs::privileged_user();
  here.umask = 077;
  set_systems(windows(), here);
  build("d/\nd/f = x\nr mode=444 = x\n", "");
  EXPECT_EQ(run().outcome, Outcome::kOk) << told_.problems;
  EXPECT_EQ(target_.dump("/dst"), "d/ mode=700\nd/f mode=600 = x\nr mode=400 = x\n");
}

TEST_P(BetweenSystems, FromWindowsExtendedAttributesStay) {
  set_systems(windows(), fs::privileged_user());
  build("f t=5 = x\n", "f t=5 x:user.a=v = x\n");
  request_.keep_xattrs = true;
  EXPECT_EQ(run().outcome, Outcome::kOk) << told_.problems;
  EXPECT_THAT(target(), HasSubstr("user.a"));
}

TEST_P(BetweenSystems, TimesFromWindowsAreComparedAsItKeepsThem) {
  set_systems(windows(), fs::privileged_user());
  build("f t=5.123456700 = x\n", "f t=5.123456789 = x\n");
  const Report report = run();
  EXPECT_EQ(report.outcome, Outcome::kOk) << told_.problems;
  EXPECT_EQ(report.counters.written_bytes, 0U);
  EXPECT_EQ(target_.dump("/dst", {.modes = false, .times = true}), "f t=5.123456789 = x\n");
}

TEST_P(BetweenSystems, WhatWindowsCannotKeepIsToldOnce) {
  set_systems(fs::privileged_user(), windows());
  build("f mode=600 uid=5 = x\ng mode=755 x:user.a=v = x\n", "");
  request_.keep_xattrs = true;
  EXPECT_EQ(run().outcome, Outcome::kOk) << told_.problems;
  EXPECT_THAT(told_.warnings,
              ElementsAre("the target is Windows: permissions other than read-only, owners and "
                          "groups, extended attributes are not kept"));
  EXPECT_THAT(target(), Not(HasSubstr("user.a")));
  request_.keep_permissions = request_.keep_group = request_.keep_xattrs = false;
  (void)run();
  EXPECT_THAT(told_.warnings, IsEmpty());
}

TEST_P(BetweenSystems, OfTheSameSystemNothingIsTold) {
  build("f mode=600 uid=5 = x\n", "");
  (void)run();
  EXPECT_THAT(told_.warnings, IsEmpty());
  set_systems(windows(), windows());
  (void)run();
  EXPECT_THAT(told_.warnings, IsEmpty());
}

TEST_P(BetweenSystems, AccessListsAreRefusedWhereEitherEndHasNone) {
  fs::Privileges without = windows();
  without.has_acls = false;
  build("f = x\n", "");
  request_.keep_acls = true;
  for (const bool source : {true, false}) {
    set_systems(source ? without : fs::privileged_user(), source ? fs::privileged_user() : without);
    const auto report = try_run();
    ASSERT_FALSE(report);
    EXPECT_EQ(report.error().kind, base::ErrorKind::kUnsupported) << report.error().message();
    EXPECT_THAT(report.error().message(), HasSubstr("access lists"));
  }
  EXPECT_EQ(target_.dump("/dst"), "");
}

TEST_P(BetweenSystems, ALinkWithABackslashIsNotMadeOnWindows) {
  set_systems(fs::privileged_user(), windows());
  build("l -> a\\\\b\nnew -> a\\\\b\nplain -> a/b\n", "l -> old\n");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(run().outcome, Outcome::kPartial);
    EXPECT_THAT(told_.problems, HasSubstr("l: "));
    EXPECT_THAT(told_.problems, HasSubstr("new: "));
    EXPECT_EQ(target_.dump("/dst"), "l -> old\nplain -> a/b\n");
  }
}

TEST_P(BetweenSystems, ALinkWithABackslashIsMadeElsewhere) {
  build("l -> a\\\\b\n", "");
  EXPECT_EQ(run().outcome, Outcome::kOk) << told_.problems;
  EXPECT_EQ(target_.dump("/dst"), "l -> a\\\\b\n");
}

// Whatever a server makes of the request: what arrives is judged by what was asked for.
class LinksOfAServer : public BetweenSystems {
 protected:
  LinksOfAServer() { server_keeps_links_ = true; }
  std::string arrived(LinkPolicy links, JunctionPolicy junctions = JunctionPolicy::kKeep) {
    target_.build("/to" + std::to_string(++runs_), "");
    request_.target = "/to" + std::to_string(runs_);
    request_.links = links;
    request_.junctions = junctions;
    EXPECT_EQ(run().outcome, Outcome::kOk) << told_.problems;
    return target_.dump(request_.target, {.modes = false});
  }
  int runs_ = 0;
};

TEST_P(LinksOfAServer, AreThoseThatWereAskedFor) {
  build("d/\nin -> d\nout -> ../x\n", "");
  EXPECT_EQ(arrived(LinkPolicy::kKeep), "d/\nin -> d\nout -> ../x\n");
  EXPECT_EQ(arrived(LinkPolicy::kKeepSafe), "d/\nin -> d\n");
  EXPECT_EQ(arrived(LinkPolicy::kSkip), "d/\n");
  request_.verb = Verb::kVerify;
  EXPECT_EQ(run().outcome, Outcome::kOk) << "nor are they missed";
}

TEST_P(LinksOfAServer, OnWindowsThoseOfAnotherSystemAreJudgedAsThere) {
  set_systems(fs::privileged_user(), windows());
  server_keeps_links_ = false;
  build("drive -> C:x\nin -> d\n", "");
  EXPECT_EQ(arrived(LinkPolicy::kKeepSafe), "in -> d\n");
}

TEST_P(LinksOfAServer, JunctionsLeadOut) {
  set_systems(windows(), windows());
  build("d/\n", "");
  ASSERT_TRUE((*source_.open_root("/src"))->make_symlink("j", "C:/d", tree::LinkKind::kJunction));
  EXPECT_EQ(arrived(LinkPolicy::kSkip), "d/\nj -> C:/d\n") << "--junctions is about them";
  EXPECT_EQ(arrived(LinkPolicy::kSkip, JunctionPolicy::kSkip), "d/\n");
  EXPECT_EQ(arrived(LinkPolicy::kKeepSafe), "d/\n");
  server_keeps_links_ = false;
  EXPECT_EQ(arrived(LinkPolicy::kKeepSafe), "d/\n");
}

constexpr auto kRoutes = [](const auto& info) {
  return std::string(info.param == ClientRole::kSource ? "push" : "pull");
};
INSTANTIATE_TEST_SUITE_P(Routes, LinksOfAServer, testing::Values(ClientRole::kTarget), kRoutes);
INSTANTIATE_TEST_SUITE_P(Routes, BetweenSystems,
                         testing::Values(ClientRole::kSource, ClientRole::kTarget), kRoutes);

}  // namespace
}  // namespace robosync::session
