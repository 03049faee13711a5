// Files whose content came, or is coming, from the peer. Private to session/.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/session/channel.h"
#include "engine/transfer/delta.h"
#include "engine/transfer/received_file.h"

namespace robosync::session {

// An older version at the target, and how it was cut into the blocks that a delta copies.
struct Basis {
  fs::FilePtr file;
  transfer::BlockLayout layout;
};

// One large file on its way, whole or as a delta: the receiving thread puts chunks in, one other
// takes them out. What waits is bounded by the credit that the peer has.
class IncomingFile {
 public:
  enum class Form : std::uint8_t { kWhole, kDelta };
  IncomingFile(Channel& channel, std::uint32_t stream, Form form)
      : channel_(channel), stream_(stream), form_(form) {}

  // The receiving thread. Fail with kProtocol on what was not announced.
  [[nodiscard]] base::Result<void> begin(const tree::Metadata& metadata, Form form)
      ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> add(std::string chunk) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> finish(const base::Result<base::Digest>& digest)
      ROBOSYNC_EXCLUDES(mutex_);
  // Any thread: nothing more comes.
  void lose(const base::Error& error) ROBOSYNC_EXCLUDES(mutex_);
  // Any thread: nobody reads on; what still comes is dropped.
  void abandon() ROBOSYNC_EXCLUDES(mutex_);

  // As the peer opened it; waits for that.
  [[nodiscard]] base::Result<tree::Metadata> metadata() ROBOSYNC_EXCLUDES(mutex_);
  // Somebody reads it now; it can be read once.
  void take() ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] bool was_taken() ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] Form form() const { return form_; }

  // The next chunk, waiting for it; empty after the last one.
  [[nodiscard]] base::Result<std::string> next_chunk() ROBOSYNC_EXCLUDES(mutex_);
  // Waits for the end: the digest of all, or why what came counts for nothing.
  [[nodiscard]] base::Result<base::Digest> await_end() ROBOSYNC_EXCLUDES(mutex_);

 private:
  void give_credit(std::uint64_t bytes);

  Channel& channel_;
  const std::uint32_t stream_;
  const Form form_;
  std::uint64_t credit_due_ = 0;  // the reading thread's

  base::Mutex mutex_;
  base::Condition changed_;
  std::optional<tree::Metadata> metadata_ ROBOSYNC_GUARDED_BY(mutex_);
  std::deque<std::string> chunks_ ROBOSYNC_GUARDED_BY(mutex_);
  std::uint64_t held_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // bytes that the peer has no credit for
  std::uint64_t arrived_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  bool abandoned_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  bool taken_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::optional<base::Digest> digest_ ROBOSYNC_GUARDED_BY(mutex_);
  std::optional<base::Error> fault_ ROBOSYNC_GUARDED_BY(mutex_);
  bool lost_ ROBOSYNC_GUARDED_BY(mutex_) = false;  // the fault is the connection's
};

// A file that is in memory as a whole, and verified.
[[nodiscard]] fs::FilePtr make_memory_file(std::shared_ptr<const std::string> owner,
                                           std::span<const std::byte> bytes,
                                           const base::Digest& digest,
                                           const tree::Metadata& metadata,
                                           std::vector<fs::Xattr> xattrs);
// One that is read as it comes, from its beginning to its end, once. The last bytes only come when
// the digest of all is the peer's: kCorrupt otherwise, for a delta kChanged (it is to be sent
// whole). `basis` is there for a delta.
[[nodiscard]] fs::FilePtr make_stream_file(std::shared_ptr<IncomingFile> incoming,
                                           std::shared_ptr<Basis> basis,
                                           const tree::Metadata& metadata,
                                           std::vector<fs::Xattr> xattrs);

}  // namespace robosync::session
