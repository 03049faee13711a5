#include "engine/daemon/access.h"

#include <fmt/format.h>

#include <algorithm>

namespace robosync::daemon {
namespace {

// No token has this verifier; checking against it takes the time that a real one takes. (The
// public key of an Ed25519 pair whose private half nobody kept would do no better: a proof made
// for another key fails either way.)
constexpr std::string_view kDecoyVerifier =
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

bool any_contains(const std::vector<Network>& networks, const IpAddress& address) {
  return std::ranges::any_of(networks,
                             [&](const Network& network) { return network.contains(address); });
}

AccessDecision refused(std::string reason) {
  return {nullptr, Right::kRead, "", std::move(reason)};
}

Right most_of(const Module& module) {
  if (module.read_only) return Right::kRead;
  return module.allow_delete ? Right::kDelete : Right::kWrite;
}

}  // namespace

bool host_passes(const Module& module, const std::optional<IpAddress>& peer) {
  if (module.hosts_deny.empty() && module.hosts_allow.empty()) return true;
  if (!peer || any_contains(module.hosts_deny, *peer)) return false;
  return module.hosts_allow.empty() || any_contains(module.hosts_allow, *peer);
}

AccessDecision decide(const Config& config, const TokenTable& tokens,
                      const AccessRequest& request) {
  // The proof first and always, so that the time taken says nothing about modules or tokens.
  const Token* token = nullptr;
  if (!request.token_id.empty()) {
    token = tokens.find_id(request.token_id);
    const bool holds = request.proof_holds &&
                       request.proof_holds(token != nullptr ? token->verifier : kDecoyVerifier);
    if (token == nullptr) return refused("unknown token");
    if (!holds) return refused(fmt::format("proof of token '{}' does not hold", token->name));
  }
  const Module* module = config.find_module(request.module);
  if (module == nullptr) return refused("no such module");
  if (!host_passes(*module, request.peer)) return refused("address not allowed");

  AccessDecision decision{module, most_of(*module), token != nullptr ? token->name : "", ""};
  if (module->users.empty()) {
    const bool near = request.peer && request.peer->is_loopback();
    if (!near && !module->allow_anonymous_remote) {
      return refused("module without users is served to loopback only");
    }
  } else {
    if (token == nullptr) return refused("token required");
    const auto user = module->users.find(token->name);
    if (user == module->users.end()) {
      return refused(fmt::format("user '{}' is not among the module's", token->name));
    }
    decision.right = std::min(decision.right, user->second);
  }
  if (request.wants_write && decision.right < Right::kWrite) return refused("may not write");
  if (request.wants_delete && decision.right < Right::kDelete) return refused("may not delete");
  return decision;
}

std::string unknown_users(const Config& config, const TokenTable& tokens) {
  std::string out;
  for (const Module& module : config.modules) {
    for (const auto& [name, right] : module.users) {
      if (tokens.find_name(name) != nullptr) continue;
      if (!out.empty()) out += '\n';
      out += fmt::format("modules.{}.users.{}: there is no such token", module.name, name);
    }
  }
  return out;
}

}  // namespace robosync::daemon
