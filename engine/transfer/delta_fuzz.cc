// Fuzz target: any bytes as a peer's signature and as a peer's operations. Whatever they say, the
// encoder covers the new file byte for byte and in bounded work, and the applier stays inside the
// old file and the declared size.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/digest.h"
#include "engine/transfer/delta_applier.h"
#include "engine/transfer/delta_encoder.h"
#include "engine/transfer/delta_ops.h"

namespace robosync::transfer {
namespace {

using base::Result;

// Checks that operations cover `now`, as far as literals can tell, and stay in the layout.
class CoverageSink final : public DeltaSink {
 public:
  CoverageSink(BlockLayout layout, std::span<const std::byte> now) : layout_(layout), now_(now) {}

  Result<void> copy(BlockRun run) override {
    ROBOSYNC_CHECK(layout_.contains(run));
    const std::uint64_t first = std::uint64_t{run.first} * layout_.block_bytes;
    const std::uint64_t end =
        std::min(first + std::uint64_t{run.count} * layout_.block_bytes, layout_.old_bytes);
    ROBOSYNC_CHECK(end - first <= now_.size() - at_);
    at_ += end - first;
    return {};
  }

  Result<void> literal(std::span<const std::byte> bytes) override {
    ROBOSYNC_CHECK(!bytes.empty() && bytes.size() <= kDeltaLiteralBytesMax);
    ROBOSYNC_CHECK(bytes.size() <= now_.size() - at_);
    ROBOSYNC_CHECK(std::ranges::equal(bytes, now_.subspan(at_, bytes.size())));
    at_ += bytes.size();
    return {};
  }

  [[nodiscard]] std::size_t at() const { return at_; }

 private:
  BlockLayout layout_;
  std::span<const std::byte> now_;
  std::size_t at_ = 0;
};

// The input is a header, records as many as it says, and the new file.
void try_signature(std::span<const std::byte> input) {
  if (input.size() < Signature::kHeaderBytes) return;
  std::array<std::byte, Signature::kHeaderBytes> header;
  std::copy_n(input.begin(), header.size(), header.begin());
  // Most sizes that a random header names would be refused, or want more records than there are.
  std::fill_n(header.begin() + 2, 6, std::byte{0});
  header[1] &= std::byte{0x0f};
  std::fill_n(header.begin() + 9, 3, std::byte{0});
  input = input.subspan(header.size());
  auto reader = SignatureReader::start(header);
  if (!reader || reader->missing_bytes() > input.size()) return;
  const auto records = input.first(static_cast<std::size_t>(reader->missing_bytes()));
  const auto now = input.subspan(records.size());
  ROBOSYNC_CHECK(reader->add(records).has_value());
  const auto signature = reader->finish();
  ROBOSYNC_CHECK(signature.has_value());
  CoverageSink sink(signature->layout(), now);
  DeltaEncoder encoder(*signature, sink);
  ROBOSYNC_CHECK(encoder.feed(now).has_value() && encoder.finish().has_value());
  ROBOSYNC_CHECK(sink.at() == now.size());
}

// Old and new file both come from the input, so that they have much in common.
void try_honest(std::span<const std::byte> input) {
  const std::size_t half = input.size() / 2;
  const auto old = input.first(half);
  const auto now = input.subspan(half / 3);
  const DeltaParameters parameters{.block_bytes = 64, .strong_bytes = 8, .seed = half};
  SignatureBuilder builder(parameters, old.size());
  builder.add(0, old);
  const Signature signature = builder.finish();
  std::vector<std::byte> rebuilt;
  DeltaApplier applier(
      signature.layout(), now.size(), base::DigestKind::kXxh3_128,
      [&](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
        std::ranges::copy(old.subspan(offset, out.size()), out.begin());
        return out.size();
      },
      [&](std::span<const std::byte> bytes) -> Result<void> {
        rebuilt.insert(rebuilt.end(), bytes.begin(), bytes.end());
        return {};
      });
  DeltaOpReader reader;
  DeltaOpWriter writer(DeltaOpWriter::kFrameBytesMin, [&](std::span<const std::byte> frame) {
    return reader.read(frame, applier);
  });
  DeltaEncoder encoder(signature, writer);
  ROBOSYNC_CHECK(encoder.feed(now).has_value() && encoder.finish().has_value());
  ROBOSYNC_CHECK(writer.flush().has_value());
  ROBOSYNC_CHECK(std::ranges::equal(rebuilt, now));
}

void try_operations(std::span<const std::byte> frame) {
  constexpr std::uint64_t kOldBytes = 10'000;
  constexpr std::uint64_t kNewBytes = 20'000;
  std::uint64_t written = 0;
  DeltaApplier applier(
      {.old_bytes = kOldBytes, .block_bytes = 64}, kNewBytes, base::DigestKind::kXxh3_128,
      [](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
        ROBOSYNC_CHECK(!out.empty() && out.size() <= kOldBytes && offset <= kOldBytes - out.size());
        std::ranges::fill(out, std::byte{1});
        return out.size();
      },
      [&](std::span<const std::byte> bytes) -> Result<void> {
        written += bytes.size();
        return {};
      });
  DeltaOpReader reader;
  const auto result = reader.read(frame, applier);
  ROBOSYNC_CHECK(result || result.error().kind == base::ErrorKind::kProtocol);
  ROBOSYNC_CHECK(written <= kNewBytes && written == applier.written_bytes());
  ROBOSYNC_CHECK(!applier.finish({}).has_value());
}

}  // namespace
}  // namespace robosync::transfer

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = std::as_bytes(std::span(data, size));
  robosync::transfer::try_signature(input);
  robosync::transfer::try_honest(input);
  robosync::transfer::try_operations(input);
  return 0;
}
