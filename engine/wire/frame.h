// Frames: what a session's bytes are cut into (docs/protocol.md). Pure; any thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/result.h"

namespace robosync::wire {

inline constexpr std::uint8_t kVersionMajor = 1;
inline constexpr std::uint8_t kVersionMinor = 0;

// The payload of one frame.
inline constexpr std::size_t kFrameBytesMax = 1024 * 1024;
// Before the peer has been admitted.
inline constexpr std::size_t kGreetingBytesMax = 64 * 1024;

enum class Type : std::uint8_t {
  // Opening, in this order
  kHello = 1,
  kOpen = 2,     // client: who it is, what it wants
  kAccept = 3,   // server: yes
  kRequest = 5,  // client: the options, in as many frames as they take
  kRefuse = 4,   // server: no; the end
  kJoin = 6,     // client, instead of kOpen: this connection is for a session that is there
  kStripe = 7,   // client, then server: from here on over all connections
  // SOURCE to TARGET
  kRoots = 10,
  kDirectory = 11,
  kScanEnd = 12,
  kBundle = 13,
  kFileBegin = 14,
  kChunk = 15,
  kFileEnd = 16,
  kDigests = 17,
  kFailed = 18,
  kRemoved = 19,
  kOwners = 20,  // where both sides know "owner-names"
  // TARGET to SOURCE
  kNeed = 30,
  kCredit = 31,
  kDirectoryDone = 32,
  kSignature = 33,
  kRemove = 34,
  // Server that is TARGET to its client, and the answers
  kEvents = 40,
  kProblem = 41,
  kWarning = 42,
  kProgress = 43,
  kConfirm = 44,
  kConfirmed = 45,
  // Either way
  kPing = 50,
  kCancel = 51,
  kEnd = 52,  // the last frame of a side
  // Listing (robosync ls)
  kListing = 60,
};

inline constexpr std::uint8_t kFlagCompressed = 1;  // the payload is one zstd frame

struct FrameHeader {
  Type type = Type::kPing;
  std::uint8_t flags = 0;
  std::uint32_t payload_bytes = 0;
  std::uint32_t stream = 0;    // of kFileBegin, kChunk, kFileEnd, kSignature; 0 otherwise
  std::uint32_t checksum = 0;  // of the payload; 0 where the carrier protects it

  friend bool operator==(const FrameHeader&, const FrameHeader&) = default;
};

// On the wire, little endian: type, flags, version, 0; payload bytes; stream; checksum.
inline constexpr std::size_t kFrameHeaderBytes = 16;
using FrameHeaderBytes = std::array<std::byte, kFrameHeaderBytes>;

[[nodiscard]] FrameHeaderBytes encode(const FrameHeader& header);
// kProtocol: an unknown type or flag, another version, a length over `payload_bytes_max`.
[[nodiscard]] base::Result<FrameHeader> decode_frame_header(const FrameHeaderBytes& bytes,
                                                            std::size_t payload_bytes_max);

// The checksum of a payload: the low half of its XXH3-64. Never 0.
[[nodiscard]] std::uint32_t payload_checksum(std::span<const std::byte> payload);

}  // namespace robosync::wire
