#include "engine/net/tls_stream.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/mutex.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kRecordBytes = std::size_t{16} * 1024;
// So much is read at once, and so much is collected before it is written: a call to the system for
// 16 records rather than for each.
constexpr std::size_t kBatchBytes = std::size_t{256} * 1024;
// Label of RFC 9266.
// How often a handshake looks whether it is still wanted.
constexpr milliseconds kLook{50};
constexpr std::string_view kBindingLabel = "EXPORTER-Channel-Binding";

// What OpenSSL reads from and writes to: memory. All under the stream's lock.
struct Records {
  std::span<const std::byte> incoming;
  std::vector<std::byte> outgoing;
};

int read_records(BIO* bio, char* out, int size) {
  auto& records = *static_cast<Records*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  if (records.incoming.empty()) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const std::size_t count = std::min(records.incoming.size(), static_cast<std::size_t>(size));
  std::memcpy(out, records.incoming.data(), count);
  records.incoming = records.incoming.subspan(count);
  return static_cast<int>(count);
}

int write_records(BIO* bio, const char* data, int size) {
  auto& records = *static_cast<Records*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const auto* bytes = reinterpret_cast<const std::byte*>(data);
  records.outgoing.insert(records.outgoing.end(), bytes, bytes + size);
  return size;
}

long control_records(BIO* /*bio*/, int command, long /*number*/, void* /*data*/) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;
}

BIO_METHOD* records_method() {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "records");
    ROBOSYNC_CHECK(made != nullptr);
    BIO_meth_set_read(made, read_records);
    BIO_meth_set_write(made, write_records);
    BIO_meth_set_ctrl(made, control_records);
    return made;
  }();
  return kMethod;
}

class OverStream final : public TlsStream {
 public:
  OverStream(Owned<SSL> ssl, StreamPtr below)
      : ssl_(std::move(ssl)), below_(std::move(below)), received_(kBatchBytes) {
    BIO* bio = BIO_new(records_method());
    ROBOSYNC_CHECK(bio != nullptr);
    BIO_set_data(bio, &records_);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    staged_.reserve(kRecordBytes);
  }

  base::Result<void> handshake(TlsRole role, milliseconds time,
                               const base::Cancellation* cancellation) {
    const auto deadline = Clock::now() + time;
    auto done = handshake_until(deadline, cancellation);
    below_->set_no_progress_time(milliseconds(0));
    if (done) return note_peer();
    base::Error error = std::move(done).error();
    if (error.kind == ErrorKind::kTimeout && role == TlsRole::kClient) {
      error.kind = ErrorKind::kConnectTimeout;
    }
    return base::fail(std::move(error));
  }

  base::Result<std::size_t> read_some(std::span<std::byte> out) override {
    ROBOSYNC_CHECK(!out.empty());
    while (true) {
      ROBOSYNC_ASSIGN(const Decrypted got, decrypt(out));
      if (got.count != 0 || got.ended) return got.count;
      ROBOSYNC_TRY(receive());
    }
  }

  base::Result<void> write(std::span<const std::span<const std::byte>> pieces) override {
    for (const std::span<const std::byte> piece : pieces) ROBOSYNC_TRY(add(piece));
    ROBOSYNC_TRY(encrypt(staged_));
    staged_.clear();
    return flush();
  }

  base::Result<void> finish() override {
    if (!finished_) {
      finished_ = true;
      {
        const base::MutexLock lock(mutex_);
        ERR_clear_error();
        if (SSL_shutdown(ssl_.get()) < 0) {
          return base::fail(openssl_error(ErrorKind::kConnection, "TLS end " + below_->peer()));
        }
      }
      ROBOSYNC_TRY(flush());
    }
    return below_->finish();
  }

  void abort() override { below_->abort(); }
  void set_no_progress_time(milliseconds time) override { below_->set_no_progress_time(time); }
  [[nodiscard]] std::string peer() const override { return below_->peer(); }
  [[nodiscard]] bool is_secure() const override { return true; }
  [[nodiscard]] std::string channel_binding() const override { return binding_; }
  [[nodiscard]] std::string peer_fingerprint() const override { return fingerprint_; }
  [[nodiscard]] std::string peer_subject() const override { return subject_; }

 private:
  struct Decrypted {
    std::size_t count = 0;
    bool ended = false;
  };

  base::Result<void> handshake_until(Clock::time_point deadline,
                                     const base::Cancellation* cancellation) {
    std::size_t received = 0;
    while (true) {
      int result = 0;
      std::optional<base::Error> error;
      {
        const base::MutexLock lock(mutex_);
        ERR_clear_error();
        result = SSL_do_handshake(ssl_.get());
        if (result != 1 && SSL_get_error(ssl_.get(), result) != SSL_ERROR_WANT_READ) {
          error = handshake_error();
        }
      }
      const auto left = std::chrono::ceil<milliseconds>(deadline - Clock::now());
      if (!error && result != 1 && left.count() <= 0) {
        error = base::make_error(ErrorKind::kTimeout, "TLS handshake with " + below_->peer());
      }
      below_->set_no_progress_time(std::max(left, milliseconds(1)));
      // The alert that tells the peer why goes out too, if it still can.
      auto flushed = flush();
      if (error) return base::fail(std::move(*error));
      ROBOSYNC_TRY(std::move(flushed));
      if (result == 1) return {};
      if (received > kHandshakeBytesMax) {
        return base::fail(base::make_error(ErrorKind::kLimit, "TLS handshake too long"));
      }
      below_->set_no_progress_time(std::clamp(left, milliseconds(1), kLook));
      const auto count = receive();
      if (cancellation != nullptr && cancellation->requested()) {
        return base::fail(base::make_error(ErrorKind::kCancelled, "stopped"));
      }
      if (count) {
        received += *count;
      } else if (count.error().kind != ErrorKind::kTimeout) {
        return base::fail(count.error());
      }
    }
  }

  base::Error handshake_error() ROBOSYNC_REQUIRES(mutex_) {
    const std::string context = "TLS handshake with " + below_->peer();
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict != X509_V_OK) {
      ERR_clear_error();
      return base::make_error(ErrorKind::kRefused,
                              context + ": certificate: " + X509_verify_cert_error_string(verdict));
    }
    if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
      return openssl_error(ErrorKind::kRefused, context);
    }
    return openssl_error(ErrorKind::kProtocol, context);
  }

  base::Result<void> note_peer() {
    const base::MutexLock lock(mutex_);
    binding_.resize(kChannelBindingBytes);
    if (SSL_export_keying_material(ssl_.get(), reinterpret_cast<unsigned char*>(binding_.data()),
                                   binding_.size(), kBindingLabel.data(), kBindingLabel.size(),
                                   nullptr, 0, 0) != 1) {
      return base::fail(openssl_error(ErrorKind::kProtocol, "TLS channel binding"));
    }
    const Owned<X509> certificate(SSL_get1_peer_certificate(ssl_.get()));
    if (!certificate) return {};
    ROBOSYNC_ASSIGN(fingerprint_, fingerprint_of(certificate.get()));
    const bool verified = SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE &&
                          SSL_get_verify_result(ssl_.get()) == X509_V_OK;
    if (verified) subject_ = subject_of(certificate.get());
    return {};
  }

  // Whatever is complete, up to the size of `out`; nothing: more must be received.
  base::Result<Decrypted> decrypt(std::span<std::byte> out) {
    const base::MutexLock lock(mutex_);
    Decrypted got;
    while (got.count < out.size()) {
      ERR_clear_error();
      std::size_t count = 0;
      const auto rest = out.subspan(got.count);
      const int result = SSL_read_ex(ssl_.get(), rest.data(), rest.size(), &count);
      if (result == 1) {
        got.count += count;
        continue;
      }
      const int why = SSL_get_error(ssl_.get(), result);
      if (why == SSL_ERROR_WANT_READ) return got;
      if (why == SSL_ERROR_ZERO_RETURN) {
        got.ended = true;
        return got;
      }
      return base::fail(read_error());
    }
    return got;
  }

  base::Error read_error() ROBOSYNC_REQUIRES(mutex_) {
    const std::string context = "TLS read " + below_->peer();
    const int reason = ERR_GET_REASON(ERR_peek_error());
    if (reason == SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC || reason == SSL_R_BAD_RECORD_TYPE) {
      return openssl_error(ErrorKind::kCorrupt, context);
    }
    // In TLS 1.3 a client hears only here what the server thinks of its certificate.
    if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED ||
        reason == SSL_R_TLSV1_ALERT_UNKNOWN_CA || reason == SSL_R_SSLV3_ALERT_BAD_CERTIFICATE ||
        reason == SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN ||
        reason == SSL_R_TLSV1_ALERT_ACCESS_DENIED) {
      return openssl_error(ErrorKind::kRefused, context);
    }
    return openssl_error(ErrorKind::kProtocol, context);
  }

  // The reading thread's. REQUIRES: all that was received is consumed, so OpenSSL, under whichever
  // thread, does not look at the buffer while it is filled.
  base::Result<std::size_t> receive() {
    ROBOSYNC_ASSIGN(const std::size_t count, below_->read_some(received_));
    if (count == 0) {
      return base::fail(base::make_error(ErrorKind::kConnection,
                                         "TLS with " + below_->peer() + ": ended too early"));
    }
    const base::MutexLock lock(mutex_);
    ROBOSYNC_CHECK(records_.incoming.empty());
    records_.incoming = std::span(received_).first(count);
    return count;
  }

  // Small pieces share a record; large ones are encrypted where they are.
  base::Result<void> add(std::span<const std::byte> piece) {
    while (!piece.empty()) {
      if (staged_.empty() && piece.size() >= kRecordBytes) {
        const std::size_t whole = std::min(piece.size(), kBatchBytes) / kRecordBytes * kRecordBytes;
        ROBOSYNC_TRY(encrypt(piece.first(whole)));
        piece = piece.subspan(whole);
        continue;
      }
      const std::size_t count = std::min(piece.size(), kRecordBytes - staged_.size());
      staged_.insert(staged_.end(), piece.begin(),
                     piece.begin() + static_cast<std::ptrdiff_t>(count));
      piece = piece.subspan(count);
      if (staged_.size() < kRecordBytes) continue;
      ROBOSYNC_TRY(encrypt(staged_));
      staged_.clear();
    }
    return {};
  }

  base::Result<void> encrypt(std::span<const std::byte> bytes) {
    if (bytes.empty()) return {};
    if (finished_) {
      return base::fail(base::make_error(ErrorKind::kConnection, "TLS write after the end"));
    }
    bool full = false;
    {
      const base::MutexLock lock(mutex_);
      ERR_clear_error();
      std::size_t written = 0;
      if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written) != 1) {
        return base::fail(openssl_error(ErrorKind::kConnection, "TLS write " + below_->peer()));
      }
      full = records_.outgoing.size() >= kBatchBytes;
    }
    return full ? flush() : base::Result<void>{};
  }

  // The writing thread's (and the handshake's): sends what was encrypted.
  base::Result<void> flush() {
    {
      const base::MutexLock lock(mutex_);
      if (records_.outgoing.empty()) return {};
      sending_.clear();
      sending_.swap(records_.outgoing);
    }
    const std::array pieces = {std::span<const std::byte>(sending_)};
    return below_->write(pieces);
  }

  base::Mutex mutex_;
  Records records_ ROBOSYNC_GUARDED_BY(mutex_);
  Owned<SSL> ssl_ ROBOSYNC_GUARDED_BY(mutex_);
  StreamPtr below_;
  std::vector<std::byte> received_;  // the reading thread's; records_.incoming looks into it
  std::vector<std::byte> staged_;    // the writing thread's, like the next two
  std::vector<std::byte> sending_;
  bool finished_ = false;
  std::string binding_;
  std::string fingerprint_;
  std::string subject_;
};

}  // namespace

base::Result<TlsStreamPtr> tls_handshake(Owned<SSL> ssl, StreamPtr below, TlsRole role,
                                         milliseconds time, const PinCheck& pin,
                                         const base::Cancellation* cancellation) {
  auto stream = std::make_unique<OverStream>(std::move(ssl), std::move(below));
  ROBOSYNC_TRY(stream->handshake(role, time, cancellation));
  if (pin) ROBOSYNC_TRY(pin(stream->peer_fingerprint()));
  return stream;
}

}  // namespace robosync::net
