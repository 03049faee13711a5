// Landlock through its system calls: the C library of our oldest systems has no wrappers, and their
// headers may be older than the kernel, so the numbers of newer rights stand here.
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "engine/daemon/descriptor_posix.h"
#include "engine/daemon/sandbox_parts_linux.h"

namespace robosync::daemon {
namespace {

// The kernel's own names, as of ABI 6.
constexpr std::uint64_t kExecute = 1ULL << 0;
constexpr std::uint64_t kReadFile = 1ULL << 2;
constexpr std::uint64_t kReadDir = 1ULL << 3;
constexpr std::uint64_t kMakeChar = 1ULL << 6;
constexpr std::uint64_t kMakeBlock = 1ULL << 11;
constexpr std::uint64_t kAllOfAbi1 = (1ULL << 13) - 1;
constexpr std::uint64_t kRefer = 1ULL << 13;               // 2
constexpr std::uint64_t kTruncate = 1ULL << 14;            // 3
constexpr std::uint64_t kIoctlDev = 1ULL << 15;            // 5
constexpr std::uint64_t kNetBindTcp = 1ULL << 0;           // 4
constexpr std::uint64_t kNetConnectTcp = 1ULL << 1;        // 4
constexpr std::uint64_t kScopeAbstractSocket = 1ULL << 0;  // 6
constexpr std::uint64_t kScopeSignal = 1ULL << 1;          // 6

// struct landlock_ruleset_attr of ABI 6; older kernels take a shorter one.
struct RulesetAttributes {
  std::uint64_t handled_access_fs = 0;
  std::uint64_t handled_access_net = 0;
  std::uint64_t scoped = 0;
};

std::uint64_t handled_rights(int abi) {
  std::uint64_t rights = kAllOfAbi1;
  if (abi >= 2) rights |= kRefer;
  if (abi >= 3) rights |= kTruncate;
  if (abi >= 5) rights |= kIoctlDev;
  return rights;
}

base::Result<void> allow(int ruleset, const std::string& path, std::uint64_t rights) {
  const Descriptor beneath(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (beneath.get() < 0) {
    if (errno == ENOENT || errno == EACCES || errno == ENOTDIR) return {};
    return base::fail(base::from_errno(errno, "open " + path));
  }
  landlock_path_beneath_attr rule{};
  rule.allowed_access = rights;
  rule.parent_fd = beneath.get();
  if (::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) {
    return base::fail(base::from_errno(errno, "landlock: allow " + path));
  }
  return {};
}

}  // namespace

int landlock_abi() {
  const long abi = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1 /* the version */);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

base::Result<void> landlock_confine(const std::vector<SandboxFolder>& folders) {
  const int abi = landlock_abi();
  RulesetAttributes attributes;
  attributes.handled_access_fs = handled_rights(abi);
  std::size_t size = sizeof(attributes.handled_access_fs);
  if (abi >= 4) {
    attributes.handled_access_net = kNetBindTcp | kNetConnectTcp;
    size += sizeof(attributes.handled_access_net);
  }
  if (abi >= 6) {
    attributes.scoped = kScopeAbstractSocket | kScopeSignal;
    size += sizeof(attributes.scoped);
  }
  const Descriptor ruleset(
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, size, 0)));
  if (ruleset.get() < 0) return base::fail(base::from_errno(errno, "landlock: create rules"));
  // Device nodes are never made, programs never run.
  const std::uint64_t write =
      attributes.handled_access_fs & ~(kExecute | kMakeChar | kMakeBlock | kIoctlDev);
  for (const SandboxFolder& folder : folders) {
    ROBOSYNC_TRY(allow(ruleset.get(), folder.path, folder.writable ? write : kReadFile | kReadDir));
  }
  // Owners travel with their names, which are looked up in these; /proc/self/fd names held files.
  for (const char* path : {"/etc/passwd", "/etc/group", "/etc/nsswitch.conf"}) {
    ROBOSYNC_TRY(allow(ruleset.get(), path, kReadFile));
  }
  ROBOSYNC_TRY(allow(ruleset.get(), "/proc/self", kReadFile | kReadDir));
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) {
    return base::fail(base::from_errno(errno, "landlock: restrict"));
  }
  return {};
}

}  // namespace robosync::daemon
