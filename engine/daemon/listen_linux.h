// Listening sockets: our own, or those that systemd hands over. Linux only; one thread.
//
// All are non-blocking and not inherited. An IPv6 socket serves IPv6 alone, so that "::" and
// "0.0.0.0" may both be asked for and an address means what it says.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/daemon/address.h"
#include "engine/daemon/descriptor_posix.h"

namespace robosync::daemon {

// As many sockets are taken from systemd.
inline constexpr int kActivatedSocketsMax = 64;

struct Listening {
  Endpoint asked;  // as configured
  Endpoint bound;  // with the port that the system chose
  Descriptor socket;
  bool activated = false;  // systemd's: not ours to close or open again
};

[[nodiscard]] base::Result<Listening> listen_on(const Endpoint& endpoint);

// The sockets of LISTEN_FDS, if they are meant for this process; takes the variables out of the
// environment. kUsage when one of them is not a listening TCP socket.
[[nodiscard]] base::Result<std::vector<Listening>> take_activated_sockets();

struct Accepted {
  Descriptor socket;  // blocking
  Endpoint peer;
};

// kTransient: nobody is waiting any more. kLimit: no descriptors or memory left.
[[nodiscard]] base::Result<Accepted> accept_from(const Listening& listening);
// How many connections wait to be accepted.
[[nodiscard]] std::uint64_t waiting_on(const Listening& listening);

}  // namespace robosync::daemon
