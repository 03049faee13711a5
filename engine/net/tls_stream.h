// The TLS state machine between two streams: what passes below is records, above is bytes. Internal
// to the TLS half of this layer; tls.h is its door.
#pragma once

#include <chrono>

#include "engine/net/openssl.h"
#include "engine/net/tls.h"

namespace robosync::net {

enum class TlsRole { kClient, kServer };

// Completes the handshake; kCancelled when asked to stop meanwhile (null: nobody asks). REQUIRES:
// `ssl` is set up for the role and has no BIOs yet.
[[nodiscard]] base::Result<TlsStreamPtr> tls_handshake(Owned<ssl_st> ssl, StreamPtr below,
                                                       TlsRole role, std::chrono::milliseconds time,
                                                       const PinCheck& pin,
                                                       const base::Cancellation* cancellation);

}  // namespace robosync::net
