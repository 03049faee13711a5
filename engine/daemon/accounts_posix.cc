#include "engine/daemon/accounts_posix.h"

#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

namespace robosync::daemon {
namespace {

constexpr std::size_t kAccountEntryBytes = 16 * 1024;

base::Error no_such(std::string_view what, const Account& account) {
  return base::make_error(base::ErrorKind::kUsage,
                          fmt::format("there is no {} '{}'", what, account.name));
}

// The account's entry; nothing for a number that has none.
base::Result<std::optional<Identity>> user_entry(const Account& account) {
  std::array<char, kAccountEntryBytes> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  const int fault =
      account.name.empty()
          ? ::getpwuid_r(account.id, &entry, buffer.data(), buffer.size(), &found)
          : ::getpwnam_r(account.name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return Identity{found->pw_uid, found->pw_gid};
  if (fault != 0 && fault != ENOENT) {
    return base::fail(base::from_errno(fault, "look up user " + account.name));
  }
  if (!account.name.empty()) return base::fail(no_such("user", account));
  return std::nullopt;
}

base::Result<std::uint32_t> group_number(const Account& account) {
  if (account.name.empty()) return account.id;
  std::array<char, kAccountEntryBytes> buffer{};
  group entry{};
  group* found = nullptr;
  const int fault =
      ::getgrnam_r(account.name.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return found->gr_gid;
  if (fault != 0 && fault != ENOENT) {
    return base::fail(base::from_errno(fault, "look up group " + account.name));
  }
  return base::fail(no_such("group", account));
}

base::Result<Identity> named_identity(const Module& module) {
  Identity out = current_identity();
  std::optional<Account> user = module.uid;
  // A module that says nothing must not be served by root because somebody started us so.
  if (!user && out.uid == 0) user = Account{"nobody", 0};
  if (user) {
    ROBOSYNC_ASSIGN(const std::optional<Identity> entry, user_entry(*user));
    if (entry) {
      out = *entry;
    } else if (module.gid) {
      out.uid = user->id;
    } else {
      return base::fail(base::make_error(
          base::ErrorKind::kUsage,
          fmt::format("uid {} is not in the account table: say gid as well", user->id)));
    }
  }
  if (module.gid) {
    ROBOSYNC_ASSIGN(out.gid, group_number(*module.gid));
  }
  return out;
}

Powers powers_of(const Module& module) {
  if (!module.keep_owners) return Powers::kNone;
  return module.read_only ? Powers::kReadAll : Powers::kKeepOwners;
}

SandboxPlan limits_of(const Config& config) {
  SandboxPlan plan;
  plan.memory_mib = config.limits.worker_memory_mib;
  plan.open_files = config.limits.worker_open_files;
  plan.kernel = config.sandbox == SandboxPolicy::kOff       ? SandboxPlan::Kernel::kOff
                : config.sandbox == SandboxPolicy::kRequire ? SandboxPlan::Kernel::kRequire
                                                            : SandboxPlan::Kernel::kBest;
  return plan;
}

}  // namespace

base::Result<Identity> resolve_identity(const Module& module) {
  auto identity = named_identity(module);
  if (!identity) {
    return base::fail(
        base::make_error(identity.error().kind,
                         fmt::format("modules.{}: {}", module.name, identity.error().message())));
  }
  if (!(*identity == current_identity()) && !can_switch_identity()) {
    return base::fail(base::make_error(
        base::ErrorKind::kPermission,
        fmt::format("modules.{}: is to be served as {}:{}, and this process can be no other than "
                    "{}:{}",
                    module.name, identity->uid, identity->gid, current_identity().uid,
                    current_identity().gid)));
  }
  return identity;
}

base::Result<SandboxPlan> plan_for_all(const Config& config) {
  SandboxPlan plan = limits_of(config);
  for (const Module& module : config.modules) {
    ROBOSYNC_ASSIGN(const Identity identity, resolve_identity(module));
    if (plan.folders.empty()) {
      plan.identity = identity;
    } else if (plan.identity && !(*plan.identity == identity)) {
      plan.identity.reset();
      plan.may_switch_identity = true;
    }
    plan.powers = std::max(plan.powers, powers_of(module));
    plan.folders.push_back({module.path, !module.read_only});
  }
  return plan;
}

base::Result<SandboxPlan> plan_for(const Config& config, const Module& module) {
  SandboxPlan plan = limits_of(config);
  ROBOSYNC_ASSIGN(plan.identity, resolve_identity(module));
  plan.powers = powers_of(module);
  plan.folders.push_back({module.path, !module.read_only});
  return plan;
}

}  // namespace robosync::daemon
