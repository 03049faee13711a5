// Whole sessions: a client of session/ against the daemon's real workers, over TLS and without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "engine/daemon/access.h"
#include "engine/daemon/load.h"
#include "engine/daemon/session_linux_testing.h"
#include "engine/daemon/token_maker.h"
#include "engine/daemon/transport.h"

namespace robosync::daemon {
namespace {

using session::ClientRole;
using ::testing::HasSubstr;

TEST_F(SessionTest, pulls_from_a_module) {
  TestServer server(plan("", plaintext()));
  const auto report = run(server, {});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->outcome, robosync::Outcome::kOk) << message_of(report);
  EXPECT_EQ(content(path("local") / "a.txt"), "from the module");
  EXPECT_TRUE(server.logged("outcome=ok"));
  EXPECT_THAT(server.get("/metrics"), HasSubstr("robosync_sessions_total{outcome=\"ok\"} 1\n"));
}

TEST_F(SessionTest, pushes_into_a_module_that_allows_it) {
  TestServer server(plan("read_only = false", plaintext()));
  const auto report = run(server, {.role = ClientRole::kSource});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->outcome, robosync::Outcome::kOk) << message_of(report);
  EXPECT_EQ(content(path("module") / "c.txt"), "from here");
  EXPECT_TRUE(server.logged("outcome=ok"));
  EXPECT_THAT(server.get("/metrics"), HasSubstr("robosync_entries_total{kind=\"file\"} 1\n"));
}

TEST_F(SessionTest, a_module_is_read_only_and_without_deletion_unless_it_says_otherwise) {
  {
    TestServer server(plan("", plaintext()));
    EXPECT_THAT(message_of(run(server, {.role = ClientRole::kSource})),
                HasSubstr(std::string(kRefusalText)));
    EXPECT_THAT(message_of(run(server, {.verb = Verb::kMove})),
                HasSubstr(std::string(kRefusalText)));
    EXPECT_TRUE(server.logged("outcome=refused"));
  }
  TestServer server(plan("read_only = false", plaintext()));
  EXPECT_THAT(message_of(run(server, {.role = ClientRole::kSource, .verb = Verb::kMirror})),
              HasSubstr(std::string(kRefusalText)));
  EXPECT_TRUE(server.logged("outcome=refused"));
  EXPECT_EQ(content(path("module") / "a.txt"), "from the module");
  EXPECT_FALSE(std::filesystem::exists(path("module") / "c.txt"));
}

TEST_F(SessionTest, mirrors_where_deletion_is_allowed) {
  TestServer server(plan("read_only = false\nallow_delete = true", plaintext()));
  const auto report = run(server, {.role = ClientRole::kSource, .verb = Verb::kMirror});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_FALSE(std::filesystem::exists(path("module") / "a.txt"));
  EXPECT_TRUE(server.logged("outcome=ok"));
  EXPECT_THAT(server.get("/metrics"), HasSubstr("robosync_deletions_total 2\n"));
}

TEST_F(SessionTest, all_refusals_sound_alike) {
  TestServer server(plan("hosts_deny = ['127.0.0.1']", plaintext()));
  EXPECT_THAT(message_of(run(server, {})), HasSubstr(std::string(kRefusalText)));
  EXPECT_THAT(message_of(run(server, {.module = "other"})), HasSubstr(std::string(kRefusalText)));
  EXPECT_TRUE(server.logged("outcome=refused"));
}

TEST_F(SessionTest, paths_stay_in_the_module) {
  std::filesystem::create_directory_symlink(path("outside"), path("module") / "out");
  TestServer server(plan("read_only = false", plaintext()));
  for (const char* remote : {"../outside/", "out/", "/../outside/", "a/../../outside/"}) {
    const bool names_the_way = std::string_view(remote).find("..") != std::string_view::npos;
    for (const ClientRole role : {ClientRole::kTarget, ClientRole::kSource}) {
      const std::string message = message_of(run(server, {.role = role, .remote = remote}));
      EXPECT_THAT(message, HasSubstr(remote));
      EXPECT_THAT(message, HasSubstr(names_the_way ? "leads out of the module" : ": ")) << remote;
    }
  }
  EXPECT_NE(message_of(run(server, {.role = ClientRole::kSource, .remote = "out"})), "");
  EXPECT_FALSE(std::filesystem::exists(path("local") / "secret"));
  EXPECT_FALSE(std::filesystem::exists(path("outside") / "c.txt"));
}

TEST_F(SessionTest, links_of_a_module_are_not_followed_and_unsafe_ones_stay) {
  std::filesystem::create_symlink("../outside/secret", path("module") / "unsafe");
  std::filesystem::create_symlink("a.txt", path("module") / "inside");
  TestServer server(plan("", plaintext()));
  EXPECT_NE(message_of(run(server, {.links = LinkPolicy::kFollow})), "");
  EXPECT_FALSE(std::filesystem::exists(path("local") / "unsafe"));
  const auto report = run(server, {});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_TRUE(std::filesystem::is_symlink(path("local") / "inside"));
  EXPECT_FALSE(std::filesystem::is_symlink(path("local") / "unsafe"));
}

// The client sends them all; and what stands under their names is not deleted for it.
TEST_F(SessionTest, links_that_a_module_does_not_take_are_left_out_of_what_arrives) {
  for (const std::string policy : {"safe", "skip"}) {
    std::filesystem::create_directories(path("local") / "sub");
    for (const auto& [target, name] : {std::pair{"../outside/secret", "unsafe"},
                                       {"/etc/passwd", "sub/absolute"},
                                       {"a.txt", "inside"}}) {
      std::filesystem::remove(path("local") / name);
      std::filesystem::create_symlink(target, path("local") / name);
    }
    std::ofstream(path("module") / "unsafe") << "kept";
    TestServer server(
        plan("read_only = false\nallow_delete = true\nsymlinks = '" + policy + "'", plaintext()));
    const auto report = run(server, {.role = ClientRole::kSource, .verb = Verb::kMirror});
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(content(path("module") / "unsafe"), "kept");
    EXPECT_FALSE(std::filesystem::is_symlink(path("module") / "sub/absolute"));
    EXPECT_EQ(std::filesystem::is_symlink(path("module") / "inside"), policy == "safe");
    EXPECT_EQ(report->counters.skipped.symlinks, policy == "safe" ? 2U : 3U);
    std::filesystem::remove(path("module") / "inside");
  }
}

// A link that the module keeps to itself is one that nobody compared, whichever side had it.
TEST_F(SessionTest, verify_names_what_a_module_keeps_out_of_it) {
  for (const char* const folder : {"module", "local"}) {
    std::filesystem::remove(path(folder) / "b.tmp");
    std::filesystem::remove(path(folder) / "c.txt");
    write(path(folder) / "a.txt", "the same");
    std::filesystem::create_symlink("../outside/secret", path(folder) / "unsafe");
    std::filesystem::create_symlink("a.txt", path(folder) / "inside");
  }
  for (const std::string policy : {"safe", "skip"}) {
    TestServer server(plan("read_only = false\nsymlinks = '" + policy + "'", plaintext()));
    for (const ClientRole role : {ClientRole::kSource, ClientRole::kTarget}) {
      const auto verify = [&](LinkPolicy links) {
        return run(
            server,
            {.role = role, .verb = Verb::kVerify, .links = links, .more = [](Request& request) {
               request.comparison = Comparison::kDigest;
               request.keep_times = false;
               request.sources = {"/"};
             }});
      };
      const auto report = verify(LinkPolicy::kKeep);
      ASSERT_TRUE(report) << report.error().message();
      EXPECT_EQ(report->outcome, robosync::Outcome::kPartial);
      const std::size_t links = policy == "safe" ? 1 : 2;
      ASSERT_EQ(report->problems.size(), links);
      EXPECT_EQ(report->problems.back().path, "unsafe");
      EXPECT_THAT(report->problems.back().error.message(), HasSubstr("not compared"));
      // What the user leaves out is no such thing.
      const auto skipped = verify(LinkPolicy::kSkip);
      ASSERT_TRUE(skipped) << skipped.error().message();
      EXPECT_EQ(skipped->outcome, robosync::Outcome::kOk);
      EXPECT_EQ(skipped->counters.skipped.symlinks, 2U);
      // Nor are the unsafe ones here; those inside are, where the module shows none at all.
      const auto safe = verify(LinkPolicy::kKeepSafe);
      ASSERT_TRUE(safe) << safe.error().message();
      EXPECT_EQ(safe->problem_count, policy == "safe" ? 0U : 1U);
    }
  }
}

TEST_F(SessionTest, a_modules_filters_hold_whatever_the_client_says) {
  TestServer server(plan("exclude = ['*.tmp']", plaintext()));
  EXPECT_EQ(message_of(run(server, {.filters = {{.text = "!"}, {.text = "+ *"}}})), "");
  EXPECT_EQ(content(path("local") / "a.txt"), "from the module");
  EXPECT_FALSE(std::filesystem::exists(path("local") / "b.tmp"));
}

TEST_F(SessionTest, over_tls_with_a_certificate_of_its_own) {
  const LoadPlan own = plan("");
  TestServer server(own);
  const auto report = run(server, {.tls = true});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(content(path("local") / "a.txt"), "from the module");
  const auto files = own_certificate(path("state").string(), false);
  ASSERT_TRUE(files);
  EXPECT_EQ(certificate_fingerprint(files->certificate).value(), seen_fingerprint_);
  struct stat about{};
  ASSERT_EQ(::stat(files->key.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777U, 0600U);
}

TEST_F(SessionTest, who_speaks_no_tls_gets_nothing) {
  TestServer server(plan(""));
  EXPECT_NE(message_of(run(server, {})), "");
  EXPECT_FALSE(std::filesystem::exists(path("local") / "a.txt"));
  EXPECT_TRUE(server.logged("outcome=failed"));
}

TEST_F(SessionTest, tokens_open_modules_with_users) {
  const std::string tokens = path("state").string() + "/tokens.toml";
  const auto alice = make_token("alice");
  const auto bob = make_token("bob");
  const auto dave = make_token("dave");
  ASSERT_TRUE(alice && bob && dave);
  for (const NewToken* token : {&*alice, &*bob, &*dave}) {
    ASSERT_TRUE(add_token(tokens, token->stored));
  }
  TestServer server(plan("read_only = false\nusers = { alice = 'read', bob = 'write' }"));
  EXPECT_EQ(message_of(run(server, {.token = alice->secret, .tls = true})), "");
  EXPECT_EQ(
      message_of(run(server, {.role = ClientRole::kSource, .token = bob->secret, .tls = true})),
      "");
  EXPECT_EQ(content(path("module") / "c.txt"), "from here");
  for (const Asked& asked :
       {Asked{.tls = true}, Asked{.token = dave->secret, .tls = true},
        Asked{.token = make_token("eve")->secret, .tls = true},
        Asked{.role = ClientRole::kSource, .token = alice->secret, .tls = true}}) {
    EXPECT_THAT(message_of(run(server, asked)), HasSubstr(std::string(kRefusalText)));
  }
}

TEST_F(SessionTest, the_right_id_with_another_secret_is_refused) {
  const std::string tokens = path("state").string() + "/tokens.toml";
  const auto alice = make_token("alice");
  const auto eve = make_token("eve");
  ASSERT_TRUE(alice && eve);
  ASSERT_TRUE(add_token(tokens, alice->stored));
  TestServer server(plan("users = { alice = 'read' }"));
  std::string forged = eve->secret;
  forged.replace(5, alice->stored.id.size(), alice->stored.id);
  EXPECT_THAT(message_of(run(server, {.token = forged, .tls = true})),
              HasSubstr(std::string(kRefusalText)));
  EXPECT_TRUE(server.logged("outcome=refused"));
}

TEST_F(SessionTest, a_user_without_a_token_is_a_mistake) {
  const auto loaded = load_daemon(plan("users = { alice = 'read' }"));
  ASSERT_FALSE(loaded);
  EXPECT_THAT(loaded.error().message(), HasSubstr("modules.m.users.alice: there is no such token"));
}

TEST_F(SessionTest, files_that_decide_who_gets_in_must_be_the_owners_alone) {
  const std::string tokens = path("state").string() + "/tokens.toml";
  ASSERT_TRUE(add_token(tokens, make_token("alice")->stored));
  EXPECT_EQ(add_token(tokens, make_token("alice")->stored).error().kind, base::ErrorKind::kExists);
  struct stat about{};
  ASSERT_EQ(::stat(tokens.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 07777U, 0600U);
  EXPECT_TRUE(load_daemon(plan("", plaintext())));
  ::chmod(tokens.c_str(), 0620);
  EXPECT_EQ(load_daemon(plan("", plaintext())).error().kind, base::ErrorKind::kPermission);
}

TEST_F(SessionTest, a_module_without_its_folder_is_a_mistake) {
  std::filesystem::remove_all(path("module"));
  EXPECT_THAT(load_daemon(plan("", plaintext())).error().message(), HasSubstr("modules.m.path"));
}

}  // namespace
}  // namespace robosync::daemon
