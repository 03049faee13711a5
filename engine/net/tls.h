// TLS 1.3 over any Stream, as a Stream: nothing older, no renegotiation, no early data, no tickets,
// no compression.
//
// A TlsStream owns the stream below. Its contract is stream.h's: one reader and one writer at a
// time, abort() from anywhere; the lock around the TLS state is never held while waiting. An end
// without close_notify is kConnection, forged bytes are kCorrupt, a peer that is not who it should
// be is kRefused, and what is no TLS 1.3 is kProtocol. Limits: kHandshakeTime,
// kHandshakeBytesMax. The no-progress time of the stream below is set by the handshake: set it
// again on the TlsStream.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "engine/base/cancellation.h"
#include "engine/base/result.h"
#include "engine/net/stream.h"

namespace robosync::net {

inline constexpr std::chrono::milliseconds kHandshakeTime{15'000};
// What a peer may send before it has proven anything. A certificate chain is a few KiB.
inline constexpr std::size_t kHandshakeBytesMax = std::size_t{128} * 1024;
inline constexpr std::size_t kChannelBindingBytes = 32;

class TlsStream : public Stream {
 public:
  // "SHA256:<base64>" of the peer's public key (SubjectPublicKeyInfo), as `robosyncd` prints its
  // own; empty when the peer showed no certificate.
  [[nodiscard]] virtual std::string peer_fingerprint() const = 0;
  // The subject of a verified certificate of the peer ("CN=backup"), printable ASCII; else empty.
  [[nodiscard]] virtual std::string peer_subject() const = 0;
};

using TlsStreamPtr = std::unique_ptr<TlsStream>;

// A certificate (chain) and its key, as PEM files.
struct Identity {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

// Decides about the fingerprint of a peer that has proven to have the key; an error ends the
// connection before a byte of ours was sent.
using PinCheck = std::function<base::Result<void>(const std::string& fingerprint)>;

struct TlsClientOptions {
  std::string host;               // whom the certificate must name (or the IP address)
  std::filesystem::path ca_file;  // empty: the system's store
  PinCheck pin;                   // where set: it decides, not authorities and names
  Identity identity;              // shown to a server that asks; empty paths: none
  std::chrono::milliseconds handshake_time = kHandshakeTime;
  const base::Cancellation* cancellation = nullptr;  // looked at during the handshake
};

// kCancelled when asked to stop; kConnectTimeout when the server does not complete the handshake in
// time.
[[nodiscard]] base::Result<TlsStreamPtr> tls_client(StreamPtr below,
                                                    const TlsClientOptions& options);

struct TlsServerOptions {
  Identity identity;
  std::filesystem::path client_ca_file;  // where set: clients must show a certificate from it
  std::chrono::milliseconds handshake_time = kHandshakeTime;
};

// Loads its files once; accept() from any thread.
class TlsServer {
 public:
  TlsServer(TlsServer&&) noexcept;
  TlsServer& operator=(TlsServer&&) noexcept;
  ~TlsServer();

  [[nodiscard]] static base::Result<TlsServer> make(const TlsServerOptions& options);
  // kTimeout when the client does not complete the handshake in time.
  [[nodiscard]] base::Result<TlsStreamPtr> accept(StreamPtr below) const;

 private:
  struct State;
  explicit TlsServer(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// certificate.pem and key.pem (0600) of the folder: an ECDSA P-256 pair, made when missing and
// never replaced. The folder must exist.
[[nodiscard]] base::Result<Identity> ensure_self_signed(const std::filesystem::path& folder);

// The fingerprint of a certificate file's first certificate.
[[nodiscard]] base::Result<std::string> fingerprint_of(const std::filesystem::path& certificate);

}  // namespace robosync::net
