// On Windows the daemon is one process with one account, that of the service (docs/security.md):
// what would need another is refused rather than ignored.
#include <fmt/format.h>

#include "engine/daemon/system_check.h"

namespace robosync::daemon {
namespace {

base::Error unsupported(std::string what) {
  return base::make_error(base::ErrorKind::kUnsupported, std::move(what));
}

}  // namespace

base::Result<void> check_system(const Config& config) {
  if (config.sandbox == SandboxPolicy::kRequire) {
    return base::fail(unsupported("sandbox = \"require\": there is none on Windows"));
  }
  for (const Module& module : config.modules) {
    if (module.uid || module.gid) {
      return base::fail(unsupported(fmt::format(
          "modules.{}: uid and gid are of other systems; on Windows the service's account serves",
          module.name)));
    }
  }
  return {};
}

}  // namespace robosync::daemon
