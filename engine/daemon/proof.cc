#include "engine/daemon/proof.h"

#include <string>

#include "engine/net/token.h"

namespace robosync::daemon {

bool proof_holds(std::string_view verifier, const session::Opening& opening,
                 const net::Stream& stream) {
  const auto parsed = net::parse_verifier(opening.token_id + ' ' + std::string(verifier));
  if (!parsed) return false;
  return net::check_proof(*parsed, stream.channel_binding(), opening.proof).has_value();
}

}  // namespace robosync::daemon
