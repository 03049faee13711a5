// A Stream over several: for links on which one connection alone stays far below what the link
// carries (long ways with loss).
//
// What is written is cut into blocks, numbered from 0, and each goes over whichever connection is
// free; the other side, which has the other ends of the same connections in any order, puts them in
// order again. A block is its number (8 bytes), its length (4 bytes, little endian) and its bytes.
// The contract is that of stream.h; a connection that fails fails it all. Two threads of its own
// for each connection. Limits: kStripesMax, kStripeBlockBytes, kStripeAheadBytesMax.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/net/stream.h"

namespace robosync::net {

inline constexpr std::size_t kStripesMax = 16;
inline constexpr std::size_t kStripeBlockBytes = std::size_t{64} * 1024;
// What may wait for a block that is still on its way over a slower connection.
inline constexpr std::size_t kStripeAheadBytesMax = std::size_t{32} * 1024 * 1024;
inline constexpr std::size_t kStripeHeaderBytes = 12;

// `ahead` has been read from the first stream already. REQUIRES: 1 to kStripesMax streams, nothing
// of which is read or written by others any more.
[[nodiscard]] StreamPtr striped_stream(std::vector<StreamPtr> streams, std::string ahead = {});

}  // namespace robosync::net
