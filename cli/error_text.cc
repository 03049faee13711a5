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

// "open a" for d/a is "open": the line begins with the path.
std::string without_name(const std::string& context, const std::string& path) {
  const std::string name = path.substr(path.find_last_of('/') + 1);
  for (const std::string& ending : {" " + path, " " + name}) {
    if (context.ends_with(ending)) return context.substr(0, context.size() - ending.size());
  }
  return context == path ? "" : context;
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
    case ErrorKind::kConnection:
      return "is the other side running, and reachable from here?";
    case ErrorKind::kConnectTimeout:
      return "check the address, the port and the firewalls between";
    case ErrorKind::kTimeout:
      return "the other side stopped answering; run again to go on where it ended";
    default:
      return "";
  }
}

std::string error_text(const base::Error& error) {
  return with_advice(printable(error.message()), error.kind);
}

std::string problem_text(const tree::Problem& problem) {
  const base::Error& error = problem.error;
  const std::string path = problem.path.empty() ? "." : problem.path;
  base::Error shorter = error;
  shorter.context = without_name(error.context, path);
  const std::string reason = shorter.context.empty() && !shorter.code ? "" : shorter.message();
  return with_advice(printable(reason.empty() ? path : path + ": " + reason), error.kind);
}

}  // namespace robosync::cli
