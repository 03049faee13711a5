// Reading a bundle: exactly what BundleWriter makes, and nothing else that may be called tar.
#include "engine/transfer/bundle.h"

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace robosync::transfer {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

constexpr std::size_t kBlockBytes = 512;

// A header of POSIX.1-1988 (ustar), by field.
struct Header {
  std::string_view bytes;

  [[nodiscard]] std::string_view name() const { return bytes.substr(0, 100); }
  [[nodiscard]] std::string_view size() const { return bytes.substr(124, 12); }
  [[nodiscard]] std::string_view sum() const { return bytes.substr(148, 8); }
  [[nodiscard]] char type() const { return bytes[156]; }
  [[nodiscard]] std::string_view magic() const { return bytes.substr(257, 6); }
  [[nodiscard]] std::string_view prefix() const { return bytes.substr(345, 155); }
};

// A field is text, then nothing but NULs. REQUIRES: field <= two blocks.
bool holds(std::string_view field, std::string_view text) {
  static constexpr std::array<char, 2 * kBlockBytes> kNone{};
  if (!field.starts_with(text)) return false;
  field.remove_prefix(text.size());
  return field == std::string_view(kNone.data(), field.size());
}

// Octal digits, then spaces or NULs.
std::optional<std::uint64_t> number(std::string_view field) {
  constexpr unsigned kBitsPerDigit = 3;
  std::uint64_t value = 0;
  std::size_t at = 0;
  for (; at < field.size() && field[at] >= '0' && field[at] <= '7'; ++at) {
    value = value << kBitsPerDigit | static_cast<std::uint64_t>(field[at] - '0');
  }
  constexpr std::string_view kEnd(" \0", 2);
  if (at == 0 || field.find_first_not_of(kEnd, at) != std::string_view::npos) return std::nullopt;
  return value;
}

// The sum's own field counts as spaces.
std::uint32_t sum_of(const Header& header) {
  std::uint32_t sum = 0;
  for (const char byte : header.bytes) sum += static_cast<unsigned char>(byte);
  for (const char byte : header.sum()) sum += ' ' - static_cast<unsigned char>(byte);
  return sum;
}

bool is_member(const Header& header, std::size_t number_of_member, std::uint64_t size) {
  return holds(header.name(), std::to_string(number_of_member)) && holds(header.prefix(), "") &&
         header.type() == '0' && holds(header.magic(), "ustar") && number(header.size()) == size &&
         number(header.sum()) == sum_of(header);
}

bool is_end(std::string_view rest) { return rest.size() == 2 * kBlockBytes && holds(rest, ""); }

std::unexpected<base::Error> refuse(const char* text) {
  return fail(make_error(ErrorKind::kProtocol, text));
}

}  // namespace

Result<std::vector<std::span<const std::byte>>> read_bundle(
    std::span<const std::byte> archive, const std::vector<std::uint64_t>& sizes) {
  std::vector<std::span<const std::byte>> out;
  out.reserve(sizes.size());
  std::string_view rest(reinterpret_cast<const char*>(archive.data()), archive.size());
  for (const std::uint64_t size : sizes) {
    // What is left is compared first: the size is a peer's.
    if (rest.size() < kBlockBytes || size > rest.size() - kBlockBytes ||
        bundled_bytes(size) > rest.size()) {
      return refuse("bundle: less than its index says");
    }
    if (!is_member({rest.substr(0, kBlockBytes)}, out.size(), size)) {
      return refuse("bundle: not what its index says");
    }
    out.push_back(std::as_bytes(std::span(rest)).subspan(kBlockBytes, size));
    rest.remove_prefix(static_cast<std::size_t>(bundled_bytes(size)));
  }
  if (!is_end(rest)) return refuse("bundle: more than its index says");
  return out;
}

}  // namespace robosync::transfer
