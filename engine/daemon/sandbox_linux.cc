#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "engine/daemon/sandbox.h"
#include "engine/daemon/sandbox_parts_linux.h"

namespace robosync::daemon {
namespace {

using base::ErrorKind;

constexpr std::uint64_t bit(unsigned capability) { return std::uint64_t{1} << capability; }

constexpr std::uint64_t kSwitch = bit(CAP_SETUID) | bit(CAP_SETGID);
constexpr std::uint64_t kReadAllPowers = bit(CAP_DAC_READ_SEARCH);
// FSETID: a set-id bit survives the writing of a file that is another's. DAC_OVERRIDE: files of
// others are read and replaced. Not MKNOD: devices are not what a daemon restores over a network.
constexpr std::uint64_t kOwnerPowers =
    bit(CAP_CHOWN) | bit(CAP_FOWNER) | bit(CAP_FSETID) | bit(CAP_DAC_OVERRIDE) | kReadAllPowers;

std::uint64_t bits_of(Powers powers) {
  switch (powers) {
    case Powers::kNone:
      return 0;
    case Powers::kReadAll:
      return kReadAllPowers;
    case Powers::kKeepOwners:
      return kOwnerPowers;
  }
  return 0;
}

base::Error failed(std::string what) { return base::from_errno(errno, std::move(what)); }

using CapabilityWords = std::array<__user_cap_data_struct, 2>;

base::Result<std::uint64_t> permitted_capabilities() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilityWords words{};
  if (::syscall(SYS_capget, &header, words.data()) != 0) return base::fail(failed("capget"));
  return std::uint64_t{words[0].permitted} | std::uint64_t{words[1].permitted} << 32;
}

// Permitted and effective become those of `wanted` that are there; nothing is inheritable.
base::Result<void> keep_capabilities(std::uint64_t wanted) {
  ROBOSYNC_ASSIGN(const std::uint64_t have, permitted_capabilities());
  // Nothing to give up; and what started us may not let us ask (the unprivileged unit's filter).
  if (have == 0) return {};
  const std::uint64_t kept = have & wanted;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  CapabilityWords words{};
  for (unsigned i = 0; i < words.size(); ++i) {
    const auto part = static_cast<std::uint32_t>(kept >> (32 * i));
    words.at(i).permitted = part;
    words.at(i).effective = part;
  }
  // Ambient ones would come back with the next program; there is none, but nothing is left to luck.
  if (::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL) {
    return base::fail(failed("drop ambient capabilities"));
  }
  if (::syscall(SYS_capset, &header, words.data()) != 0) return base::fail(failed("capset"));
  return {};
}

base::Result<void> become(const Identity& identity) {
  if (identity == current_identity()) return {};
  if (::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return base::fail(failed("keep capabilities"));
  // No supplementary groups: the module's group is the only one.
  if (::setgroups(0, nullptr) != 0) return base::fail(failed("drop groups"));
  if (::setresgid(identity.gid, identity.gid, identity.gid) != 0) {
    return base::fail(failed(fmt::format("become group {}", identity.gid)));
  }
  if (::setresuid(identity.uid, identity.uid, identity.uid) != 0) {
    return base::fail(failed(fmt::format("become user {}", identity.uid)));
  }
  if (!(current_identity() == identity)) {
    return base::fail(base::make_error(ErrorKind::kPermission, "the identity did not change"));
  }
  // The change took our own /proc/self/fd from us, by whose names some calls reach held files.
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) return base::fail(failed("keep /proc/self"));
  return {};
}

base::Result<void> lower_limit(int resource, std::uint64_t value, std::string_view name) {
  rlimit limit{};
  const auto kind = static_cast<__rlimit_resource_t>(resource);
  if (::getrlimit(kind, &limit) != 0) return base::fail(failed(fmt::format("read {}", name)));
  limit.rlim_max = std::min<rlim_t>(limit.rlim_max, value);
  limit.rlim_cur = limit.rlim_max;
  if (::setrlimit(kind, &limit) != 0) return base::fail(failed(fmt::format("lower {}", name)));
  return {};
}

base::Result<void> lower_limits(const SandboxPlan& plan) {
  if (plan.memory_mib != 0) {
    ROBOSYNC_TRY(lower_limit(RLIMIT_AS, plan.memory_mib * 1024 * 1024, "the memory limit"));
  }
  if (plan.open_files != 0) {
    ROBOSYNC_TRY(lower_limit(RLIMIT_NOFILE, plan.open_files, "the limit of open files"));
  }
  // A core file would hold the key and other people's data.
  ROBOSYNC_TRY(lower_limit(RLIMIT_CORE, 0, "the limit of core files"));
  return {};
}

base::Result<void> set_identity(const SandboxPlan& plan) {
  if (plan.identity) ROBOSYNC_TRY(become(*plan.identity));
  return keep_capabilities(bits_of(plan.powers) | (plan.may_switch_identity ? kSwitch : 0));
}

base::Error lacking(std::string_view what) {
  return base::make_error(ErrorKind::kUnsupported,
                          fmt::format("this kernel has no {}, and the sandbox is required", what));
}

}  // namespace

Identity current_identity() {
  return {static_cast<std::uint32_t>(::geteuid()), static_cast<std::uint32_t>(::getegid())};
}

bool can_switch_identity() {
  const auto have = permitted_capabilities();
  return have && (*have & kSwitch) == kSwitch;
}

bool can_keep(Powers powers) {
  const auto have = permitted_capabilities();
  return have && (*have & bits_of(powers)) == bits_of(powers);
}

base::Result<std::string> enter_sandbox(const SandboxPlan& plan) {
  ROBOSYNC_TRY(lower_limits(plan));
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    return base::fail(failed("refuse new privileges"));
  }
  // Rules name folders that only the daemon's account may be able to reach: before it changes.
  std::string in_force;
  const bool require = plan.kernel == SandboxPlan::Kernel::kRequire;
  const bool wanted = plan.kernel != SandboxPlan::Kernel::kOff;
  if (const int abi = wanted ? landlock_abi() : 0; abi > 0) {
    ROBOSYNC_TRY(landlock_confine(plan.folders));
    in_force = fmt::format("landlock {}", abi);
  } else if (require) {
    return base::fail(lacking("Landlock"));
  }
  ROBOSYNC_TRY(set_identity(plan));
  if (wanted) {
    ROBOSYNC_ASSIGN(const bool filtered, seccomp_confine());
    if (!filtered && require) return base::fail(lacking("seccomp"));
    if (filtered) in_force += in_force.empty() ? "seccomp" : ", seccomp";
  }
  return in_force.empty() ? "nothing of the kernel's" : in_force;
}

base::Result<void> narrow_sandbox(const SandboxPlan& plan) {
  const bool wanted = plan.kernel != SandboxPlan::Kernel::kOff;
  // The identity first: it must reach the folder by its own rights.
  ROBOSYNC_TRY(set_identity(plan));
  if (wanted && landlock_abi() > 0) ROBOSYNC_TRY(landlock_confine(plan.folders));
  return {};
}

}  // namespace robosync::daemon
