#include "harness/tree/printable.h"

#include <cstddef>
#include <cstdint>

namespace robosync::parity {
namespace {

// Bytes of the sequence that starts with `lead`; 0 where none does.
std::size_t sequence_bytes(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

// The second byte rules out overlong forms, surrogates and what is beyond U+10FFFF.
bool is_second(unsigned char lead, unsigned char second) {
  if (lead == 0xe0) return second >= 0xa0 && second < 0xc0;
  if (lead == 0xed) return second >= 0x80 && second < 0xa0;
  if (lead == 0xf0) return second >= 0x90 && second < 0xc0;
  if (lead == 0xf4) return second >= 0x80 && second < 0x90;
  return second >= 0x80 && second < 0xc0;
}

}  // namespace

bool is_utf8_path(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const std::size_t length = sequence_bytes(lead);
    if (length == 0 || length > bytes.size() - at) return false;
    for (std::size_t i = 1; i < length; ++i) {
      const auto byte = static_cast<unsigned char>(bytes[at + i]);
      if (i == 1 ? !is_second(lead, byte) : (byte & 0xc0U) != 0x80) return false;
    }
    at += length;
  }
  return true;
}

std::string printable_path(std::string_view path) {
  if (path.empty()) return ".";
  constexpr char kDigits[] = "0123456789abcdef";
  const bool utf8 = is_utf8_path(path);
  std::string text;
  text.reserve(path.size());
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f || byte == '\\' || (byte >= 0x80 && !utf8)) {
      text += "\\x";
      text += kDigits[byte >> 4U];
      text += kDigits[byte & 15U];
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace robosync::parity
