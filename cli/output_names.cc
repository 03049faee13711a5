#include "cli/output_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace robosync::cli {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

bool is_continuation(std::uint8_t byte) { return (byte & 0xC0U) == 0x80U; }

// The length of the well-formed UTF-8 sequence at `i`, 0 when there is none: no over-long form, no
// surrogate, nothing above U+10FFFF.
std::size_t sequence_length(std::string_view text, std::size_t i) {
  const std::uint8_t first = byte_at(text, i);
  if (first < 0x80) return 1;
  std::size_t length = 0;
  if (first >= 0xC2 && first <= 0xDF) length = 2;
  if (first >= 0xE0 && first <= 0xEF) length = 3;
  if (first >= 0xF0 && first <= 0xF4) length = 4;
  if (length == 0 || text.size() - i < length) return 0;
  for (std::size_t k = 1; k < length; ++k) {
    if (!is_continuation(byte_at(text, i + k))) return 0;
  }
  const std::uint8_t second = byte_at(text, i + 1);
  const bool bad = (first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
                   (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F);
  return bad ? 0 : length;
}

// U+0080 to U+009F: some terminals obey them as they do control characters of one byte.
bool is_c1_control(std::string_view text, std::size_t i) {
  return byte_at(text, i) == 0xC2 && byte_at(text, i + 1) < 0xA0;
}

bool is_octal_escape(std::string_view text, std::size_t i) {
  const auto digit = [&](std::size_t k) { return text[k] >= '0' && text[k] <= '9'; };
  return text.size() - i >= 5 && text[i + 1] == '#' && digit(i + 2) && digit(i + 3) && digit(i + 4);
}

bool is_plain(std::string_view text, std::size_t i, std::size_t length) {
  if (length == 0) return false;
  if (length > 1) return !is_c1_control(text, i);
  const std::uint8_t byte = byte_at(text, i);
  if (byte == '\\') return !is_octal_escape(text, i);
  return (byte >= 0x20 || byte == '\t') && byte != 0x7F;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = sequence_length(text, i);
    const std::size_t step = std::max<std::size_t>(length, 1);
    if (is_plain(text, i, length)) {
      shown += text.substr(i, step);
    } else {
      for (std::size_t k = 0; k < step; ++k) {
        shown += fmt::format("\\#{:03o}", byte_at(text, i + k));
      }
    }
    i += step;
  }
  return shown;
}

std::string display_path(const Event& event) {
  if (event.path.empty()) return "./";
  std::string path = printable(event.path);
  if (event.kind == tree::Kind::kDirectory) path += '/';
  return path;
}

std::string display_name(const Event& event) {
  std::string name = display_path(event);
  if (event.link_target.empty()) return name;
  if (event.action == Action::kLinked) return name + " => " + printable(event.link_target);
  if (event.kind == tree::Kind::kSymlink) name += " -> " + printable(event.link_target);
  return name;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      group = (group << 8U) | (k < count ? byte_at(bytes, i + k) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      text += k <= count ? kAlphabet[(group >> (18 - 6 * k)) & 63U] : '=';
    }
  }
  return text;
}

}  // namespace robosync::cli
