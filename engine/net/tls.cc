// How either side of TLS is set up; the stream itself is in tls_stream.cc.
#include "engine/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <utility>

#include "engine/base/processor.h"
#include "engine/net/authorities.h"
#include "engine/net/openssl.h"
#include "engine/net/private_file.h"
#include "engine/net/tls_stream.h"

namespace robosync::net {
namespace {

using base::ErrorKind;

constexpr const char* kWithAes =
    "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256";
constexpr const char* kWithoutAes =
    "TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384";

base::Result<Owned<SSL_CTX>> new_context(const SSL_METHOD* method) {
  ERR_clear_error();
  Owned<SSL_CTX> context(SSL_CTX_new(method));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_ciphersuites(context.get(), base::processor_has_aes() ? kWithAes : kWithoutAes) !=
          1 ||
      SSL_CTX_set_num_tickets(context.get(), 0) != 1 ||
      SSL_CTX_set_max_early_data(context.get(), 0) != 1) {
    return base::fail(openssl_error(ErrorKind::kIo, "TLS set-up"));
  }
  // A client without AES instructions has ChaCha20 first, and is then given it.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  return context;
}

base::Result<void> use_identity(SSL_CTX* context, const Identity& identity) {
  if (identity.certificate.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, openssl_name(identity.certificate).c_str()) !=
      1) {
    return base::fail(
        openssl_error(ErrorKind::kInvalid, "certificate " + identity.certificate.string()));
  }
  ROBOSYNC_TRY(check_private(identity.key));
  if (SSL_CTX_use_PrivateKey_file(context, openssl_name(identity.key).c_str(), SSL_FILETYPE_PEM) !=
          1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return base::fail(openssl_error(ErrorKind::kInvalid, "key " + identity.key.string()));
  }
  return {};
}

// The macro for this casts in the old style.
bool set_server_name(SSL* ssl, std::string host) {
  return SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, host.data()) == 1;
}

base::Result<void> expect_host(SSL* ssl, const std::string& host) {
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  if (host.empty()) {
    return base::fail(base::make_error(ErrorKind::kUsage, "TLS: no host to verify"));
  }
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return {};
  ERR_clear_error();
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_VERIFY_PARAM_set1_host(parameters, host.c_str(), host.size()) != 1 ||
      !set_server_name(ssl, host)) {
    return base::fail(openssl_error(ErrorKind::kUsage, "TLS: host " + host));
  }
  return {};
}

}  // namespace

base::Result<TlsStreamPtr> tls_client(StreamPtr below, const TlsClientOptions& options) {
  ROBOSYNC_ASSIGN(const auto context, new_context(TLS_client_method()));
  ROBOSYNC_TRY(use_identity(context.get(), options.identity));
  if (!options.pin) {
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
    const int loaded = options.ca_file.empty()
                           ? use_system_authorities(context.get())
                           : SSL_CTX_load_verify_locations(
                                 context.get(), openssl_name(options.ca_file).c_str(), nullptr);
    if (loaded != 1) {
      return base::fail(
          openssl_error(ErrorKind::kInvalid, "authorities " + options.ca_file.string()));
    }
  }
  Owned<SSL> ssl(SSL_new(context.get()));
  if (!ssl) return base::fail(openssl_error(ErrorKind::kIo, "TLS set-up"));
  if (!options.pin) ROBOSYNC_TRY(expect_host(ssl.get(), options.host));
  SSL_set_connect_state(ssl.get());
  return tls_handshake(std::move(ssl), std::move(below), TlsRole::kClient, options.handshake_time,
                       options.pin, options.cancellation);
}

struct TlsServer::State {
  Owned<SSL_CTX> context;
  std::chrono::milliseconds handshake_time{};
};

TlsServer::TlsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsServer::TlsServer(TlsServer&&) noexcept = default;
TlsServer& TlsServer::operator=(TlsServer&&) noexcept = default;
TlsServer::~TlsServer() = default;

base::Result<TlsServer> TlsServer::make(const TlsServerOptions& options) {
  auto state = std::make_unique<State>();
  state->handshake_time = options.handshake_time;
  ROBOSYNC_ASSIGN(state->context, new_context(TLS_server_method()));
  SSL_CTX* context = state->context.get();
  if (options.identity.certificate.empty()) {
    return base::fail(base::make_error(ErrorKind::kUsage, "TLS server: no certificate"));
  }
  ROBOSYNC_TRY(use_identity(context, options.identity));
  if (!options.client_ca_file.empty()) {
    const std::string file = openssl_name(options.client_ca_file);
    if (SSL_CTX_load_verify_locations(context, file.c_str(), nullptr) != 1) {
      return base::fail(openssl_error(ErrorKind::kInvalid,
                                      "client authorities " + options.client_ca_file.string()));
    }
    SSL_CTX_set_client_CA_list(context, SSL_load_client_CA_file(file.c_str()));
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return TlsServer(std::move(state));
}

base::Result<TlsStreamPtr> TlsServer::accept(StreamPtr below) const {
  Owned<SSL> ssl(SSL_new(state_->context.get()));
  if (!ssl) return base::fail(openssl_error(ErrorKind::kIo, "TLS set-up"));
  SSL_set_accept_state(ssl.get());
  return tls_handshake(std::move(ssl), std::move(below), TlsRole::kServer, state_->handshake_time,
                       nullptr, nullptr);
}

}  // namespace robosync::net
