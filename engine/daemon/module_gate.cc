#include "engine/daemon/module_gate.h"

#include <algorithm>
#include <utility>

#include "engine/daemon/proof.h"
#include "engine/session/owner_names.h"
#include "engine/session/rule_files.h"

namespace robosync::daemon {

using base::ErrorKind;
using base::Result;
using session::ClientRole;
using session::Grant;
using session::Opening;

namespace {

base::Error refusal() { return base::make_error(ErrorKind::kRefused, std::string(kRefusalText)); }

Result<std::shared_ptr<const tree::FilterScope>> hidden_entries(const Module& module) {
  const auto no_files = [](const std::string&) -> Result<std::string> {
    return base::fail(base::make_error(ErrorKind::kUsage, "rules of files are not read here"));
  };
  tree::FilterOptions options;
  options.name_case = session::name_case_of(fs::native_file_system().privileges());
  return tree::FilterScope::compile(module.filters, no_files, options);
}

// What the module's links are to a session.
LinkPolicy links_for(SymlinkPolicy policy, LinkPolicy wanted) {
  if (policy == SymlinkPolicy::kSkip || wanted == LinkPolicy::kSkip) return LinkPolicy::kSkip;
  if (policy == SymlinkPolicy::kSafe || wanted == LinkPolicy::kKeepSafe) {
    return LinkPolicy::kKeepSafe;
  }
  return LinkPolicy::kKeep;
}

}  // namespace

Wishes wishes_of(const Opening& opening) {
  switch (opening.role) {
    case ClientRole::kSource:
      return {opening.verb != Verb::kVerify, opening.verb == Verb::kMirror};
    case ClientRole::kTarget:
      // Moving away is deleting here.
      return {opening.verb == Verb::kMove, opening.verb == Verb::kMove};
    case ClientRole::kLister:
      break;
  }
  return {};
}

Result<void> adjust_request(const Module& module, ClientRole role, Request& request) {
  const bool follows =
      request.links == LinkPolicy::kFollow || request.links == LinkPolicy::kFollowUnsafe;
  if (role == ClientRole::kSource) {
    // The client follows links of its own; of ours none are followed.
    if (!follows) request.links = links_for(module.symlinks, request.links);
  } else {
    if (follows || request.junctions == JunctionPolicy::kFollow) {
      return base::fail(
          base::make_error(ErrorKind::kRefused, "a daemon follows no links of its modules"));
    }
    request.links = links_for(module.symlinks, request.links);
  }
  // Never made; a comparison makes nothing.
  request.keep_devices = request.keep_devices && request.verb == Verb::kVerify;
  request.keep_owner = request.keep_owner && module.keep_owners;
  request.keep_group = request.keep_group && module.keep_owners;
  if (!module.chmod.empty()) {
    ROBOSYNC_ASSIGN(const tree::ModeChange change, tree::ModeChange::parse(module.chmod));
    request.chmod.append(change);
  }
  request.threads = 0;  // sized from this machine, not from the client's wishes
  request.retries = std::min(request.retries, kRetriesMax);
  request.retry_wait = std::clamp(request.retry_wait, std::chrono::milliseconds{0}, kRetryWaitMax);
  return {};
}

Result<Grant> ModuleGate::admit(const Opening& opening, const net::Stream& stream) {
  const auto refuse = [&](std::string_view why) {
    parts_.log.warning("refused", {{"peer", stream.peer()},
                                   {"module", opening.module},
                                   {"token", opening.token_id},
                                   {"why", std::string(why)}});
    return base::fail(refusal());
  };
  AccessRequest request;
  request.module = opening.module;
  const Wishes wishes = wishes_of(opening);
  request.wants_write = wishes.write;
  request.wants_delete = wishes.erase;
  request.token_id = opening.token_id;
  request.peer = parts_.peer;
  request.proof_holds = [&](std::string_view verifier) {
    return proof_holds(verifier, opening, stream);
  };
  const AccessDecision decision = decide(parts_.config, parts_.tokens, request);
  if (decision.module == nullptr) return refuse(decision.reason);
  user_ = decision.user;
  auto granted = grant(*decision.module, opening);
  if (!granted) {
    parts_.log.error(
        "cannot serve",
        {{"peer", stream.peer()}, {"module", opening.module}, {"why", granted.error().message()}});
    return base::fail(base::make_error(ErrorKind::kRefused, "the module cannot be served now"));
  }
  return granted;
}

Result<Grant> ModuleGate::grant(const Module& module, const Opening& opening) {
  ROBOSYNC_ASSIGN(const auto hidden, hidden_entries(module));
  ROBOSYNC_TRY(parts_.enter(module));
  fs::FileSystem& system = parts_.file_system();
  ROBOSYNC_ASSIGN(fs::DirectoryPtr folder, system.open_root(module.path));
  files_.emplace(std::move(folder), system, module.keep_owners,
                 opening.role == ClientRole::kSource ? ModuleFiles::LastLink::kRefuse
                                                     : ModuleFiles::LastLink::kKeep);
  module_ = &module;
  Grant out;
  out.file_system = &*files_;
  out.adjust = [&module, role = opening.role](Request& request) {
    return adjust_request(module, role, request);
  };
  if (!module.filters.empty()) out.hidden = hidden;
  out.links = links_for(module.symlinks, LinkPolicy::kKeep);
  if (module.keep_owners) out.accounts = &session::system_accounts();
  if (opening.more_connections && parts_.joining.offer) {
    ROBOSYNC_ASSIGN(out.ticket, parts_.joining.offer());
    out.joined = parts_.joining.joined;
  }
  return out;
}

Result<session::Gatekeeper::Relay> ModuleGate::join(const std::string& ticket) {
  if (!parts_.joining.join) return base::fail(refusal());
  auto relay = parts_.joining.join(ticket);
  if (relay) return relay;
  parts_.log.warning("refused", {{"peer", parts_.peer ? parts_.peer->text() : ""},
                                 {"why", relay.error().message()}});
  return base::fail(refusal());
}

}  // namespace robosync::daemon
