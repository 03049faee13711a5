#include "engine/daemon/transport.h"

#include <filesystem>
#include <utility>

#include "engine/net/private_file.h"
#include "engine/net/socket.h"
#include "engine/net/tls.h"

namespace robosync::daemon {
namespace {

class PlainTransport final : public Transport {
 public:
  base::Result<net::StreamPtr> open(int socket) override { return net::stream_over_socket(socket); }
};

class TlsTransport final : public Transport {
 public:
  explicit TlsTransport(net::TlsServer server) : server_(std::move(server)) {}
  base::Result<net::StreamPtr> open(int socket) override {
    ROBOSYNC_ASSIGN(net::StreamPtr below, net::stream_over_socket(socket));
    ROBOSYNC_ASSIGN(net::TlsStreamPtr stream, server_.accept(std::move(below)));
    return net::StreamPtr(std::move(stream));
  }

 private:
  net::TlsServer server_;
};

net::TlsServerOptions options_for(const CertificateFiles& files) {
  net::TlsServerOptions options;
  options.identity = {files.certificate, files.key};
  options.client_ca_file = files.client_ca;
  return options;
}

}  // namespace

base::Result<CertificateFiles> own_certificate(const std::string& folder, bool may_create) {
  std::error_code ignored;
  if (!may_create && !std::filesystem::exists(folder + "/certificate.pem", ignored)) {
    return CertificateFiles{};
  }
  const std::filesystem::path place(folder);
  std::filesystem::create_directories(place.parent_path(), ignored);
  static_cast<void>(net::ensure_private_folder(place));  // what is wrong with it shows below
  ROBOSYNC_ASSIGN(const net::Identity identity, net::ensure_self_signed(folder));
  return CertificateFiles{identity.certificate.string(), identity.key.string()};
}

base::Result<void> check_certificate(const CertificateFiles& files) {
  ROBOSYNC_TRY(net::TlsServer::make(options_for(files)));
  return {};
}

base::Result<std::string> certificate_fingerprint(const std::string& certificate) {
  return net::fingerprint_of(certificate);
}

base::Result<std::unique_ptr<Transport>> make_transport(const CertificateFiles& files,
                                                        std::chrono::seconds handshake_time) {
  if (files.certificate.empty()) return std::make_unique<PlainTransport>();
  net::TlsServerOptions options = options_for(files);
  options.handshake_time = handshake_time;
  ROBOSYNC_ASSIGN(net::TlsServer server, net::TlsServer::make(options));
  return std::make_unique<TlsTransport>(std::move(server));
}

}  // namespace robosync::daemon
