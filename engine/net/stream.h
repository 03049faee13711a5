// Stream: a connection to a peer as bytes in both directions, whatever carries them (TCP, TLS,
// pipes, memory).
//
// One thread may read while another writes; each direction belongs to one thread at a time.
// abort() may be called from any. A call waits at most for the no-progress time: a peer that
// neither sends nor takes a single byte for that long is given up (kTimeout). Other faults:
// kConnection (reset, closed in the middle), kCancelled (after abort()), kCorrupt (TLS found the
// bytes to be forged).
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"

namespace robosync::net {

class Stream {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  // Closes at once; what was written may or may not arrive.
  virtual ~Stream() = default;

  // Waits for at least one byte and reads up to out.size(). 0: the peer has ended its direction in
  // good order (with TLS, by a close_notify: a mere FIN is kConnection). REQUIRES: out not empty.
  [[nodiscard]] virtual base::Result<std::size_t> read_some(std::span<std::byte> out) = 0;
  // Writes all pieces in order, as one call to the system where it can.
  [[nodiscard]] virtual base::Result<void> write(
      std::span<const std::span<const std::byte>> pieces) = 0;
  // Ends our direction in good order, after which the peer reads 0. Nothing is written after it.
  [[nodiscard]] virtual base::Result<void> finish() = 0;
  // Makes every call that waits, and every later one, fail with kCancelled. Any thread.
  virtual void abort() = 0;

  // Zero: waits for ever. Set before the stream is shared between threads, and by the reading
  // thread for reads, which is all that changes later.
  virtual void set_no_progress_time(std::chrono::milliseconds time) = 0;

  // Who is there, for messages and logs: "192.0.2.7:9031", "[::1]:4711", "pipe". Printable ASCII.
  [[nodiscard]] virtual std::string peer() const = 0;
  // True when whoever sits on the wire can neither read nor change what passes.
  [[nodiscard]] virtual bool is_secure() const = 0;
  // 32 bytes that both ends of this very connection know and nobody else can bring about (RFC 9266,
  // tls-exporter); empty where there is no such thing.
  [[nodiscard]] virtual std::string channel_binding() const = 0;
};

using StreamPtr = std::unique_ptr<Stream>;

}  // namespace robosync::net
