// The authorities that the system trusts, for OpenSSL. Internal to the TLS half of this layer.
#pragma once

struct ssl_ctx_st;

namespace robosync::net {

// 1 as OpenSSL has it, anything else is a fault whose reason is in OpenSSL's queue.
[[nodiscard]] int use_system_authorities(ssl_ctx_st* context);

}  // namespace robosync::net
