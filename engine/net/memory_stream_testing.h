// A connected pair of Streams in memory, for tests of whatever speaks over a Stream.
//
// Each direction has a bounded buffer and can be told to go wrong at a given byte: cut, stall,
// trickle or flip. The two ends share one lock; they keep the contract of stream.h, an end that is
// destroyed without finish() included (the other sees kConnection, after what was still on its
// way).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "engine/net/stream.h"

namespace robosync::net {

// What goes wrong in one direction; offsets count the bytes written into it.
struct MemoryFaults {
  std::optional<std::uint64_t> cut_at;  // both ends see kConnection once so many bytes passed
  // Sees each byte as it is written, before it can be read; true: the cut is behind this one.
  std::function<bool(std::byte)> cut_behind;
  std::optional<std::uint64_t> stall_at;  // bytes from here on are taken but never delivered
  std::optional<std::uint64_t> flip_at;   // all bits of this byte arrive inverted
  std::size_t read_bytes_max = SIZE_MAX;  // 1 trickles: no read returns more
};

struct MemoryLink {
  std::size_t buffer_bytes = std::size_t{256} * 1024;  // each direction; >= 1
  MemoryFaults to_server;
  MemoryFaults to_client;
  bool secure = false;          // what is_secure() of both ends says
  std::string channel_binding;  // what channel_binding() of both ends says
};

struct MemoryPair {
  StreamPtr client;
  StreamPtr server;
};

[[nodiscard]] MemoryPair memory_stream_pair(const MemoryLink& link = {});

}  // namespace robosync::net
