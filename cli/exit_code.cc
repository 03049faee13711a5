#include "cli/exit_code.h"

namespace robosync::cli {

const std::array<ExitCode, 13>& exit_codes() {
  static constexpr std::array<ExitCode, 13> kTable = {{
      {kExitOk, "success"},
      {kExitDifferent, "verify found differences"},
      {kExitUsage, "the command line makes no sense"},
      {kExitRefused, "refused, or not supported here"},
      {kExitSocket, "a connection could not be made, or was lost"},
      {kExitFileIo, "a fault of the file system kept the run from beginning or ended it"},
      {kExitProtocol, "the other side sent something that the protocol does not allow"},
      {kExitInterrupted, "interrupted"},
      {kExitPartial, "some entries failed, the rest was done"},
      {kExitVanished, "some entries vanished from the source, the rest was done"},
      {kExitGuarded, "a guard against deleting too much stopped the deletions"},
      {kExitTimeout, "the other side made no progress for too long"},
      {kExitConnectTimeout, "nobody answered within the time for connecting"},
  }};
  return kTable;
}

int exit_code(const base::Error& error) {
  switch (error.kind) {
    case base::ErrorKind::kUsage:
      return kExitUsage;
    case base::ErrorKind::kInvalid:
      // With a number it is the system's complaint, without one it is about what the user typed.
      return error.code ? kExitFileIo : kExitUsage;
    case base::ErrorKind::kRefused:
    case base::ErrorKind::kUnsupported:
    case base::ErrorKind::kNoLinks:
      return kExitRefused;
    case base::ErrorKind::kCancelled:
      return kExitInterrupted;
    case base::ErrorKind::kConnection:
      return kExitSocket;
    case base::ErrorKind::kConnectTimeout:
      return kExitConnectTimeout;
    case base::ErrorKind::kTimeout:
      return kExitTimeout;
    case base::ErrorKind::kProtocol:
      return kExitProtocol;
    default:
      return kExitFileIo;
  }
}

int exit_code(const base::Result<Report>& result) {
  if (!result) return exit_code(result.error());
  switch (result->outcome) {
    case Outcome::kOk:
      return kExitOk;
    case Outcome::kDifferent:
      return kExitDifferent;
    case Outcome::kPartial:
      return kExitPartial;
    case Outcome::kVanished:
      return kExitVanished;
    case Outcome::kGuarded:
      return kExitGuarded;
    case Outcome::kCancelled:
      return kExitInterrupted;
    case Outcome::kAborted:
      return result->fatal ? exit_code(*result->fatal) : kExitFileIo;
  }
  return kExitFileIo;
}

}  // namespace robosync::cli
