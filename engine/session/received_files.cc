// The files that an Installer reads from when the source is a peer.
#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/session/incoming_file.h"
#include "engine/transfer/delta_applier.h"
#include "engine/transfer/delta_ops.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

class MemoryFile final : public transfer::ReceivedFile {
 public:
  MemoryFile(std::shared_ptr<const std::string> owner, std::span<const std::byte> bytes,
             const base::Digest& digest, const tree::Metadata& metadata,
             std::vector<fs::Xattr> xattrs)
      : ReceivedFile(metadata, std::move(xattrs)),
        owner_(std::move(owner)),
        bytes_(bytes),
        digest_(digest) {}

  base::Digest content_digest() const override { return digest_; }
  Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset) const override {
    const std::size_t begin = std::min<std::uint64_t>(offset, bytes_.size());
    const std::size_t count = std::min(out.size(), bytes_.size() - begin);
    if (count > 0) std::memcpy(out.data(), bytes_.data() + begin, count);
    return count;
  }
  Result<std::span<const std::byte>> next(std::size_t bytes_max) const override {
    const auto piece = bytes_.subspan(next_, std::min(bytes_max, bytes_.size() - next_));
    next_ += piece.size();
    return piece;
  }

 private:
  std::shared_ptr<const std::string> owner_;
  std::span<const std::byte> bytes_;
  base::Digest digest_;
  mutable std::size_t next_ = 0;
};

// What both forms of a file on its way have in common: read in order, once, verified at its end.
class StreamFile : public transfer::ReceivedFile {
 public:
  StreamFile(std::shared_ptr<IncomingFile> incoming, const tree::Metadata& metadata,
             std::vector<fs::Xattr> xattrs)
      : ReceivedFile(metadata, std::move(xattrs)),
        incoming_(std::move(incoming)),
        size_(metadata.size) {}
  ~StreamFile() override { incoming_->abandon(); }

  base::Digest content_digest() const override { return digest_; }
  Result<std::size_t> read_at(std::span<std::byte> /*out*/,
                              std::uint64_t /*offset*/) const override {
    return fail(make_error(ErrorKind::kUnsupported, "a stream is read in order, once"));
  }
  Result<std::span<const std::byte>> next(std::size_t bytes_max) const override {
    ROBOSYNC_ASSIGN(const std::span<const std::byte> piece, take(bytes_max));
    at_ += piece.size();
    if (piece.empty() || at_ < size_) return piece;
    ROBOSYNC_ASSIGN(digest_, incoming_->await_end());
    ROBOSYNC_TRY(verify(digest_));
    return piece;
  }

 protected:
  [[nodiscard]] virtual Result<std::span<const std::byte>> take(std::size_t bytes_max) const = 0;
  [[nodiscard]] virtual Result<void> verify(const base::Digest& digest) const = 0;
  [[nodiscard]] Result<std::string> next_chunk() const { return incoming_->next_chunk(); }

 private:
  std::shared_ptr<IncomingFile> incoming_;
  const std::uint64_t size_;
  mutable std::uint64_t at_ = 0;
  mutable base::Digest digest_;
};

class WholeFile final : public StreamFile {
 public:
  using StreamFile::StreamFile;

 private:
  Result<std::span<const std::byte>> take(std::size_t bytes_max) const override {
    if (taken_ == chunk_.size()) {
      ROBOSYNC_ASSIGN(chunk_, next_chunk());
      taken_ = 0;
    }
    const auto bytes = std::as_bytes(std::span(chunk_)).subspan(taken_);
    const auto piece = bytes.first(std::min(bytes_max, bytes.size()));
    hasher_->add(piece);
    taken_ += piece.size();
    return piece;
  }
  Result<void> verify(const base::Digest& digest) const override {
    if (hasher_->finish() == digest) return {};
    return fail(make_error(ErrorKind::kCorrupt, "what arrived is not what was sent"));
  }

  mutable std::string chunk_;
  mutable std::size_t taken_ = 0;
  std::unique_ptr<base::Hasher> hasher_ = base::make_hasher(base::DigestKind::kXxh3_128);
};

// The operations of one frame, until they are applied one by one: a run may be as long as the old
// file, and what comes of it has to wait for whoever reads.
class OpQueue final : public transfer::DeltaSink {
 public:
  struct Op {
    transfer::BlockRun run;  // count 0: a literal
    std::span<const std::byte> literal;
  };

  Result<void> copy(transfer::BlockRun run) override {
    ops_.push_back({run, {}});
    return {};
  }
  Result<void> literal(std::span<const std::byte> bytes) override {
    ops_.push_back({{}, bytes});
    return {};
  }

  [[nodiscard]] bool empty() const { return next_ == ops_.size(); }
  // The next operation, a run cut to `blocks_max`.
  [[nodiscard]] Op take(std::uint32_t blocks_max) {
    Op& op = ops_[next_];
    if (op.run.count <= blocks_max) {
      ++next_;
      return op;
    }
    const Op part{{op.run.first, blocks_max}, {}};
    op.run.first += blocks_max;
    op.run.count -= blocks_max;
    return part;
  }
  void clear() {
    ops_.clear();
    next_ = 0;
  }

 private:
  std::vector<Op> ops_;
  std::size_t next_ = 0;
};

class DeltaFile final : public StreamFile {
 public:
  DeltaFile(std::shared_ptr<IncomingFile> incoming, std::shared_ptr<Basis> basis,
            const tree::Metadata& metadata, std::vector<fs::Xattr> xattrs)
      : StreamFile(std::move(incoming), metadata, std::move(xattrs)),
        basis_(std::move(basis)),
        applier_(
            basis_->layout, metadata.size, base::DigestKind::kXxh3_128,
            [this](std::uint64_t offset, std::span<std::byte> out) {
              return basis_->file->read_at(out, offset);
            },
            [this](std::span<const std::byte> bytes) {
              made_.insert(made_.end(), bytes.begin(), bytes.end());
              return Result<void>();
            }) {}

  const fs::File* basis() const override { return basis_->file.get(); }

 private:
  static constexpr std::uint32_t kMadeBytes = 256 * 1024;

  Result<std::span<const std::byte>> take(std::size_t bytes_max) const override {
    while (taken_ == made_.size()) {
      made_.clear();
      taken_ = 0;
      if (ops_.empty()) {
        ROBOSYNC_ASSIGN(frame_, next_chunk());
        if (frame_.empty()) return std::span<const std::byte>();
        ops_.clear();
        ROBOSYNC_TRY(reader_.read(std::as_bytes(std::span(frame_)), ops_));
        continue;
      }
      const OpQueue::Op op =
          ops_.take(std::max<std::uint32_t>(1, kMadeBytes / basis_->layout.block_bytes));
      ROBOSYNC_TRY(op.run.count > 0 ? applier_.copy(op.run) : applier_.literal(op.literal));
    }
    const auto piece = std::span<const std::byte>(made_).subspan(
        taken_, std::min(bytes_max, made_.size() - taken_));
    taken_ += piece.size();
    return piece;
  }

  Result<void> verify(const base::Digest& digest) const override {
    auto good = applier_.finish(digest);
    if (good || good.error().kind != ErrorKind::kCorrupt) return good;
    return fail(
        make_error(ErrorKind::kChanged, "the delta does not make the file; it is sent whole"));
  }

  std::shared_ptr<Basis> basis_;
  mutable std::string frame_;
  mutable OpQueue ops_;
  mutable transfer::DeltaOpReader reader_;
  mutable std::vector<std::byte> made_;
  mutable std::size_t taken_ = 0;
  mutable transfer::DeltaApplier applier_;
};

}  // namespace

fs::FilePtr make_memory_file(std::shared_ptr<const std::string> owner,
                             std::span<const std::byte> bytes, const base::Digest& digest,
                             const tree::Metadata& metadata, std::vector<fs::Xattr> xattrs) {
  return std::make_unique<MemoryFile>(std::move(owner), bytes, digest, metadata, std::move(xattrs));
}

fs::FilePtr make_stream_file(std::shared_ptr<IncomingFile> incoming, std::shared_ptr<Basis> basis,
                             const tree::Metadata& metadata, std::vector<fs::Xattr> xattrs) {
  if (incoming->form() == IncomingFile::Form::kWhole) {
    return std::make_unique<WholeFile>(std::move(incoming), metadata, std::move(xattrs));
  }
  return std::make_unique<DeltaFile>(std::move(incoming), std::move(basis), metadata,
                                     std::move(xattrs));
}

}  // namespace robosync::session
