#include "engine/daemon/access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace robosync::daemon {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kConfig = R"(
[modules.open]
path = "/open"
[modules.anyone]
path = "/anyone"
allow_anonymous_remote = true
[modules.team]
path = "/team"
read_only = false
allow_delete = true
users = { alice = "read", bob = "write", carol = "delete" }
[modules.guarded]
path = "/guarded"
allow_anonymous_remote = true
hosts_allow = ["192.0.2.0/24", "2001:db8::/32"]
hosts_deny = ["192.0.2.7"]
[modules.denied]
path = "/denied"
hosts_deny = ["127.0.0.2"]
)";

constexpr std::string_view kTokens = R"(
[[token]]
name = "alice"
id = "a1"
verifier = "va"
[[token]]
name = "bob"
id = "b1"
verifier = "vb"
[[token]]
name = "carol"
id = "c1"
verifier = "vc"
[[token]]
name = "dave"
id = "d1"
verifier = "vd"
)";

struct Asked {
  std::string module;
  std::string token_id;
  std::string peer = "127.0.0.1";
  bool wants_write = false;
  bool wants_delete = false;
  bool proof = true;
};

// "refused: reason", or "read user", "write user", "delete user".
std::string answer(const Asked& asked) {
  static const Config config = parse_config(kConfig, "f").value();
  static const TokenTable tokens = TokenTable::parse(kTokens, "t").value();
  AccessRequest request;
  request.module = asked.module;
  request.token_id = asked.token_id;
  request.wants_write = asked.wants_write;
  request.wants_delete = asked.wants_delete;
  if (!asked.peer.empty()) request.peer = parse_address(asked.peer).value();
  int checks = 0;
  request.proof_holds = [&](std::string_view) {
    ++checks;
    return asked.proof;
  };
  const AccessDecision decision = decide(config, tokens, request);
  EXPECT_EQ(checks, asked.token_id.empty() ? 0 : 1);
  if (decision.module == nullptr) return "refused: " + decision.reason;
  EXPECT_EQ(decision.module->name, asked.module);
  const char* right = decision.right == Right::kDelete  ? "delete"
                      : decision.right == Right::kWrite ? "write"
                                                        : "read";
  return std::string(right) + " " + decision.user;
}

TEST(AccessTest, without_users_only_loopback_is_served) {
  EXPECT_EQ(answer({.module = "open"}), "read ");
  EXPECT_EQ(answer({.module = "open", .peer = "::1"}), "read ");
  EXPECT_EQ(answer({.module = "open", .peer = "::ffff:127.0.0.1"}), "read ");
  EXPECT_THAT(answer({.module = "open", .peer = "192.0.2.1"}), HasSubstr("loopback only"));
  EXPECT_THAT(answer({.module = "open", .peer = ""}), HasSubstr("loopback only"));
  EXPECT_EQ(answer({.module = "anyone", .peer = "192.0.2.1"}), "read ");
}

TEST(AccessTest, a_valid_token_does_not_open_a_loopback_module_from_afar) {
  EXPECT_THAT(answer({.module = "open", .token_id = "a1", .peer = "192.0.2.1"}),
              HasSubstr("loopback only"));
}

TEST(AccessTest, with_users_a_token_is_needed_even_on_loopback) {
  EXPECT_EQ(answer({.module = "team"}), "refused: token required");
  EXPECT_EQ(answer({.module = "team", .token_id = "a1"}), "read alice");
  EXPECT_EQ(answer({.module = "team", .token_id = "b1", .peer = "192.0.2.1"}), "write bob");
  EXPECT_EQ(answer({.module = "team", .token_id = "c1"}), "delete carol");
  EXPECT_THAT(answer({.module = "team", .token_id = "d1"}), HasSubstr("'dave' is not among"));
  EXPECT_EQ(answer({.module = "team", .token_id = "zz"}), "refused: unknown token");
}

TEST(AccessTest, a_proof_that_fails_is_refused_everywhere) {
  for (const char* module : {"open", "anyone", "team", "missing"}) {
    EXPECT_THAT(answer({.module = module, .token_id = "a1", .proof = false}),
                HasSubstr("does not hold"));
  }
  EXPECT_EQ(answer({.module = "open", .token_id = "zz"}), "refused: unknown token");
}

TEST(AccessTest, nobody_exceeds_the_right_given) {
  EXPECT_EQ(answer({.module = "team", .token_id = "a1", .wants_write = true}),
            "refused: may not write");
  EXPECT_EQ(answer({.module = "team", .token_id = "b1", .wants_write = true}), "write bob");
  EXPECT_EQ(answer({.module = "team", .token_id = "b1", .wants_delete = true}),
            "refused: may not delete");
  EXPECT_EQ(answer({.module = "open", .wants_write = true}), "refused: may not write");
  EXPECT_EQ(answer({.module = "open", .wants_delete = true}), "refused: may not delete");
  EXPECT_EQ(answer({.module = "team", .token_id = "c1", .wants_write = true, .wants_delete = true}),
            "delete carol");
}

TEST(AccessTest, deny_wins_and_an_allow_list_is_complete) {
  EXPECT_EQ(answer({.module = "guarded", .peer = "192.0.2.1"}), "read ");
  EXPECT_EQ(answer({.module = "guarded", .peer = "2001:db8::5"}), "read ");
  EXPECT_EQ(answer({.module = "guarded", .peer = "::ffff:192.0.2.1"}), "read ");
  for (const char* peer :
       {"192.0.2.7", "::ffff:192.0.2.7", "192.0.3.1", "2001:db9::1", "127.0.0.1", ""}) {
    EXPECT_EQ(answer({.module = "guarded", .peer = peer}), "refused: address not allowed") << peer;
  }
  EXPECT_EQ(answer({.module = "denied"}), "read ");
  EXPECT_EQ(answer({.module = "denied", .peer = "127.0.0.2"}), "refused: address not allowed");
}

TEST(AccessTest, unknown_modules_are_refused) {
  for (const char* module : {"", "missing", "OPEN", "open/", "../open"}) {
    EXPECT_EQ(answer({.module = module}), "refused: no such module");
  }
}

TEST(AccessTest, users_without_tokens_are_found) {
  const Config config = parse_config(kConfig, "f").value();
  EXPECT_EQ(unknown_users(config, TokenTable::parse(kTokens, "t").value()), "");
  EXPECT_THAT(unknown_users(config, TokenTable{}), HasSubstr("modules.team.users.alice"));
}

TEST(TokenTableTest, reads_what_it_writes) {
  const Token token{"alice", "a1", "v+/="};
  const auto table = TokenTable::parse(token_text(token) + token_text({"bob", "b1", "w"}), "t");
  ASSERT_TRUE(table) << table.error().context;
  ASSERT_NE(table->find_id("a1"), nullptr);
  EXPECT_EQ(*table->find_id("a1"), token);
  EXPECT_EQ(table->find_name("bob")->id, "b1");
  EXPECT_EQ(table->find_id("A1"), nullptr);
  EXPECT_TRUE(TokenTable::parse("", "t")->tokens().empty());
}

TEST(TokenTableTest, mistakes_name_their_line) {
  const auto mistake = [](const std::string& text) {
    const auto table = TokenTable::parse(text, "t");
    return table ? "" : table.error().context;
  };
  EXPECT_EQ(mistake("[[token]]\nname = 'a'\nid = 'x'\n"), "t:1: token.verifier: is missing");
  EXPECT_THAT(mistake("[[token]]\nname = 'a'\nid = 'x'\nverifier = 'v'\nrights = 1\n"),
              HasSubstr("t:5: token.rights: there is no such key"));
  EXPECT_THAT(mistake("token = 1"), HasSubstr("must be a list"));
  EXPECT_THAT(mistake("token = [1]"), HasSubstr("must be a table"));
  EXPECT_THAT(mistake(token_text({"a", "x", "v"}) + token_text({"a", "y", "v"})),
              HasSubstr("'a' is there twice"));
  EXPECT_THAT(mistake(token_text({"a", "x", "v"}) + token_text({"b", "x", "v"})),
              HasSubstr("'x' is there twice"));
  EXPECT_THAT(mistake(token_text({"a b", "x", "v"})), HasSubstr("token.name"));
}

TEST(TokenTableTest, lengths_at_their_limits_and_one_past) {
  const auto valid = [](std::size_t id, std::size_t verifier) {
    return TokenTable::parse(token_text({"a", std::string(id, 'i'), std::string(verifier, 'v')}),
                             "t")
        .has_value();
  };
  EXPECT_TRUE(valid(kTokenIdBytesMax, kTokenVerifierBytesMax));
  EXPECT_FALSE(valid(kTokenIdBytesMax + 1, kTokenVerifierBytesMax));
  EXPECT_FALSE(valid(kTokenIdBytesMax, kTokenVerifierBytesMax + 1));
}

}  // namespace
}  // namespace robosync::daemon
