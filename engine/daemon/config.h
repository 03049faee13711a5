// Config: everything robosyncd.toml says, checked, as plain values.
//
// parse_config() is the only way to make one from text; the worker parses the same text again, so
// there is no second format. Nothing here touches the system: accounts are names or numbers that
// somebody else looks up. Values; any thread. The reference of the keys is docs/robosyncd.md.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/daemon/address.h"
#include "engine/tree/filter.h"

namespace robosync::daemon {

inline constexpr std::uint16_t kDefaultPort = 9031;
inline constexpr std::size_t kConfigBytesMax = 1024 * 1024;
inline constexpr std::size_t kConfigStringBytesMax = 4096;
inline constexpr std::size_t kConfigListMax = 10'000;
inline constexpr std::size_t kModulesMax = 1000;
inline constexpr std::size_t kBindAddressesMax = 64;
inline constexpr std::size_t kModuleNameBytesMax = 64;
// As many mistakes are told at once.
inline constexpr std::size_t kConfigProblemsMax = 20;

inline constexpr std::uint64_t kConnectionsMax = 10'000;
inline constexpr std::uint64_t kHandshakeTimeoutMaxSeconds = 300;
inline constexpr std::uint64_t kIdleTimeoutMaxSeconds = 86'400;
inline constexpr std::uint64_t kStallTimeoutMaxSeconds = 30 * 86'400;
inline constexpr std::uint64_t kGraceMaxSeconds = 3'600;
inline constexpr std::uint64_t kWorkerMemoryMinMib = 256;
inline constexpr std::uint64_t kWorkerMemoryMaxMib = 1024 * 1024;
inline constexpr std::uint64_t kWorkerOpenFilesMin = 64;
inline constexpr std::uint64_t kWorkerOpenFilesMax = 1024 * 1024;
inline constexpr std::uint64_t kAccountIdMax = 0xffff'fffe;  // -1 means "unchanged" to the system

// Each includes those before it.
enum class Right : std::uint8_t { kRead, kWrite, kDelete };
// What becomes of symbolic links, in both directions. kSafe leaves out those that point outside
// the module.
enum class SymlinkPolicy : std::uint8_t { kSafe, kKeep, kSkip };
enum class SandboxPolicy : std::uint8_t { kBest, kRequire, kOff };
enum class LogFormat : std::uint8_t { kText, kJson };
enum class LogLevel : std::uint8_t { kError, kWarning, kInfo, kDebug };

// An account's or a group's name, or its number.
struct Account {
  std::string name;  // empty: the number counts
  std::uint32_t id = 0;
  friend bool operator==(const Account&, const Account&) = default;
};

struct Module {
  std::string name;
  std::string path;  // absolute
  std::string comment;
  bool read_only = true;
  bool allow_delete = false;
  // Anybody from anywhere, without a token. Without it a module without users is loopback's.
  bool allow_anonymous_remote = false;
  std::uint64_t connections_max = 0;                // 0: only the daemon's own limit
  std::map<std::string, Right, std::less<>> users;  // by token name
  std::vector<Network> hosts_allow;
  std::vector<Network> hosts_deny;
  std::vector<tree::FilterArgument> filters;
  SymlinkPolicy symlinks = SymlinkPolicy::kSafe;
  bool keep_owners = false;
  std::optional<Account> uid;
  std::optional<Account> gid;
  std::string chmod;
};

struct Limits {
  std::uint64_t connections_max = 64;
  std::uint64_t connections_per_address_max = 16;
  std::chrono::seconds handshake_timeout{15};
  std::chrono::seconds idle_timeout{300};
  std::chrono::seconds stall_timeout{86'400};
  std::chrono::seconds grace{30};
  std::uint64_t worker_memory_mib = 4096;  // of address space; 0: no limit
  std::uint64_t worker_open_files = 4096;
};

struct Config {
  std::vector<Endpoint> bind;
  bool plaintext = false;
  SandboxPolicy sandbox = SandboxPolicy::kBest;
  // Paths are absolute, or relative to the file's folder as written.
  std::string state_dir;         // empty: the caller's default
  std::string tokens_file;       // empty: tokens.toml in the state folder
  std::string certificate_file;  // empty, as the key: a pair of our own in the state folder
  std::string key_file;
  std::string client_ca_file;  // clients must show a certificate from it; empty: they need none
  std::optional<Endpoint> metrics;
  LogFormat log_format = LogFormat::kText;
  LogLevel log_level = LogLevel::kInfo;
  Limits limits;
  std::vector<Module> modules;  // as in the file

  [[nodiscard]] const Module* find_module(std::string_view name) const;
};

// All mistakes found, one a line, each "FILE:LINE: KEY: what is wrong" (kUsage). A file that is no
// TOML gives the first.
[[nodiscard]] base::Result<Config> parse_config(std::string_view text, std::string_view file_name);

// From the root of this system's files; on Windows with a drive or a share ("C:/data"), too.
[[nodiscard]] bool is_absolute_path(std::string_view path);

// A letter or digit, then letters, digits, '.', '_', '-'; at most kModuleNameBytesMax.
[[nodiscard]] bool is_module_name(std::string_view name);

// What `robosyncd --root DIR` says.
struct QuickStart {
  std::string root;  // absolute
  std::string bind;
  bool writable = false;
  bool allow_delete = false;
  bool plaintext = false;
  // Who serves: whoever types the command has decided. Absent: as a file that does not say.
  std::optional<Account> uid = {};
  std::optional<Account> gid = {};
};

// The same in the words of robosyncd.toml. The module is called after the folder, with '_' for what
// a module's name cannot have. kUsage when a path is not UTF-8, which TOML cannot say.
[[nodiscard]] base::Result<std::string> config_text(const QuickStart& options);

}  // namespace robosync::daemon
