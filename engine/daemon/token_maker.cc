#include "engine/daemon/token_maker.h"

namespace robosync::daemon {

base::Result<NewToken> make_token(std::string_view /*name*/) {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported, "no tokens in this build"));
}

}  // namespace robosync::daemon
