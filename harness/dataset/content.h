// Content of dataset files: any stretch of a file is a function of the file's seed and the offset,
// so that large files are written in pieces by several threads. Random bytes and text that repeats,
// in cells of 512 bytes.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace robosync::parity {

inline constexpr std::size_t kContentCellBytes = 512;

struct ContentSource {
  std::uint64_t seed = 0;
  unsigned compressible_percent = 0;  // share of the cells that hold text
};

// What stands at `offset` and after it.
void fill(const ContentSource& source, std::uint64_t offset, std::span<std::byte> out);

}  // namespace robosync::parity
