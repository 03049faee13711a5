// Whole sessions: a client of session/ against the daemon's real workers, over TLS and without.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "engine/daemon/access.h"
#include "engine/daemon/load_linux.h"
#include "engine/daemon/server_linux_testing.h"
#include "engine/daemon/token_maker.h"
#include "engine/daemon/transport_posix.h"
#include "engine/net/socket.h"
#include "engine/net/tls.h"
#include "engine/net/token.h"
#include "engine/session/client.h"

namespace robosync::daemon {
namespace {

using session::ClientRole;
using ::testing::HasSubstr;

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    for (const char* name : {"module", "local", "outside", "state"}) {
      std::filesystem::create_directory(path(name));
    }
    write(path("module") / "a.txt", "from the module");
    write(path("module") / "b.tmp", "left alone");
    write(path("local") / "c.txt", "from here");
    write(path("outside") / "secret", "secret");
  }

  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return folder_.path() / name;
  }

  // `top` and `module` are lines of the file; memory is unlimited for sanitizers' sake.
  [[nodiscard]] LoadPlan plan(const std::string& module, const std::string& top = "") const {
    LoadPlan out;
    out.config_text = top + "\nbind = ['127.0.0.1:0']\n[metrics]\nbind = '127.0.0.1:0'\n" +
                      "[limits]\nworker_memory_mib = 0\n[modules.m]\npath = '" +
                      path("module").string() + "'\nuid = " + std::to_string(::getuid()) +
                      "\ngid = " + std::to_string(::getgid()) + "\n" + module + "\n";
    out.default_state_dir = path("state").string();
    return out;
  }
  [[nodiscard]] static std::string plaintext() { return "plaintext = true"; }

  struct Asked {
    ClientRole role = ClientRole::kTarget;
    Verb verb = Verb::kCopy;
    std::string module = "m";
    std::string remote = "/";
    std::string token = {};
    bool tls = false;
    LinkPolicy links = LinkPolicy::kKeep;
    std::vector<tree::FilterArgument> filters = {};
  };

  base::Result<Report> run(const TestServer& server, const Asked& asked) {
    const base::Cancellation cancellation;
    ROBOSYNC_ASSIGN(net::StreamPtr stream,
                    net::connect_tcp({"127.0.0.1", server.endpoint().port}, {}, cancellation));
    if (asked.tls) {
      net::TlsClientOptions options;
      options.host = "127.0.0.1";
      options.pin = [&](const std::string& fingerprint) -> base::Result<void> {
        seen_fingerprint_ = fingerprint;
        return {};
      };
      ROBOSYNC_ASSIGN(stream, net::tls_client(std::move(stream), options));
    }
    session::Opening opening{.role = asked.role, .verb = asked.verb, .module = asked.module};
    opening.paths = {asked.remote};
    if (!asked.token.empty()) {
      ROBOSYNC_ASSIGN(const net::Token token, net::parse_token(asked.token));
      opening.token_id = token.id;
      ROBOSYNC_ASSIGN(opening.proof, net::prove(token, stream->channel_binding()));
    }
    Request request;
    request.verb = asked.verb;
    request.links = asked.links;
    request.filters = asked.filters;
    const std::string local = path("local").string() + "/";
    if (asked.role == ClientRole::kTarget) {
      request.target = local;
    } else {
      request.sources = {local};
    }
    apply::Observer observer;
    return session::run_client(std::move(stream), opening, request, fs::native_file_system(),
                               observer, cancellation);
  }

  std::string seen_fingerprint_;

 private:
  TestFolder folder_;
};

std::string message_of(const base::Result<Report>& result) {
  if (!result) return result.error().message();
  return result->fatal ? result->fatal->message() : "";
}

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
    const auto pulled = run(server, {.remote = remote});
    EXPECT_NE(message_of(pulled), "") << remote;
    const auto pushed = run(server, {.role = ClientRole::kSource, .remote = remote});
    EXPECT_NE(message_of(pushed), "") << remote;
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
