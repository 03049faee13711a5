#include "engine/base/wide_text.h"

#include <cstddef>
#include <cstdint>

#include "engine/base/encoding.h"

namespace robosync::base {
namespace {

bool is_high(char16_t unit) { return unit >= 0xD800 && unit <= 0xDBFF; }
bool is_low(char16_t unit) { return unit >= 0xDC00 && unit <= 0xDFFF; }

void append(std::string& text, std::uint32_t point) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  const auto put_rest = [&](unsigned shift) { put(0x80U | ((point >> shift) & 0x3FU)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0U | (point >> 6U));
    put_rest(0);
  } else if (point < 0x10000) {
    put(0xE0U | (point >> 12U));
    put_rest(6);
    put_rest(0);
  } else {
    put(0xF0U | (point >> 18U));
    put_rest(12);
    put_rest(6);
    put_rest(0);
  }
}

}  // namespace

std::string wtf8_of(std::u16string_view text) {
  std::string bytes;
  bytes.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::uint32_t point = text[i];
    if (is_high(text[i]) && i + 1 < text.size() && is_low(text[i + 1])) {
      point = 0x10000U + ((point - 0xD800U) << 10U) + (text[i + 1] - 0xDC00U);
      ++i;
    }
    append(bytes, point);
  }
  return bytes;
}

namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// A surrogate at the front of `text`, in its three-byte form; 0 for anything else.
char16_t surrogate_at(std::string_view text) {
  if (text.size() < 3 || text[0] != '\xED' || !continues(text[1]) || !continues(text[2])) return 0;
  const auto low = [&](std::size_t at) { return static_cast<unsigned char>(text[at]) & 0x3FU; };
  const auto unit = static_cast<char16_t>(0xD000U | (low(1) << 6U) | low(2));
  return is_high(unit) || is_low(unit) ? unit : char16_t{0};
}

}  // namespace

Utf16Text utf16_of(std::string_view bytes) {
  Utf16Text out;
  out.text.reserve(bytes.size());
  bool after_high = false;  // and that one alone, not the first half of a pair
  while (out.valid_bytes < bytes.size()) {
    const std::string_view rest = bytes.substr(out.valid_bytes);
    if (const auto character = decode_utf8(rest)) {
      const auto point = static_cast<std::uint32_t>(character->point);
      if (point >= 0x10000) {
        out.text += static_cast<char16_t>(0xD800U + ((point - 0x10000U) >> 10U));
        out.text += static_cast<char16_t>(0xDC00U + ((point - 0x10000U) & 0x3FFU));
      } else {
        out.text += static_cast<char16_t>(point);
      }
      out.valid_bytes += character->bytes;
      after_high = false;
    } else if (const char16_t unit = surrogate_at(rest); unit != 0) {
      if (after_high && is_low(unit)) return out;  // a pair has a form of its own
      out.text += unit;
      out.valid_bytes += 3;
      after_high = is_high(unit);
    } else {
      return out;
    }
  }
  return out;
}

}  // namespace robosync::base
