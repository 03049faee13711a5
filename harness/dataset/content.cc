#include "harness/dataset/content.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "harness/dataset/numbers.h"

namespace robosync::parity {
namespace {

constexpr std::size_t kTextBytes = 8192;
constexpr std::uint64_t kTextSeed = 1;
using Text = std::array<char, kTextBytes>;

// Lines of words, as text and source code have them.
Text make_text() {
  constexpr std::array<std::string_view, 32> kWords{
      "the",    "file",  "return", "const", "value",   "folder", "of",    "tree",
      "static", "entry", "and",    "size",  "if",      "error",  "while", "write",
      "read",   "path",  "in",     "name",  "include", "time",   "link",  "source",
      "target", "to",    "is",     "mode",  "digest",  "for",    "not",   "result"};
  Text text;
  Numbers numbers(kTextSeed);
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view word = kWords[numbers.below(kWords.size())];
    for (std::size_t i = 0; i < word.size() && at < text.size(); ++i) text[at++] = word[i];
    if (at < text.size()) text[at++] = numbers.below(8) == 0 ? '\n' : ' ';
  }
  return text;
}

using Cell = std::span<std::byte, kContentCellBytes>;

void fill_cell(const ContentSource& source, std::uint64_t index, Cell out) {
  static const Text text = make_text();
  std::uint64_t state = derived(source.seed, index);
  if (state % 100 < source.compressible_percent) {
    const std::size_t from = mixed(state) % (kTextBytes - kContentCellBytes);
    std::memcpy(out.data(), text.data() + from, out.size());
    return;
  }
  for (std::size_t at = 0; at < out.size(); at += sizeof(state)) {
    state += kGamma;
    std::uint64_t word = mixed(state);
    if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
    std::memcpy(out.data() + at, &word, sizeof(word));
  }
}

}  // namespace

void fill(const ContentSource& source, std::uint64_t offset, std::span<std::byte> out) {
  while (!out.empty()) {
    const std::uint64_t index = offset / kContentCellBytes;
    const auto within = static_cast<std::size_t>(offset % kContentCellBytes);
    const std::size_t take = std::min(out.size(), kContentCellBytes - within);
    if (take == kContentCellBytes) {
      fill_cell(source, index, out.first<kContentCellBytes>());
    } else {
      std::array<std::byte, kContentCellBytes> cell;
      fill_cell(source, index, cell);
      std::memcpy(out.data(), cell.data() + within, take);
    }
    offset += take;
    out = out.subspan(take);
  }
}

}  // namespace robosync::parity
