// decide(): may this peer, proven or not, do what it asks for in this module? And as what?
//
// Pure: the proof of a token is checked by the caller, who says whether it held. Whatever is not
// clearly allowed is refused, and all refusals sound alike to the peer, so that it learns neither
// which modules nor which tokens exist; the reason is for our log. Any thread. The rules in words
// are in docs/security.md.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/daemon/config.h"
#include "engine/daemon/tokens.h"

namespace robosync::daemon {

// What every refused peer reads.
inline constexpr std::string_view kRefusalText =
    "no such module, or no access to it with these credentials from this address";

struct AccessRequest {
  std::string_view module;
  bool wants_write = false;
  bool wants_delete = false;
  // Empty: the peer showed no token.
  std::string_view token_id;
  // Checks the peer's proof against a verifier, in constant time. Called exactly once when a token
  // was shown, whether or not it exists.
  std::function<bool(std::string_view verifier)> proof_holds;
  // Nothing when the transport has no addresses; then no rule about addresses is passed.
  std::optional<IpAddress> peer;
};

struct AccessDecision {
  const Module* module = nullptr;  // nullptr: refused
  Right right = Right::kRead;      // the most this peer may do here
  std::string user;                // the token's name; empty: anonymous
  std::string reason;              // of a refusal, for the log
};

[[nodiscard]] AccessDecision decide(const Config& config, const TokenTable& tokens,
                                    const AccessRequest& request);

// Deny rules win; with an allow list, only who is on it passes.
[[nodiscard]] bool host_passes(const Module& module, const std::optional<IpAddress>& peer);

// What in a configuration contradicts the tokens there are (a user without a token), one a line;
// "" when nothing does.
[[nodiscard]] std::string unknown_users(const Config& config, const TokenTable& tokens);

}  // namespace robosync::daemon
