#include "harness/report/text.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "engine/base/encoding.h"

namespace robosync::parity {
namespace {

// Controls, and the characters that turn the direction of the line or are not seen at all.
bool is_deceptive(char32_t point) {
  if (point == '\n') return false;
  const auto within = [&](char32_t first, char32_t last) {
    return point >= first && point <= last;
  };
  return point < 0x20 || within(0x7F, 0x9F) || within(0x200B, 0x200F) || within(0x2028, 0x202E) ||
         within(0x2060, 0x206F) || point == 0xFEFF;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto character = base::decode_utf8(text);
    const std::size_t bytes = character ? character->bytes : 1;
    if (character && !is_deceptive(character->point)) {
      shown += text.substr(0, bytes);
    } else {
      for (const char c : text.substr(0, bytes)) {
        shown += fmt::format("\\x{:02X}", static_cast<std::uint8_t>(c));
      }
    }
    text.remove_prefix(bytes);
  }
  return shown;
}

std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string markdown_text(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    switch (c) {
      case '\n':
        escaped += ' ';
        break;
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      // An entity, because a backslash does not keep a forge from taking a mention or a reference.
      case '@':
        escaped += "&#64;";
        break;
      case '#':
        escaped += "&#35;";
        break;
      case '\\':
      case '|':
      case '`':
      case '*':
      case '_':
      case '~':
      case '[':
      case ']':
      case '!':
        escaped += '\\';
        escaped += c;
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace robosync::parity
