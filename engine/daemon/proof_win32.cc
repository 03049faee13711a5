// What the daemon asks of connections, on a system where it does not serve yet.
#include "engine/daemon/proof.h"
#include "engine/daemon/token_maker.h"

namespace robosync::daemon {

bool proof_holds(std::string_view /*verifier*/, const session::Opening& /*opening*/,
                 const net::Stream& /*stream*/) {
  return false;
}

base::Result<NewToken> make_token(std::string_view /*name*/) {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                     "the daemon is not supported on Windows yet"));
}

}  // namespace robosync::daemon
