#include "cli/error_text.h"

#include "cli/output_names.h"

namespace robosync::cli {
namespace {

std::string with_advice(std::string text, base::ErrorKind kind) {
  const std::string_view advice = advice_for(kind);
  if (!advice.empty()) {
    text += " (";
    text += advice;
    text += ')';
  }
  return text;
}

}  // namespace

std::string_view advice_for(base::ErrorKind kind) {
  using base::ErrorKind;
  switch (kind) {
    case ErrorKind::kPermission:
      return "run as a user who may, or change its permissions";
    case ErrorKind::kNoSpace:
      return "make room, then run again";
    case ErrorKind::kReadOnly:
      return "its file system is mounted read-only";
    case ErrorKind::kBusy:
      return "something else uses it; run again later, or see --retries";
    case ErrorKind::kTransient:
      return "run again, or see --retries";
    case ErrorKind::kChanged:
      return "it changed while it was read; run again";
    case ErrorKind::kDeviceGone:
      return "is it still connected and mounted?";
    case ErrorKind::kCorrupt:
      return "what was written reads back differently: check the disk and the memory";
    default:
      return "";
  }
}

std::string error_text(const base::Error& error) {
  return with_advice(printable(error.message()), error.kind);
}

std::string problem_text(const tree::Problem& problem) {
  const std::string message = problem.error.message();
  const bool named = !problem.path.empty() && message.find(problem.path) != std::string::npos;
  const std::string path = problem.path.empty() ? "." : problem.path;
  return with_advice(printable(named ? message : path + ": " + message), problem.error.kind);
}

}  // namespace robosync::cli
