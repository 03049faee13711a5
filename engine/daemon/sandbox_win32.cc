#include "engine/daemon/sandbox.h"

namespace robosync::daemon {
namespace {

base::Error not_yet() {
  return base::make_error(base::ErrorKind::kUnsupported,
                          "the daemon is not supported on Windows yet");
}

}  // namespace

Identity current_identity() { return {}; }

bool can_switch_identity() { return false; }

bool can_keep(Powers powers) { return powers == Powers::kNone; }

base::Result<std::string> enter_sandbox(const SandboxPlan& /*plan*/) {
  return base::fail(not_yet());
}

base::Result<void> narrow_sandbox(const SandboxPlan& /*plan*/) { return base::fail(not_yet()); }

}  // namespace robosync::daemon
