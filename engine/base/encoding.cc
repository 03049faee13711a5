#include "engine/base/encoding.h"

#include <array>
#include <cstdint>

namespace robosync::base {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::optional<std::uint32_t> sextet(char c) {
  const std::size_t at = kAlphabet.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(at);
}

}  // namespace

std::optional<Utf8Character> decode_utf8(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return Utf8Character{first, 1};
  // Bytes after the first, and the smallest character that needs that many.
  struct Form {
    std::uint8_t mask, lead;
    std::size_t more;
    char32_t min;
  };
  static constexpr std::array kForms = {Form{0xE0, 0xC0, 1, 0x80}, Form{0xF0, 0xE0, 2, 0x800},
                                        Form{0xF8, 0xF0, 3, 0x10000}};
  for (const Form& form : kForms) {
    if ((first & form.mask) != form.lead) continue;
    if (text.size() <= form.more) return std::nullopt;
    auto point = static_cast<char32_t>(first & ~form.mask);
    for (std::size_t i = 1; i <= form.more; ++i) {
      if ((byte(i) & 0xC0U) != 0x80U) return std::nullopt;
      point = (point << 6U) | (byte(i) & 0x3FU);
    }
    const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < form.min || point > 0x10FFFF || surrogate) return std::nullopt;
    return Utf8Character{point, form.more + 1};
  }
  return std::nullopt;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto character = decode_utf8(text);
    if (!character) return false;
    text.remove_prefix(character->bytes);
  }
  return true;
}

std::string base64(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : bytes) {
    held = (held << 8U) | static_cast<std::uint8_t>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text += kAlphabet[(held >> bits) & 63U];
    }
  }
  if (bits > 0) text += kAlphabet[(held << (6 - bits)) & 63U];
  while (text.size() % 4 != 0) text += '=';
  return text;
}

Result<std::string> from_base64(std::string_view text) {
  const std::string_view whole = text;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  std::string bytes;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char c : text) {
    const auto value = sextet(c);
    if (!value) break;
    held = (held << 6U) | *value;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>((held >> bits) & 0xFFU);
  }
  // One way to write each text: this refuses foreign characters, stray bits and wrong padding
  // alike.
  if (base64(bytes) != whole) {
    return fail(make_error(ErrorKind::kInvalid, "not a base64 text"));
  }
  return bytes;
}

}  // namespace robosync::base
