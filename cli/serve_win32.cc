#include "cli/serve.h"

namespace robosync::cli {

base::Result<void> serve_stdio(const base::Cancellation& /*cancellation*/) {
  return base::fail(
      base::make_error(base::ErrorKind::kUnsupported, "serve is not supported on Windows yet"));
}

}  // namespace robosync::cli
