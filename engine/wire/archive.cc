#include "engine/wire/archive.h"

#include <cstring>

#include "engine/base/check.h"

namespace robosync::wire {
namespace {

constexpr unsigned kVarintBits = 7;
constexpr std::uint64_t kVarintMore = 0x80;
constexpr unsigned kIntegerBits = 64;

std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1U) ^ (~(value & 1U) + 1U));
}

}  // namespace

void Encoder::integer(std::uint64_t value) {
  while (value >= kVarintMore) {
    bytes_.push_back(static_cast<char>(static_cast<std::uint8_t>(value | kVarintMore)));
    value >>= kVarintBits;
  }
  bytes_.push_back(static_cast<char>(static_cast<std::uint8_t>(value)));
}

void Encoder::number(std::int64_t value) { integer(zigzag(value)); }

void Encoder::text(const std::string& value, std::size_t bytes_max) {
  ROBOSYNC_CHECK(value.size() <= bytes_max);
  integer(value.size());
  bytes_ += value;
}

void Encoder::raw(std::span<const std::byte> bytes) {
  bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

std::uint64_t Decoder::integer() {
  std::uint64_t value = 0;
  for (unsigned shift = 0;; shift += kVarintBits) {
    if (at_ >= bytes_.size()) {
      fault("it ends too early");
      return 0;
    }
    const auto byte = static_cast<std::uint64_t>(bytes_[at_++]);
    const std::uint64_t bits = byte & ~kVarintMore;
    const bool fits = shift < kIntegerBits && (bits << shift) >> shift == bits;
    // One way to write each number: no zeros at the end.
    if (!fits || (byte == 0 && shift > 0)) {
      fault("a number is not well formed");
      return 0;
    }
    value |= bits << shift;
    if ((byte & kVarintMore) == 0) return value;
  }
}

void Decoder::number(std::int64_t& value) { value = unzigzag(integer()); }

void Decoder::flag(bool& value) {
  const std::uint64_t read = integer();
  if (read > 1) fault("a flag is neither 0 nor 1");
  value = read == 1;
}

void Decoder::text(std::string& value, std::size_t bytes_max) {
  const std::uint64_t size = integer();
  if (size > bytes_max) return fault("a text is too long");
  value = raw(static_cast<std::size_t>(size));
}

std::string_view Decoder::raw(std::size_t size) {
  if (size > left()) fault("it ends too early");
  if (failed()) return {};
  const std::string_view out(reinterpret_cast<const char*>(bytes_.data()) + at_, size);
  at_ += size;
  return out;
}

void Decoder::fixed(std::span<std::byte> bytes) {
  const std::string_view from = raw(bytes.size());
  if (from.size() == bytes.size()) std::memcpy(bytes.data(), from.data(), from.size());
}

void Decoder::fault(std::string_view reason) {
  if (failed()) return;
  reason_ = reason;
  at_ = bytes_.size();
}

base::Result<void> Decoder::finish() {
  if (!failed() && left() > 0) reason_ = "bytes are left over";
  if (!failed()) return {};
  return base::fail(base::make_error(base::ErrorKind::kProtocol, reason_));
}

}  // namespace robosync::wire
