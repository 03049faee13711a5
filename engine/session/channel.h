// Channel: frames over a Stream, both ways.
//
// A thread of its own writes what is queued, as many frames at once as there are; whoever sends
// waits only while too much is queued. One thread receives. Heartbeats keep a silent connection
// alive and are answered by nobody: they show the peer that we are there. The first fault ends
// both directions, and every later call reports it; only what a peer said before it stopped taking
// what we write can still be received.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/net/stream.h"
#include "engine/wire/frame.h"

namespace robosync::session {

// What may be queued before senders wait: about what a fast link carries in a few milliseconds.
inline constexpr std::size_t kQueuedBytesMax = 4 * 1024 * 1024;
inline constexpr auto kHeartbeatInterval = std::chrono::seconds(5);
inline constexpr auto kLingerTime = std::chrono::milliseconds(2000);

struct Frame {
  wire::Type type = wire::Type::kPing;
  std::uint32_t stream = 0;
  std::string payload;

  [[nodiscard]] std::span<const std::byte> bytes() const {
    return std::as_bytes(std::span(payload));
  }
};

class Channel {
 public:
  // kNone: for the few frames before the stream is released.
  enum class Heartbeats : std::uint8_t { kNone, kSent };
  explicit Channel(net::StreamPtr stream, Heartbeats heartbeats = Heartbeats::kSent);
  // Aborts the connection, if it has not been finished.
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  // Queues a frame; waits while the queue is full. Any thread but the one that receives: the peer
  // may itself wait until we have received. REQUIRES: payload <= wire::kFrameBytesMax.
  [[nodiscard]] base::Result<void> send(wire::Type type, std::string payload,
                                        std::uint32_t stream = 0) ROBOSYNC_EXCLUDES(mutex_);
  // The same without waiting, for frames whose number the protocol bounds. Faults show elsewhere.
  void post(wire::Type type, std::string payload, std::uint32_t stream = 0)
      ROBOSYNC_EXCLUDES(mutex_);

  // Called by the writing thread before it writes: posts what has piled up since, as one frame
  // instead of many. wake() has it called soon. An empty one ends that, once it does not run.
  void set_collector(std::function<void()> collect) ROBOSYNC_EXCLUDES(collect_mutex_);
  void wake() ROBOSYNC_EXCLUDES(mutex_);

  // Both sides can: payloads are compressed where that pays, and may arrive compressed.
  void agree_on_compression() { compression_agreed_ = true; }
  // Our side does not want to.
  void never_compress() { never_compress_ = true; }

  // Both sides know the frame kOwners.
  void agree_on_owner_names() { owner_names_agreed_ = true; }
  // The peer's names are one where they differ in case only.
  void learn_that_peer_ignores_case() { peer_ignores_case_ = true; }
  [[nodiscard]] bool peer_ignores_case() const { return peer_ignores_case_; }
  // The peer's entries have attributes "windows.*".
  void learn_that_peer_has_native_attributes() { peer_has_native_attributes_ = true; }
  [[nodiscard]] bool peer_has_native_attributes() const { return peer_has_native_attributes_; }
  [[nodiscard]] bool agreed_on_owner_names() const { return owner_names_agreed_; }

  // From the thread that receives, while nobody else sends: writes what is queued and this frame,
  // and nothing after it before the stream is replaced.
  [[nodiscard]] base::Result<void> send_last(wire::Type type, std::string payload)
      ROBOSYNC_EXCLUDES(mutex_);
  // After send_last() and the peer's answer: the session goes on over the stream that `make` makes
  // of ours and of what has been read from it and was not received yet.
  using Make = std::function<net::StreamPtr(net::StreamPtr, std::string ahead)>;
  void replace_stream(const Make& make) ROBOSYNC_EXCLUDES(mutex_);
  // After send_last(): the stream, for another use; the channel is no more. kProtocol when the peer
  // has sent more than was received.
  [[nodiscard]] base::Result<net::StreamPtr> release() ROBOSYNC_EXCLUDES(mutex_);

  // The next frame that is no heartbeat. kConnection when the peer has ended its direction: between
  // two frames that is no fault of the connection, and what we still send may arrive.
  [[nodiscard]] base::Result<Frame> receive();
  // Until then frames may have at most wire::kGreetingBytesMax.
  void admit() { payload_bytes_max_ = wire::kFrameBytesMax; }

  // Writes what is queued and ends our direction.
  [[nodiscard]] base::Result<void> finish() ROBOSYNC_EXCLUDES(mutex_);
  // Reads and drops what still comes, for a moment, so that the peer gets to read what it was told
  // before the connection goes. By the thread that receives.
  void linger();
  // Ends the connection with a fault. Any thread.
  void abort(base::Error error) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] std::optional<base::Error> fault() ROBOSYNC_EXCLUDES(mutex_);

  // When a whole frame that is no heartbeat was last received, or written. Any thread.
  [[nodiscard]] std::chrono::steady_clock::time_point last_progress() const {
    return std::chrono::steady_clock::time_point(
        std::chrono::steady_clock::duration(last_progress_.load(std::memory_order_relaxed)));
  }
  void note_progress() {
    last_progress_.store(std::chrono::steady_clock::now().time_since_epoch().count(),
                         std::memory_order_relaxed);
  }

  [[nodiscard]] net::Stream& stream() { return *stream_; }
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }
  [[nodiscard]] std::uint64_t bytes_received() const { return bytes_received_; }

 private:
  struct Queued {
    wire::FrameHeaderBytes header;
    std::string payload;
  };
  [[nodiscard]] Queued make(wire::Type type, std::string payload, std::uint32_t stream);
  [[nodiscard]] bool worth_compressing(wire::Type type, std::size_t bytes)
      ROBOSYNC_EXCLUDES(mutex_);
  void write_loop() ROBOSYNC_EXCLUDES(mutex_);
  // Waits a moment where many small writes have followed each other.
  void gather() ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> write(const std::deque<Queued>& frames);
  void writing_failed(base::Error error) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> fill(std::size_t wanted);
  [[nodiscard]] std::string take_ahead();
  bool ended_in_order_ = false;  // the peer's direction; the receiving thread's
  [[nodiscard]] base::Result<void> read_into(std::span<std::byte> out);

  net::StreamPtr stream_;
  const bool checksums_;
  const Heartbeats heartbeats_;
  std::size_t payload_bytes_max_ = wire::kGreetingBytesMax;
  std::atomic<bool> compression_agreed_{false};
  std::atomic<bool> never_compress_{false};
  std::atomic<bool> owner_names_agreed_{false};
  std::atomic<bool> peer_ignores_case_{false};
  std::atomic<bool> peer_has_native_attributes_{false};
  std::atomic<unsigned> not_shrinking_{0};  // frames to let pass before it is tried again
  std::atomic<std::uint64_t> link_rate_{
      0};                         // bytes a second, of writes that had to wait; 0: unknown
  std::uint64_t rate_bytes_ = 0;  // the writing thread's, since the last rate
  std::chrono::steady_clock::duration rate_time_{};
  std::chrono::steady_clock::time_point last_write_;  // the writing thread's
  unsigned little_writes_ = 0;                        // the writing thread's, close to each other
  std::atomic<std::uint64_t> bytes_sent_{0};
  std::atomic<std::uint64_t> bytes_received_{0};
  std::atomic<std::chrono::steady_clock::rep> last_progress_{0};

  base::Mutex mutex_;
  base::Condition changed_;
  std::deque<Queued> queue_ ROBOSYNC_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  bool writing_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  bool woken_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  bool ending_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  bool quiet_ ROBOSYNC_GUARDED_BY(mutex_) = false;  // after send_last()
  std::optional<base::Error> fault_ ROBOSYNC_GUARDED_BY(mutex_);

  base::Mutex collect_mutex_;
  std::function<void()> collect_ ROBOSYNC_GUARDED_BY(collect_mutex_);

  std::vector<std::byte> buffer_;  // of the receiving thread: what was read ahead
  std::size_t begin_ = 0;
  std::size_t end_ = 0;

  std::thread writer_;
};

}  // namespace robosync::session
