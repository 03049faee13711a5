// Sandbox: what a worker gives up before it reads the first byte of a peer, and once more when the
// module is known.
//
// Neither step can be undone, and both hold for the calling thread and the threads it starts later:
// call them before there are others. Where the kernel lacks Landlock or seccomp, `require` decides
// between an error and going on with what there is. What it protects from, and what not, is in
// docs/security.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace robosync::daemon {

struct SandboxFolder {
  std::string path;
  bool writable = false;
};

// Numbers, not names: who is looked up is looked up before.
struct Identity {
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  friend bool operator==(const Identity&, const Identity&) = default;
};

// Capabilities that stay, where the process has them at all.
enum class Powers : std::uint8_t {
  kNone,
  kReadAll,    // a read-only module that keeps owners: DAC_READ_SEARCH
  kKeepOwners  // one that is written: that, CHOWN, FOWNER, FSETID, DAC_OVERRIDE; never MKNOD
};

struct SandboxPlan {
  std::vector<SandboxFolder> folders;
  // Becomes this account at once. With powers, it keeps them.
  std::optional<Identity> identity;
  Powers powers = Powers::kNone;
  // Stays able to become another account later (modules of several accounts).
  bool may_switch_identity = false;
  std::uint64_t memory_mib = 0;  // of address space; 0: no limit
  std::uint64_t open_files = 0;  // 0: as it is
  // kRequire fails with kUnsupported what kBest goes without; kOff leaves Landlock and seccomp out.
  enum class Kernel : std::uint8_t { kBest, kRequire, kOff } kernel = Kernel::kBest;
};

// Before the first byte: limits, no new privileges, identity or the power to take one, Landlock on
// all folders, seccomp. Returns what is in force, for the log ("landlock 7, seccomp").
[[nodiscard]] base::Result<std::string> enter_sandbox(const SandboxPlan& plan);

// When the module is known: the identity, no more powers than it needs, one folder. REQUIRES:
// enter_sandbox() has succeeded.
[[nodiscard]] base::Result<void> narrow_sandbox(const SandboxPlan& plan);

// True when this process could become another account.
[[nodiscard]] bool can_switch_identity();
[[nodiscard]] Identity current_identity();
// True when workers of this process could keep these powers.
[[nodiscard]] bool can_keep(Powers powers);

}  // namespace robosync::daemon
