// proof_holds(): whether a peer has the token that it names, on this very connection.
#pragma once

#include <string_view>

#include "engine/net/stream.h"
#include "engine/session/opening.h"

namespace robosync::daemon {

// In constant time as far as the secret goes. False for anything that is not a proof.
[[nodiscard]] bool proof_holds(std::string_view verifier, const session::Opening& opening,
                               const net::Stream& stream);

}  // namespace robosync::daemon
