// A client in the middle of a large transfer that goes no further until the test says so. For the
// tests of both kinds of server.
#pragma once

#include <cstdint>

#include "engine/net/stream.h"
#include "engine/session/channel.h"
#include "engine/session/opening.h"

namespace robosync::daemon {

// More than may be on its way at once.
inline constexpr std::uint64_t kHeldFileBytes = 12 * 1024 * 1024;

// A pull (ClientRole::kTarget) gets the file "large" of the root of module "m", which has
// kHeldFileBytes, and takes no more than its beginning; a push (kSource) sends the beginning of
// one.
class HeldTransfer {
 public:
  // Whether it came so far is is_held(). Waits for the server.
  HeldTransfer(net::StreamPtr stream, session::ClientRole role);
  [[nodiscard]] bool is_held() const { return is_held_; }
  // Whether the session is still there: goes on, to the end of the file, and ends it.
  [[nodiscard]] bool ends_well();

 private:
  [[nodiscard]] bool begin();
  [[nodiscard]] bool begin_pull();
  [[nodiscard]] bool begin_push();

  session::Channel channel_;
  const session::ClientRole role_;
  std::uint32_t number_ = 1;  // of the stream
  bool is_held_ = false;
};

}  // namespace robosync::daemon
