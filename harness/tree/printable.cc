#include "harness/tree/printable.h"

#include "engine/base/encoding.h"

namespace robosync::parity {

std::string printable_path(std::string_view path) {
  if (path.empty()) return ".";
  constexpr char kDigits[] = "0123456789abcdef";
  const bool utf8 = base::is_utf8(path);
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
