#include "engine/daemon/transport_posix.h"

#include "engine/net/socket.h"

namespace robosync::daemon {
namespace {

class PlainTransport final : public Transport {
 public:
  base::Result<net::StreamPtr> open(int socket) override { return net::stream_over_socket(socket); }
};

}  // namespace

base::Result<CertificateFiles> own_certificate(const std::string& /*folder*/, bool /*may_create*/) {
  return CertificateFiles{};
}

base::Result<void> check_certificate(const CertificateFiles& /*files*/) { return {}; }

base::Result<std::string> certificate_fingerprint(const std::string& /*certificate*/) {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported, "no TLS in this build"));
}

base::Result<std::unique_ptr<Transport>> make_transport(const CertificateFiles& files,
                                                        std::chrono::seconds /*handshake_time*/) {
  if (!files.certificate.empty()) {
    return base::fail(base::make_error(base::ErrorKind::kUnsupported, "no TLS in this build"));
  }
  return std::make_unique<PlainTransport>();
}

}  // namespace robosync::daemon
