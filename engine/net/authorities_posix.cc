#include "engine/net/authorities.h"

#include <openssl/ssl.h>

namespace robosync::net {

int use_system_authorities(ssl_ctx_st* context) {
  return SSL_CTX_set_default_verify_paths(context);
}

}  // namespace robosync::net
