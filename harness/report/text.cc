#include "harness/report/text.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace robosync::parity {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

struct Decoded {
  char32_t point = 0;
  std::size_t bytes = 0;
};

// The character at the front of `text`, which is not empty; nothing where there is no whole one.
std::optional<Decoded> decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return Decoded{first, 1};
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
    return Decoded{point, form.more + 1};
  }
  return std::nullopt;
}

// Controls, and the characters that turn the direction of the line or are not seen at all.
bool is_deceptive(char32_t point) {
  if (point == '\n') return false;
  const auto within = [&](char32_t first, char32_t last) {
    return point >= first && point <= last;
  };
  return point < 0x20 || within(0x7F, 0x9F) || within(0x200B, 0x200F) || within(0x2028, 0x202E) ||
         within(0x2060, 0x206F) || point == 0xFEFF;
}

std::optional<std::uint32_t> sextet(char c) {
  const std::size_t at = kAlphabet.find(c);
  if (at == std::string_view::npos) return std::nullopt;
  return static_cast<std::uint32_t>(at);
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto character = decode(text);
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

base::Result<std::string> from_base64(std::string_view text) {
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
    return base::fail(base::make_error(base::ErrorKind::kInvalid, "not a base64 text"));
  }
  return bytes;
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const auto character = decode(text);
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
