#include "engine/daemon/proof.h"

namespace robosync::daemon {

bool proof_holds(std::string_view /*verifier*/, const session::Opening& /*opening*/,
                 const net::Stream& /*stream*/) {
  return false;  // fail closed
}

}  // namespace robosync::daemon
