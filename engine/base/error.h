// Errors as values: what went wrong, in a form that decides retry, skip, abort and the exit code.
//
// An operating fault travels as Result<T> = std::expected<T, Error>. A fault of one entry becomes a
// tree::Problem and the run goes on; a programmer's error aborts through ROBOSYNC_CHECK (check.h).
// Values only; any thread. See docs/architecture.md.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace robosync::base {

// What kind of fault it is, independent of the platform's numbers.
enum class ErrorKind {
  kNotFound,        // no such entry
  kExists,          // the name is taken
  kPermission,      // the system refuses access
  kNotDirectory,    // a directory was needed
  kIsDirectory,     // a non-directory was needed
  kNotEmpty,        // a directory still has entries
  kLink,            // a symbolic link stands where none may be followed
  kNoSpace,         // volume full or quota reached
  kReadOnly,        // read-only file system
  kCrossDevice,     // the operation cannot cross file systems
  kUnsupported,     // this system, file system or route cannot do it
  kInvalid,         // an argument or name is not valid
  kBusy,            // locked or in use; may pass
  kTransient,       // interrupted, try again; may pass
  kChanged,         // the entry changed while it was read
  kCancelled,       // the user asked to stop
  kLimit,           // a named limit was reached (open files, name length, depth)
  kDeviceGone,      // the volume or root is gone
  kIo,              // any other input/output error
  kRefused,         // a guard of ours refuses (nested trees, empty source)
  kUsage,           // the request itself makes no sense
  kCorrupt,         // what was written, or arrived, is not what was read
  kConnection,      // a connection could not be made, or was lost
  kConnectTimeout,  // nobody answered within the time given for connecting
  kTimeout,         // a peer made no progress within the time given
  kProtocol,        // a peer sent something that the protocol does not allow
  kNoLinks,         // no symbolic link can be made there, whatever it is called
};

// Name of a kind as used in JSON and logs ("not_found").
[[nodiscard]] std::string_view to_string(ErrorKind kind);

struct Error {
  ErrorKind kind = ErrorKind::kIo;
  std::error_code code;  // the system's own number, empty when the fault is ours
  std::string context;   // what was being done, to what ("open data/a.txt")

  // One line for people: context, then the reason.
  [[nodiscard]] std::string message() const;
};

// Maps an errno value to a kind. Never throws.
[[nodiscard]] ErrorKind kind_of_errno(int number);

// An Error from an errno value.
[[nodiscard]] Error from_errno(int number, std::string context);

// An Error of ours, with no system code.
[[nodiscard]] Error make_error(ErrorKind kind, std::string context);

// True when the same call may succeed a moment later (see --retries).
[[nodiscard]] bool is_transient(ErrorKind kind);

// True when going on with other entries of the same volume is pointless.
[[nodiscard]] bool is_volume_fault(ErrorKind kind);

}  // namespace robosync::base
