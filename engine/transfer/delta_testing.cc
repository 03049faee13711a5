#include "engine/transfer/delta_testing.h"

#include <algorithm>
#include <random>

#include "engine/base/digest.h"
#include "engine/transfer/delta_applier.h"
#include "engine/transfer/delta_ops.h"

namespace robosync::transfer {
namespace {

using base::Result;

// Through the wire form, in pieces that fit nothing.
Result<Signature> pass_on(const Signature& signature) {
  constexpr std::size_t kPiece = 1021;
  ROBOSYNC_ASSIGN(SignatureReader reader, SignatureReader::start(signature.header()));
  for (auto rest = signature.records(); !rest.empty();) {
    const auto piece = rest.first(std::min(rest.size(), kPiece));
    ROBOSYNC_TRY(reader.add(piece));
    rest = rest.subspan(piece.size());
  }
  return reader.finish();
}

Result<void> run(std::span<const std::byte> old, std::span<const std::byte> now,
                 const DeltaParameters& parameters, const DeltaRoute& route,
                 DeltaOutcome& outcome) {
  const Signature signed_old = sign(old, parameters);
  outcome.signature_bytes = signed_old.header().size() + signed_old.records().size();
  ROBOSYNC_ASSIGN(const Signature signature, pass_on(signed_old));
  DeltaApplier applier(
      signature.layout(), now.size(), base::DigestKind::kXxh3_128,
      [&](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
        const auto part =
            old.subspan(offset, std::min<std::size_t>(out.size(), old.size() - offset));
        std::copy(part.begin(), part.end(), out.begin());
        return part.size();
      },
      [&](std::span<const std::byte> bytes) -> Result<void> {
        outcome.rebuilt.insert(outcome.rebuilt.end(), bytes.begin(), bytes.end());
        return {};
      });
  DeltaOpReader reader;
  DeltaOpWriter writer(route.frame_bytes_max, [&](std::span<const std::byte> frame) {
    outcome.operation_bytes += frame.size();
    return reader.read(frame, applier);
  });
  DeltaEncoder encoder(signature, writer);
  for (auto rest = now; !rest.empty();) {
    const auto piece = rest.first(std::min(rest.size(), route.feed_bytes));
    ROBOSYNC_TRY(encoder.feed(piece));
    rest = rest.subspan(piece.size());
  }
  ROBOSYNC_TRY(encoder.finish());
  ROBOSYNC_TRY(writer.flush());
  outcome.counters = encoder.counters();
  const auto hasher = base::make_hasher(base::DigestKind::kXxh3_128);
  hasher->add(now);
  return applier.finish(hasher->finish());
}

}  // namespace

Bytes random_bytes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(count);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

Bytes concat(std::span<const std::byte> a, std::span<const std::byte> b) {
  Bytes bytes(a.begin(), a.end());
  bytes.insert(bytes.end(), b.begin(), b.end());
  return bytes;
}

Signature sign(std::span<const std::byte> old, const DeltaParameters& parameters) {
  SignatureBuilder builder(parameters, old.size());
  builder.add(0, old);
  return builder.finish();
}

DeltaOutcome transfer_delta(std::span<const std::byte> old, std::span<const std::byte> now,
                            const DeltaParameters& parameters, const DeltaRoute& route) {
  DeltaOutcome outcome;
  outcome.result = run(old, now, parameters, route, outcome);
  return outcome;
}

Result<void> RecordingSink::copy(BlockRun run) {
  operations.push_back({.run = run, .literal = {}});
  return {};
}

Result<void> RecordingSink::literal(std::span<const std::byte> bytes) {
  operations.push_back({.run = {}, .literal = Bytes(bytes.begin(), bytes.end())});
  return {};
}

}  // namespace robosync::transfer
