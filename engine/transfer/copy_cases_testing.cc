#include "engine/transfer/copy_cases_testing.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

namespace robosync::transfer {
namespace {

constexpr std::uint64_t kKibi = 1024;
constexpr std::uint64_t kMebi = 1024 * kKibi;
constexpr std::size_t kPieceBytes = 1024 * 1024;
// Islands begin at odd places and cross block boundaries.
constexpr std::uint64_t kIslandEvery = 200'003;
constexpr std::uint64_t kIslandBytes = 5'001;

std::byte dense_byte(std::uint64_t at) {
  const std::uint64_t word = (at / 8 + 1) * 0x9E3779B97F4A7C15ULL;
  return static_cast<std::byte>((word >> (at % 8 * 8)) | 1U);
}

bool is_island(std::uint64_t at) { return at % kIslandEvery < kIslandBytes; }

std::byte byte_at(std::uint64_t at, Pattern pattern) {
  return pattern == Pattern::kDense || is_island(at) ? dense_byte(at) : std::byte{0};
}

// What a file holds from `at` on. Whole words of dense content are made at once: the largest files
// would take longer to make up than to copy.
void fill(std::vector<std::byte>& buffer, std::uint64_t at, Pattern pattern) {
  std::size_t i = 0;
  while (i < buffer.size()) {
    const std::uint64_t place = at + i;
    if (pattern != Pattern::kDense || place % 8 != 0 || buffer.size() - i < 8) {
      buffer[i++] = byte_at(place, pattern);
      continue;
    }
    std::uint64_t word = (place / 8 + 1) * 0x9E3779B97F4A7C15ULL;
    word |= 0x0101010101010101ULL;
    for (std::size_t k = 0; k < 8; ++k) buffer[i + k] = static_cast<std::byte>(word >> (8 * k));
    i += 8;
  }
}

}  // namespace

std::string_view to_string(Pattern pattern) {
  switch (pattern) {
    case Pattern::kDense:
      return "dense";
    case Pattern::kHoles:
      return "holes";
    case Pattern::kZeros:
      return "zeros";
  }
  return "?";
}

void make_file(fs::Directory& directory, const std::string& name, std::uint64_t size,
               Pattern pattern) {
  auto file = directory.create_file(name, 0644);
  ASSERT_TRUE(file) << file.error().message();
  std::vector<std::byte> buffer;
  for (std::uint64_t at = 0; at < size;) {
    std::uint64_t end = std::min(size, at + kPieceBytes);
    if (pattern == Pattern::kHoles) {
      if (!is_island(at)) at += kIslandEvery - at % kIslandEvery;
      if (at >= size) break;
      end = std::min(size, at - at % kIslandEvery + kIslandBytes);
    }
    buffer.resize(static_cast<std::size_t>(end - at));
    fill(buffer, at, pattern);
    ASSERT_TRUE((*file)->write_at(buffer, at));
    at = end;
  }
  ASSERT_TRUE((*file)->resize(size));
}

bool holds(const fs::File& file, std::uint64_t size, Pattern pattern) {
  const auto metadata = file.stat();
  if (!metadata || metadata->size != size) return false;
  std::vector<std::byte> buffer(kPieceBytes);
  std::vector<std::byte> wanted;
  for (std::uint64_t at = 0; at < size;) {
    const auto got = file.read_at(buffer, at);
    if (!got || *got == 0) return false;
    wanted.resize(*got);
    fill(wanted, at, pattern);
    if (std::memcmp(wanted.data(), buffer.data(), *got) != 0) return false;
    at += *got;
  }
  return true;
}

std::vector<std::uint64_t> threshold_sizes() {
  std::vector<std::uint64_t> sizes{0, 1};
  for (const std::uint64_t edge : {4 * kKibi, 64 * kKibi, 256 * kKibi, 8 * kMebi}) {
    for (const std::uint64_t size : {edge - 1, edge, edge + 1}) sizes.push_back(size);
  }
  return sizes;
}

std::vector<std::uint64_t> parallel_sizes() {
  return {64 * kMebi - 1, 64 * kMebi, 64 * kMebi + 1, 72 * kMebi + 4097};
}

std::vector<FastPaths> all_fast_paths() {
  std::vector<FastPaths> out;
  for (unsigned bits = 0; bits < 16; ++bits) {
    FastPaths paths;
    paths.clone = (bits & 1U) != 0;
    paths.copy_range = (bits & 2U) != 0;
    paths.parallel_ranges = (bits & 4U) != 0;
    paths.holes = (bits & 8U) != 0;
    out.push_back(paths);
  }
  return out;
}

std::string to_string(const FastPaths& paths) {
  std::string text;
  if (paths.clone) text += "clone ";
  if (paths.copy_range) text += "copy_range ";
  if (paths.parallel_ranges) text += "parallel ";
  if (paths.holes) text += "holes ";
  return text.empty() ? "none" : text;
}

base::Result<Copied> CopyBench::copy(const fs::File& source, fs::File& target,
                                     const Existing& existing,
                                     std::optional<std::uint64_t> declared) {
  ROBOSYNC_ASSIGN(tree::Metadata from, source.stat());
  ROBOSYNC_ASSIGN(const tree::Metadata to, target.stat());
  if (declared) from.size = *declared;
  return copier_.copy(source, from, target, to, existing,
                      [this](std::uint64_t bytes) { progressed_ += bytes; });
}

Copied check_copy(fs::Directory& directory, std::uint64_t size, Pattern pattern,
                  const Options& options, unsigned threads) {
  make_file(directory, "from", size, pattern);
  auto from = directory.open_file("from");
  auto to = directory.create_file("to", 0644);
  EXPECT_TRUE(from && to);
  CopyBench bench(options, threads);
  const auto copied = bench.copy(**from, **to);
  EXPECT_TRUE(copied) << copied.error().message();
  EXPECT_TRUE(holds(**to, size, pattern));
  EXPECT_EQ(bench.progressed(), size);
  to->reset();
  EXPECT_TRUE(directory.remove_file("from"));
  EXPECT_TRUE(directory.remove_file("to"));
  return copied ? *copied : Copied();
}

}  // namespace robosync::transfer
