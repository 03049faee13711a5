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
#include "engine/transfer/received_file.h"

namespace robosync::session {

// One large file on its way: the receiving thread puts chunks in, one other takes them out.
class IncomingFile {
 public:
  IncomingFile(Channel& channel, std::uint32_t stream) : channel_(channel), stream_(stream) {}

  // The receiving thread. add() and finish() fail with kProtocol on more than was announced.
  [[nodiscard]] base::Result<void> begin(const tree::Metadata& metadata) ROBOSYNC_EXCLUDES(mutex_);
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
  // The next bytes, waiting for them. The last ones only when the digest of all is the peer's:
  // kCorrupt otherwise.
  [[nodiscard]] base::Result<std::size_t> read(std::span<std::byte> out) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Digest digest() ROBOSYNC_EXCLUDES(mutex_);

 private:
  [[nodiscard]] base::Result<void> wait_for_chunk() ROBOSYNC_REQUIRES(mutex_);
  void give_credit(std::uint64_t bytes);

  Channel& channel_;
  const std::uint32_t stream_;
  base::Mutex mutex_;
  base::Condition changed_;
  std::optional<tree::Metadata> metadata_ ROBOSYNC_GUARDED_BY(mutex_);
  std::deque<std::string> chunks_ ROBOSYNC_GUARDED_BY(mutex_);
  std::size_t taken_of_first_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  std::uint64_t arrived_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  bool abandoned_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  bool taken_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::optional<base::Digest> digest_ ROBOSYNC_GUARDED_BY(mutex_);
  std::optional<base::Error> fault_ ROBOSYNC_GUARDED_BY(mutex_);

  // The reading thread's:
  std::uint64_t read_ = 0;
  std::uint64_t credit_due_ = 0;
  std::unique_ptr<base::Hasher> hasher_;
};

// A file that is in memory as a whole, and verified.
[[nodiscard]] fs::FilePtr make_memory_file(std::shared_ptr<const std::string> owner,
                                           std::span<const std::byte> bytes,
                                           const base::Digest& digest,
                                           const tree::Metadata& metadata,
                                           std::vector<fs::Xattr> xattrs);
// One that is read as it comes, from its beginning to its end, once.
[[nodiscard]] fs::FilePtr make_stream_file(std::shared_ptr<IncomingFile> incoming,
                                           const tree::Metadata& metadata,
                                           std::vector<fs::Xattr> xattrs);

}  // namespace robosync::session
