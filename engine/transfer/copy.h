// Content of one file, from an open source to an open target on the same machine.
//
// Cheapest way first: share the blocks, copy inside the kernel, read and write. Each way is counted
// and can be switched off with the same result. Metadata is not this layer's business, nor is the
// commit. A Copier is shared by all threads of a run.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "engine/base/cancellation.h"
#include "engine/base/digest.h"
#include "engine/base/mutex.h"
#include "engine/base/pool.h"
#include "engine/base/result.h"
#include "engine/base/throttle.h"
#include "engine/fs/fs.h"
#include "engine/transfer/options.h"

namespace robosync::transfer {

enum class Method : std::uint8_t { kNone, kCloned, kKernel, kPlain };

struct Copied {
  Method method = Method::kNone;
  bool parallel = false;
  bool sparse = false;
  std::uint64_t read_bytes = 0;     // into this process
  std::uint64_t written_bytes = 0;  // by us or by the kernel for us
  std::uint64_t cloned_bytes = 0;
};

// What the target holds already.
struct Existing {
  std::uint64_t equal_bytes = 0;  // [0, equal_bytes) was compared and is equal: it is kept
  bool old_content = false;       // what follows are old bytes: every one has to be overwritten
};

class Copier {
 public:
  // All references must outlive the Copier; `pool` lends threads for large files.
  Copier(const Options& options, base::Pool& pool, base::Throttle& throttle,
         const base::Cancellation& cancellation)
      : options_(options), pool_(pool), throttle_(throttle), cancellation_(cancellation) {}

  // Copies exactly `source_metadata.size` bytes. Fails with kChanged when the source has fewer,
  // kCancelled when asked to stop, kUnsupported for Reflink::kAlways where it is not possible; the
  // target is then incomplete and must not be committed. `progress` is called with bytes done,
  // from any thread.
  [[nodiscard]] base::Result<Copied> copy(const fs::File& source,
                                          const tree::Metadata& source_metadata, fs::File& target,
                                          const tree::Metadata& target_metadata,
                                          const Existing& existing,
                                          const std::function<void(std::uint64_t)>& progress);

 private:
  friend class RangeCopy;
  struct Job;

  [[nodiscard]] base::Result<bool> try_clone(Job& job);
  [[nodiscard]] base::Result<void> copy_extents(Job& job);
  [[nodiscard]] base::Result<void> copy_range(Job& job, std::uint64_t begin, std::uint64_t end);
  [[nodiscard]] base::Result<void> copy_plain(Job& job, std::uint64_t begin, std::uint64_t end);
  [[nodiscard]] base::Result<void> copy_received(Job& job, const class ReceivedFile& source);
  [[nodiscard]] base::Result<void> copy_parallel(Job& job, std::uint64_t begin);
  [[nodiscard]] base::Result<void> write_piece(Job& job, std::span<const std::byte> data,
                                               std::uint64_t offset);

  // Pairs of devices where a way has turned out not to work, so that it is tried once, not per
  // file.
  using DevicePair = std::pair<std::uint64_t, std::uint64_t>;
  [[nodiscard]] bool known_bad(const std::set<DevicePair>& pairs, const Job& job)
      ROBOSYNC_EXCLUDES(mutex_);
  void mark_bad(std::set<DevicePair>& pairs, const Job& job) ROBOSYNC_EXCLUDES(mutex_);

  const Options& options_;
  base::Pool& pool_;
  base::Throttle& throttle_;
  const base::Cancellation& cancellation_;
  std::atomic<bool> any_bad_{false};
  base::Mutex mutex_;
  std::set<DevicePair> no_clone_;
  std::set<DevicePair> no_copy_range_;
};

// True when both files hold the same bytes. Reads both to the first difference.
[[nodiscard]] base::Result<bool> same_content(const fs::File& a, const fs::File& b,
                                              std::uint64_t size,
                                              const base::Cancellation& cancellation,
                                              std::uint64_t& read_bytes);

// How many leading bytes of `partial` equal those of `source`, in whole pieces.
[[nodiscard]] base::Result<std::uint64_t> equal_prefix(const fs::File& source,
                                                       const fs::File& partial,
                                                       std::uint64_t partial_size,
                                                       const base::Cancellation& cancellation,
                                                       std::uint64_t& read_bytes);

// The digest of the first `size` bytes of a file. kChanged when there are fewer.
[[nodiscard]] base::Result<base::Digest> digest_of(const fs::File& file, std::uint64_t size,
                                                   base::DigestKind kind,
                                                   const base::Cancellation& cancellation,
                                                   std::uint64_t& read_bytes);

}  // namespace robosync::transfer
