// How bytes are moved. Plain values.
#pragma once

#include <cstdint>

namespace robosync::transfer {

enum class Reflink : std::uint8_t { kAuto, kAlways, kNever };

// Kernel and layout shortcuts; each can be switched off, with the same result (tests do).
struct FastPaths {
  bool clone = true;               // share blocks (reflink)
  bool copy_range = true;          // copy inside the kernel
  bool parallel_ranges = true;     // several threads on one large file
  bool staged_directories = true;  // a new directory is filled under one temporary name
  bool holes = true;               // ask the source where its holes are
};

struct Options {
  Reflink reflink = Reflink::kAuto;
  bool sparse = false;  // runs of zeros become holes; holes of the source are kept in any case
  bool preallocate = false;
  bool received = false;  // the source's content comes from a peer: it is read in order, once
  FastPaths fast_paths;
};

}  // namespace robosync::transfer
