// What the block delta costs per byte, stage by stage. Random data: nothing matches by chance. The
// buffers exceed the caches, as files do.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <random>
#include <vector>

#include "engine/transfer/delta_applier.h"
#include "engine/transfer/delta_encoder.h"

namespace robosync::transfer {
namespace {

using base::Result;
using Bytes = std::vector<std::byte>;

constexpr std::size_t kBytes = 64U << 20;
constexpr std::uint64_t kGibi = 1U << 30;

Bytes random_content(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  Bytes bytes(kBytes);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  return bytes;
}

const Bytes& old_content() {
  static const Bytes bytes = random_content(1);
  return bytes;
}

// As for a file of 1 GiB.
DeltaParameters parameters() { return *choose_delta_parameters(kGibi, kGibi, 7); }

Signature sign(const Bytes& bytes) {
  SignatureBuilder builder(parameters(), bytes.size());
  builder.add(0, bytes);
  return builder.finish();
}

class CountingSink final : public DeltaSink {
 public:
  Result<void> copy(BlockRun run) override {
    operations_ += run.count;
    return {};
  }
  Result<void> literal(std::span<const std::byte> bytes) override {
    operations_ += bytes.size();
    return {};
  }

 private:
  std::uint64_t operations_ = 0;
};

void count_bytes(benchmark::State& state) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kBytes));
}

void delta_weak_sums(benchmark::State& state) {
  const RollingSum sum(7, parameters().block_bytes);
  const Bytes& content = old_content();
  for (auto _ : state) {
    auto rest = std::span(content);
    for (; !rest.empty(); rest = rest.subspan(parameters().block_bytes)) {
      benchmark::DoNotOptimize(sum.of(rest.first(parameters().block_bytes)));
    }
  }
  count_bytes(state);
}
BENCHMARK(delta_weak_sums);

void delta_signature(benchmark::State& state) {
  const Bytes& content = old_content();
  for (auto _ : state) benchmark::DoNotOptimize(sign(content));
  count_bytes(state);
}
BENCHMARK(delta_signature);

void delta_index(benchmark::State& state) {
  const Signature signature = sign(old_content());
  for (auto _ : state) benchmark::DoNotOptimize(DeltaIndex(signature));
  state.SetItemsProcessed(state.iterations() *
                          static_cast<std::int64_t>(signature.layout().blocks()));
}
BENCHMARK(delta_index);

void encode(benchmark::State& state, const Signature& signature, const Bytes& now) {
  for (auto _ : state) {
    CountingSink sink;
    DeltaEncoder encoder(signature, sink);
    if (!encoder.feed(now) || !encoder.finish()) state.SkipWithError("not encoded");
  }
  count_bytes(state);
}

void delta_encode_unchanged(benchmark::State& state) {
  encode(state, sign(old_content()), old_content());
}
BENCHMARK(delta_encode_unchanged);

// Every byte is rolled over and sent.
void delta_encode_all_new(benchmark::State& state) {
  encode(state, sign(old_content()), random_content(2));
}
BENCHMARK(delta_encode_all_new);

// One page in a hundred is new.
void delta_encode_edited(benchmark::State& state) {
  Bytes now = old_content();
  const Bytes fresh = random_content(3);
  std::mt19937_64 random(4);
  constexpr std::size_t kEdit = 4096;
  for (std::size_t i = 0; i < kBytes / kEdit / 100; ++i) {
    const auto at = static_cast<std::ptrdiff_t>(random() % (kBytes - kEdit));
    std::copy_n(fresh.begin() + at, kEdit, now.begin() + at);
  }
  encode(state, sign(old_content()), now);
}
BENCHMARK(delta_encode_edited);

// The largest honest index: half a million blocks, whose filter no longer fits the nearest cache.
void delta_encode_all_new_many_blocks(benchmark::State& state) {
  DeltaParameters many = parameters();
  many.block_bytes = 128;
  SignatureBuilder builder(many, kBytes);
  builder.add(0, old_content());
  encode(state, builder.finish(), random_content(2));
}
BENCHMARK(delta_encode_all_new_many_blocks);

void delta_apply_copies(benchmark::State& state) {
  const BlockLayout layout{.old_bytes = kBytes, .block_bytes = parameters().block_bytes};
  const BlockRun all{.first = 0, .count = static_cast<std::uint32_t>(layout.blocks())};
  for (auto _ : state) {
    DeltaApplier applier(
        layout, kBytes, base::DigestKind::kXxh3_128,
        [](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
          std::copy_n(old_content().begin() + static_cast<std::ptrdiff_t>(offset), out.size(),
                      out.begin());
          return out.size();
        },
        [](std::span<const std::byte> bytes) -> Result<void> {
          benchmark::DoNotOptimize(bytes.data());
          return {};
        });
    if (!applier.copy(all)) state.SkipWithError("not applied");
  }
  count_bytes(state);
}
BENCHMARK(delta_apply_copies);

}  // namespace
}  // namespace robosync::transfer
