#include "engine/wire/frame.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "engine/base/digest.h"

namespace robosync::wire {
namespace {

constexpr auto kTypes = std::to_array<Type>(
    {Type::kHello,     Type::kOpen,      Type::kAccept,        Type::kRefuse,    Type::kRequest,
     Type::kRoots,     Type::kDirectory, Type::kScanEnd,       Type::kBundle,    Type::kFileBegin,
     Type::kChunk,     Type::kFileEnd,   Type::kDigests,       Type::kFailed,    Type::kRemoved,
     Type::kNeed,      Type::kCredit,    Type::kDirectoryDone, Type::kSignature, Type::kRemove,
     Type::kEvents,    Type::kProblem,   Type::kWarning,       Type::kProgress,  Type::kConfirm,
     Type::kConfirmed, Type::kOwners,    Type::kJoin,          Type::kStripe,    Type::kPing,
     Type::kCancel,    Type::kEnd,       Type::kListing});

constexpr std::size_t kLengthAt = 4;
constexpr std::size_t kStreamAt = 8;
constexpr std::size_t kChecksumAt = 12;
static_assert(kChecksumAt + sizeof(std::uint32_t) == kFrameHeaderBytes);
static_assert(kFrameBytesMax <= UINT32_MAX);

void put32(FrameHeaderBytes& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < sizeof value; ++i) {
    bytes[at + i] = static_cast<std::byte>(value >> (8 * i));
  }
}

std::uint32_t get32(const FrameHeaderBytes& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < sizeof value; ++i) {
    value |= static_cast<std::uint32_t>(bytes[at + i]) << (8 * i);
  }
  return value;
}

std::unexpected<base::Error> refuse(std::string text) {
  return base::fail(base::make_error(base::ErrorKind::kProtocol, std::move(text)));
}

}  // namespace

FrameHeaderBytes encode(const FrameHeader& header) {
  FrameHeaderBytes bytes{};
  bytes[0] = static_cast<std::byte>(header.type);
  bytes[1] = static_cast<std::byte>(header.flags);
  bytes[2] = static_cast<std::byte>(kVersionMajor);
  put32(bytes, kLengthAt, header.payload_bytes);
  put32(bytes, kStreamAt, header.stream);
  put32(bytes, kChecksumAt, header.checksum);
  return bytes;
}

base::Result<FrameHeader> decode_frame_header(const FrameHeaderBytes& bytes,
                                              std::size_t payload_bytes_max) {
  FrameHeader header;
  header.type = static_cast<Type>(bytes[0]);
  header.flags = static_cast<std::uint8_t>(bytes[1]);
  header.payload_bytes = get32(bytes, kLengthAt);
  header.stream = get32(bytes, kStreamAt);
  header.checksum = get32(bytes, kChecksumAt);
  if (bytes[2] != static_cast<std::byte>(kVersionMajor) || bytes[3] != std::byte{0}) {
    return refuse("this is not a robosync session, or one of another version");
  }
  if (std::find(kTypes.begin(), kTypes.end(), header.type) == kTypes.end()) {
    return refuse("a frame of unknown type " + std::to_string(static_cast<int>(bytes[0])));
  }
  if ((header.flags & ~kFlagCompressed) != 0) return refuse("a frame with unknown flags");
  if (header.payload_bytes > payload_bytes_max) {
    return refuse("a frame of " + std::to_string(header.payload_bytes) + " bytes");
  }
  return header;
}

std::uint32_t payload_checksum(std::span<const std::byte> payload) {
  const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
  const auto sum = static_cast<std::uint32_t>(base::hash64(text));
  return sum == 0 ? 1 : sum;
}

}  // namespace robosync::wire
