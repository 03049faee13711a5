// The daemon's end of a connection: TLS where it is not switched off, and the certificate for it.
// POSIX only.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/net/stream.h"

namespace robosync::daemon {

struct CertificateFiles {
  std::string certificate;     // PEM
  std::string key;             // PEM, 0600
  std::string client_ca = {};  // PEM; empty: clients need no certificate
};

// The pair of this folder, made on the first start. With `may_create` false and none there: empty.
[[nodiscard]] base::Result<CertificateFiles> own_certificate(const std::string& folder,
                                                             bool may_create);
// Whether a daemon could serve with them.
[[nodiscard]] base::Result<void> check_certificate(const CertificateFiles& files);
// What clients compare ("SHA256:...").
[[nodiscard]] base::Result<std::string> certificate_fingerprint(const std::string& certificate);

// Loaded while the key can be read, used when it no longer can.
class Transport {
 public:
  virtual ~Transport() = default;
  // Takes over a connected socket. kTimeout when the peer takes longer than the handshake may.
  [[nodiscard]] virtual base::Result<net::StreamPtr> open(int socket) = 0;
};

// Without files: bytes as they are.
[[nodiscard]] base::Result<std::unique_ptr<Transport>> make_transport(
    const CertificateFiles& files, std::chrono::seconds handshake_time);

}  // namespace robosync::daemon
