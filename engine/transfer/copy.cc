#include "engine/transfer/copy.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "engine/base/spares.h"
#include "engine/transfer/received_file.h"

namespace robosync::transfer {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

// Large enough to make calls rare, small enough to stay in a core's cache.
constexpr std::size_t kBufferBytes = 256 * 1024;
// Below this a read and a write are cheaper than asking the kernel for anything special.
constexpr std::uint64_t kPlainBytesMax = 64 * 1024;
// One call into the kernel: bounds how long a stop has to wait.
constexpr std::uint64_t kKernelPieceBytes = 8 * 1024 * 1024;
// From here on several threads copy ranges of one file.
constexpr std::uint64_t kParallelBytesMin = 64 * 1024 * 1024;
// Runs of zeros are looked for in steps of a usual block.
constexpr std::size_t kHoleBytes = 4096;

// Twice kBufferBytes.
class Buffer {
 public:
  std::span<std::byte> bytes() { return {lent_->get(), 2 * kBufferBytes}; }

 private:
  using Bytes = std::unique_ptr<std::byte[]>;
  static base::Spares<Bytes>& spares() {
    static base::Spares<Bytes> spares;
    return spares;
  }
  // Not cleared: for one small file that would cost more than the copy.
  base::Spares<Bytes>::Loan lent_ =
      spares().lend([] { return std::make_unique_for_overwrite<std::byte[]>(2 * kBufferBytes); });
};

bool all_zero(std::span<const std::byte> data) {
  return data.empty() || (data[0] == std::byte{0} &&
                          std::memcmp(data.data(), data.data() + 1, data.size() - 1) == 0);
}

base::Error shrank() {
  return make_error(ErrorKind::kChanged, "the file became shorter while it was read");
}

base::Error stopped() { return make_error(ErrorKind::kCancelled, "stopped"); }

}  // namespace

// One file on its way.
struct Copier::Job {
  const fs::File& source;
  fs::File& target;
  std::uint64_t size;
  DevicePair devices;
  const std::function<void(std::uint64_t)>& progress;
  bool leave_zeros_out;
  // Threads share it, and copying in the kernel would make them wait for each other.
  bool read_and_write = false;
  std::atomic<bool> kernel{false};
  std::atomic<bool> plain{false};
  std::atomic<bool> skipped_zeros{false};
  std::atomic<std::uint64_t> read_bytes{0};
  std::atomic<std::uint64_t> written_bytes{0};
};

bool Copier::known_bad(const std::set<DevicePair>& pairs, const Job& job) {
  if (!any_bad_.load(std::memory_order_acquire)) return false;
  const base::MutexLock lock(mutex_);
  return pairs.contains(job.devices);
}

void Copier::mark_bad(std::set<DevicePair>& pairs, const Job& job) {
  const base::MutexLock lock(mutex_);
  pairs.insert(job.devices);
  any_bad_.store(true, std::memory_order_release);
}

Result<bool> Copier::try_clone(Job& job) {
  const bool must = options_.reflink == Reflink::kAlways;
  if (!must && (options_.reflink == Reflink::kNever || !options_.fast_paths.clone ||
                job.size <= kPlainBytesMax || known_bad(no_clone_, job))) {
    return false;
  }
  auto cloned = job.target.clone_from(job.source);
  if (cloned) {
    job.progress(job.size);
    return true;
  }
  const ErrorKind kind = cloned.error().kind;
  const bool cannot = kind == ErrorKind::kUnsupported || kind == ErrorKind::kCrossDevice;
  if (must && (cannot || kind == ErrorKind::kInvalid)) {
    return fail(make_error(ErrorKind::kUnsupported,
                           "cannot share blocks here (--reflink=always); use --reflink=auto"));
  }
  // Whatever else it is (ReFS has a number of files that a block can belong to), reading and
  // writing do without. kChanged: nothing that is written there would be found under the name.
  if (must || base::is_volume_fault(kind) || kind == ErrorKind::kChanged) {
    return fail(std::move(cloned).error());
  }
  if (cannot) mark_bad(no_clone_, job);
  return false;
}

Result<void> Copier::write_piece(Job& job, std::span<const std::byte> data, std::uint64_t offset) {
  if (!job.leave_zeros_out) {
    job.written_bytes += data.size();
    return job.target.write_at(data, offset);
  }
  // Whole aligned blocks of zeros are left out: what was never written reads as zeros.
  std::size_t begin = 0;
  while (begin < data.size()) {
    std::size_t end = begin;
    const auto block_at = [&](std::size_t at) {
      const std::size_t to_boundary = kHoleBytes - (offset + at) % kHoleBytes;
      return data.subspan(at, std::min(to_boundary, data.size() - at));
    };
    while (end < data.size() && !all_zero(block_at(end))) end += block_at(end).size();
    if (end > begin) {
      ROBOSYNC_TRY(job.target.write_at(data.subspan(begin, end - begin), offset + begin));
      job.written_bytes += end - begin;
    }
    begin = end;
    while (begin < data.size() && all_zero(block_at(begin))) {
      begin += block_at(begin).size();
      job.skipped_zeros = true;
    }
  }
  return {};
}

// Received bytes are written from where they arrived.
Result<void> Copier::copy_received(Job& job, const ReceivedFile& source) {
  job.plain = true;
  std::uint64_t at = 0;
  while (at < job.size) {
    if (cancellation_.requested()) return fail(stopped());
    const auto want =
        static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, job.size - at));
    ROBOSYNC_ASSIGN(const std::span<const std::byte> piece, source.next(want));
    if (piece.empty()) return fail(shrank());
    job.read_bytes += piece.size();
    ROBOSYNC_TRY(write_piece(job, piece, at));
    at += piece.size();
    job.progress(piece.size());
  }
  return {};
}

Result<void> Copier::copy_plain(Job& job, std::uint64_t begin, std::uint64_t end) {
  job.plain = true;
  const std::uint64_t piece_max =
      throttle_.active() ? std::min<std::uint64_t>(throttle_.piece_bytes(), kBufferBytes)
                         : kBufferBytes;
  Buffer lent;
  const std::span<std::byte> buffer = lent.bytes();
  while (begin < end) {
    if (cancellation_.requested()) return fail(stopped());
    const auto want = static_cast<std::size_t>(std::min(piece_max, end - begin));
    throttle_.take(want, cancellation_);
    ROBOSYNC_ASSIGN(const std::size_t got, job.source.read_at(buffer.first(want), begin));
    if (got == 0) return fail(shrank());
    job.read_bytes += got;
    ROBOSYNC_TRY(write_piece(job, buffer.first(got), begin));
    begin += got;
    job.progress(got);
  }
  return {};
}

Result<void> Copier::copy_range(Job& job, std::uint64_t begin, std::uint64_t end) {
  const bool in_kernel = options_.fast_paths.copy_range && !options_.sparse &&
                         !job.read_and_write && options_.reflink != Reflink::kNever &&
                         !known_bad(no_copy_range_, job);
  const std::uint64_t piece_max = throttle_.active() ? throttle_.piece_bytes() : kKernelPieceBytes;
  while (in_kernel && begin < end) {
    if (cancellation_.requested()) return fail(stopped());
    const std::uint64_t want = std::min(piece_max, end - begin);
    throttle_.take(want, cancellation_);
    auto copied = job.target.copy_range_from(job.source, begin, want);
    if (!copied && copied.error().kind == ErrorKind::kUnsupported) {
      mark_bad(no_copy_range_, job);
      break;
    }
    if (!copied) return fail(std::move(copied).error());
    // Nothing copied: the end, or a file (in /proc, for one) that only read(2) gets anything out
    // of.
    if (*copied == 0) break;
    job.kernel = true;
    job.written_bytes += *copied;
    begin += *copied;
    job.progress(*copied);
  }
  return begin < end ? copy_plain(job, begin, end) : Result<void>();
}

Result<void> Copier::copy_extents(Job& job) {
  std::uint64_t at = 0;
  while (at < job.size) {
    if (cancellation_.requested()) return fail(stopped());
    ROBOSYNC_ASSIGN(const std::optional<fs::Extent> extent, job.source.next_extent(at));
    const std::uint64_t begin = extent ? std::min(extent->offset, job.size) : job.size;
    if (begin > at) job.progress(begin - at);
    if (!extent) {  // a hole, or the end of a file that became shorter
      ROBOSYNC_ASSIGN(const tree::Metadata now, job.source.stat());
      if (now.size < job.size) return fail(shrank());
    }
    if (!extent || begin >= job.size) break;
    at = std::min(begin + extent->length, job.size);
    ROBOSYNC_TRY(copy_range(job, begin, at));
  }
  return job.target.resize(job.size);
}

// Several threads take pieces of one file until none is left. Shared by those that take part.
class RangeCopy {
 public:
  RangeCopy(Copier& copier, Copier::Job& job, std::uint64_t begin)
      : copier_(copier), job_(job), next_(begin) {}

  // Takes pieces until there are none. A helper that comes too late must not touch the job, which
  // ends with its file: it only enters while the owner is still inside.
  void help() ROBOSYNC_EXCLUDES(mutex_) {
    {
      const base::MutexLock lock(mutex_);
      if (closed_) return;
      ++inside_;
    }
    take_pieces();
    const base::MutexLock lock(mutex_);
    --inside_;
    left_.notify_all();
  }

  Result<void> run() ROBOSYNC_EXCLUDES(mutex_) {
    take_pieces();
    const base::MutexLock lock(mutex_);
    closed_ = true;
    while (inside_ > 0) left_.wait(mutex_);
    if (error_) return fail(std::move(*error_));
    return {};
  }

 private:
  void take_pieces() ROBOSYNC_EXCLUDES(mutex_) {
    for (;;) {
      const std::uint64_t begin = next_.fetch_add(kKernelPieceBytes);
      if (begin >= job_.size || failed_.load()) return;
      auto done = copier_.copy_range(job_, begin, std::min(begin + kKernelPieceBytes, job_.size));
      if (done) continue;
      failed_ = true;
      const base::MutexLock lock(mutex_);
      if (!error_) error_ = std::move(done).error();
      return;
    }
  }

  Copier& copier_;
  Copier::Job& job_;
  std::atomic<std::uint64_t> next_;
  std::atomic<bool> failed_{false};
  base::Mutex mutex_;
  base::Condition left_;
  std::size_t inside_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  bool closed_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::optional<base::Error> error_ ROBOSYNC_GUARDED_BY(mutex_);
};

Result<void> Copier::copy_parallel(Job& job, std::uint64_t begin) {
  const auto shared = std::make_shared<RangeCopy>(*this, job, begin);
  for (unsigned i = 1; i < pool_.threads(); ++i) pool_.submit([shared] { shared->help(); });
  return shared->run();
}

Result<Copied> Copier::copy(const fs::File& source, const tree::Metadata& source_metadata,
                            fs::File& target, const tree::Metadata& target_metadata,
                            const Existing& existing,
                            const std::function<void(std::uint64_t)>& progress) {
  Copied out;
  if (source_metadata.size == 0) return out;
  const bool has_holes = options_.fast_paths.holes && !options_.preallocate &&
                         source_metadata.allocated_bytes + kHoleBytes <= source_metadata.size;
  Job job{.source = source,
          .target = target,
          .size = source_metadata.size,
          .devices = {source_metadata.identity.device, target_metadata.identity.device},
          .progress = progress,
          .leave_zeros_out =
              (options_.sparse || (options_.received && has_holes)) && !existing.old_content};
  const bool fresh = existing.equal_bytes == 0 && !existing.old_content;
  if (fresh && !options_.received) {
    ROBOSYNC_ASSIGN(const bool cloned, try_clone(job));
    if (cloned) {
      out.method = Method::kCloned;
      out.cloned_bytes = job.size;
      return out;
    }
  }
  if (options_.preallocate) {
    auto reserved = target.preallocate(job.size);
    if (!reserved && reserved.error().kind != ErrorKind::kUnsupported) {
      return fail(std::move(reserved).error());
    }
  }
  if (job.leave_zeros_out || (fresh && has_holes)) ROBOSYNC_TRY(target.allow_holes());
  Result<void> done;
  if (fresh && has_holes && !options_.received) {
    done = copy_extents(job);
    out.sparse = true;
    if (!done && done.error().kind == ErrorKind::kUnsupported) {
      out.sparse = false;
      done = copy_range(job, 0, job.size);
    }
  } else if (const auto* received = dynamic_cast<const ReceivedFile*>(&source);
             options_.received && received != nullptr) {
    done = copy_received(job, *received);
  } else if (job.size <= kPlainBytesMax) {
    done = copy_plain(job, existing.equal_bytes, job.size);
  } else if (options_.fast_paths.parallel_ranges && job.size >= kParallelBytesMin &&
             pool_.threads() > 1 && !throttle_.active()) {
    out.parallel = true;
    job.read_and_write = source.copies_through_memory() && target.copies_through_memory();
    done = copy_parallel(job, existing.equal_bytes);
  } else {
    done = copy_range(job, existing.equal_bytes, job.size);
  }
  if (!done) return fail(std::move(done).error());
  // A run of zeros at the end was not written, or old content is longer: the size has to be set.
  if (job.skipped_zeros || existing.old_content) ROBOSYNC_TRY(target.resize(job.size));
  out.sparse = out.sparse || job.skipped_zeros;
  out.method = job.kernel ? Method::kKernel : job.plain ? Method::kPlain : Method::kNone;
  out.read_bytes = job.read_bytes;
  out.written_bytes = job.written_bytes;
  return out;
}

namespace {

// Reads both files piece by piece up to `size` and stops at the first piece that differs. Returns
// how many bytes, in whole pieces, are equal.
Result<std::uint64_t> equal_bytes(const fs::File& a, const fs::File& b, std::uint64_t size,
                                  const base::Cancellation& cancellation,
                                  std::uint64_t& read_bytes) {
  Buffer lent;
  const std::span<std::byte> buffer = lent.bytes();
  const std::span<std::byte> left = buffer.first(kBufferBytes);
  const std::span<std::byte> right = buffer.last(kBufferBytes);
  std::uint64_t at = 0;
  while (at < size) {
    if (cancellation.requested()) return fail(stopped());
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, size - at));
    ROBOSYNC_ASSIGN(const std::size_t from_a, a.read_at(left.first(want), at));
    ROBOSYNC_ASSIGN(const std::size_t from_b, b.read_at(right.first(want), at));
    read_bytes += from_a + from_b;
    if (from_a != want || from_b != want || std::memcmp(left.data(), right.data(), want) != 0) {
      return at;
    }
    at += want;
  }
  return at;
}

}  // namespace

Result<bool> same_content(const fs::File& a, const fs::File& b, std::uint64_t size,
                          const base::Cancellation& cancellation, std::uint64_t& read_bytes) {
  ROBOSYNC_ASSIGN(const std::uint64_t equal, equal_bytes(a, b, size, cancellation, read_bytes));
  return equal == size;
}

Result<std::uint64_t> equal_prefix(const fs::File& source, const fs::File& partial,
                                   std::uint64_t partial_size,
                                   const base::Cancellation& cancellation,
                                   std::uint64_t& read_bytes) {
  return equal_bytes(source, partial, partial_size, cancellation, read_bytes);
}

Result<base::Digest> digest_of(const fs::File& file, std::uint64_t size, base::DigestKind kind,
                               const base::Cancellation& cancellation, std::uint64_t& read_bytes) {
  const auto hasher = base::make_hasher(kind);
  Buffer lent;
  const std::span<std::byte> buffer = lent.bytes().first(kBufferBytes);
  std::uint64_t at = 0;
  while (at < size) {
    if (cancellation.requested()) return fail(stopped());
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, size - at));
    ROBOSYNC_ASSIGN(const std::size_t got, file.read_at(buffer.first(want), at));
    if (got == 0) return fail(shrank());
    read_bytes += got;
    hasher->add(buffer.first(got));
    at += got;
  }
  return hasher->finish();
}

}  // namespace robosync::transfer
