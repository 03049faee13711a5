// Asking for a large file as a delta against what the target has.
#include <algorithm>
#include <utility>

#include "engine/base/random.h"
#include "engine/session/remote_node.h"
#include "engine/session/remote_source.h"
#include "engine/transfer/delta_signature.h"

namespace robosync::session {

using base::Result;
using wire::Type;

namespace {

// Read at once, in whole blocks.
constexpr std::size_t kReadBytes = 1024 * 1024;

Result<transfer::Signature> signature_of(const fs::File& file, std::uint64_t size,
                                         const transfer::DeltaParameters& parameters,
                                         const base::Cancellation& cancellation) {
  transfer::SignatureBuilder builder(parameters, size);
  const std::size_t piece =
      std::max<std::size_t>(kReadBytes / parameters.block_bytes, 1) * parameters.block_bytes;
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<std::uint64_t>(piece, size)));
  for (std::uint64_t at = 0; at < size;) {
    if (cancellation.requested()) {
      return base::fail(base::make_error(base::ErrorKind::kCancelled, "stopped"));
    }
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>(piece, size - at));
    ROBOSYNC_ASSIGN(const std::size_t got, file.read_at(std::span(buffer).first(want), at));
    if (got != want) {
      return base::fail(base::make_error(base::ErrorKind::kChanged, "the old file changed"));
    }
    builder.add(at / parameters.block_bytes, std::span(buffer).first(want));
    at += want;
  }
  return builder.finish();
}

}  // namespace

// The signature is made on a thread of its own; few are sent ahead, for the source has to keep
// them.
void RemoteSource::fetch_delta(Key key, Fetch fetch, fs::FilePtr basis) {
  std::uint32_t stream = 0;
  auto old = std::make_shared<Basis>(Basis{.file = std::move(basis), .layout = {}});
  const std::uint64_t new_bytes = fetch.entry.metadata.size;
  {
    const base::MutexLock lock(mutex_);
    ++pending_;
    if (lost_) return answer<void>(std::move(fetch.then), base::fail(*lost_));
    stream = next_stream_++;
    auto incoming = std::make_shared<IncomingFile>(channel_, stream, IncomingFile::Form::kDelta);
    contents_[key].stream = incoming;
    contents_[key].basis = old;
    streams_.emplace(stream, std::move(incoming));
    fetches_.emplace(key, std::move(fetch));
  }
  signatures_.submit([this, stream, key, old, new_bytes] {
    {
      const base::MutexLock lock(mutex_);
      while (!lost_ && (deltas_ >= kStreamsMax || !take_room(key, new_bytes))) {
        changed_.wait_for(mutex_, kPoll);
      }
      if (lost_) return;
      ++deltas_;
    }
    auto sent = send_signature(stream, key, *old, new_bytes);
    if (sent) return;
    // It can still be sent whole.
    const base::MutexLock lock(mutex_);
    --deltas_;
    if (lost_) return;
    auto whole = std::make_shared<IncomingFile>(channel_, stream, IncomingFile::Form::kWhole);
    contents_[key].basis = nullptr;
    contents_[key].stream = whole;
    streams_[stream] = std::move(whole);
    needs_.push_back(
        {.entry = {key.first, key.second}, .want = wire::Want::kContent, .stream = stream});
    channel_.wake();
  });
}

Result<void> RemoteSource::send_signature(std::uint32_t stream, Key key, Basis& basis,
                                          std::uint64_t new_bytes) {
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, basis.file->stat());
  ROBOSYNC_ASSIGN(const transfer::DeltaParameters parameters,
                  transfer::choose_delta_parameters(metadata.size, new_bytes, base::random64()));
  ROBOSYNC_ASSIGN(const transfer::Signature signature,
                  signature_of(*basis.file, metadata.size, parameters, context_.cancellation));
  basis.layout = signature.layout();
  apply::Counters read;
  read.read_bytes = metadata.size;
  context_.ledger.add(read);
  const wire::Need need{
      .entry = {key.first, key.second}, .want = wire::Want::kDelta, .stream = stream};
  ROBOSYNC_TRY(channel_.send(Type::kNeed, wire::encode(wire::NeedBatch{need})));
  const auto header = signature.header();
  const auto text = [](std::span<const std::byte> bytes) {
    return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  };
  ROBOSYNC_TRY(channel_.send(Type::kSignature, text(header), stream));
  const std::span<const std::byte> records = signature.records();
  for (std::size_t at = 0; at < records.size(); at += kChunkBytes) {
    const auto piece = records.subspan(at, std::min(kChunkBytes, records.size() - at));
    ROBOSYNC_TRY(channel_.send(Type::kSignature, text(piece), stream));
  }
  return {};
}

}  // namespace robosync::session
