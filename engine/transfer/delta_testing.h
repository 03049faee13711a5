// Support for tests of the block delta: data of several kinds, and a transfer from end to end in
// memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/transfer/delta.h"
#include "engine/transfer/delta_encoder.h"
#include "engine/transfer/delta_signature.h"

namespace robosync::transfer {

using Bytes = std::vector<std::byte>;

// The same bytes for the same seed everywhere.
[[nodiscard]] Bytes random_bytes(std::size_t count, std::uint64_t seed);

[[nodiscard]] Bytes concat(std::span<const std::byte> a, std::span<const std::byte> b);

[[nodiscard]] Signature sign(std::span<const std::byte> old, const DeltaParameters& parameters);

// What a transfer did; `rebuilt` counts only where `result` is good.
struct DeltaOutcome {
  Bytes rebuilt;
  base::Result<void> result;
  DeltaEncoder::Counters counters;
  std::uint64_t signature_bytes = 0;
  std::uint64_t operation_bytes = 0;
};

struct DeltaRoute {
  std::size_t feed_bytes = 1U << 20;  // how much the encoder is given at a time
  std::size_t frame_bytes_max = 256U << 10;
};

// Signature, its wire form, encoder, frames, reader and applier, as two peers would.
[[nodiscard]] DeltaOutcome transfer_delta(std::span<const std::byte> old,
                                          std::span<const std::byte> now,
                                          const DeltaParameters& parameters,
                                          const DeltaRoute& route = {});

// A sink that remembers operations.
class RecordingSink final : public DeltaSink {
 public:
  struct Operation {
    BlockRun run;  // count 0 for a literal
    Bytes literal;

    friend bool operator==(const Operation&, const Operation&) = default;
  };

  base::Result<void> copy(BlockRun run) override;
  base::Result<void> literal(std::span<const std::byte> bytes) override;

  std::vector<Operation> operations;
};

}  // namespace robosync::transfer
