#include "cli/wide_arguments.h"

#include <cstddef>
#include <cstdint>

namespace robosync::cli {
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

}  // namespace robosync::cli
