#include "cli/service_state.h"

namespace robosync::cli {

base::Result<void> leave_state_to_service(const daemon::Config& /*config*/,
                                          const daemon::LoadPlan& /*plan*/) {
  return {};
}

}  // namespace robosync::cli
