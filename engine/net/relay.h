// relay(): passes bytes between a client and a session, both ways, until both directions have ended
// or one has failed. Uses the calling thread and one more.
#pragma once

#include <chrono>

#include "engine/net/stream.h"

namespace robosync::net {

inline constexpr std::size_t kRelayBytes = std::size_t{256} * 1024;

// The first fault; then both streams are aborted. The session knows how long to wait for its
// client; once it has ended its direction, the client gets so long to end its own (kTimeout).
[[nodiscard]] base::Result<void> relay(Stream& client, Stream& session,
                                       std::chrono::milliseconds end_time);

}  // namespace robosync::net
