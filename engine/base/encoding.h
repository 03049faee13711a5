// The encodings in which bytes are shown and stored as text: UTF-8, decoded strictly, and base64.
// Names and messages come from file systems and programs as bytes; JSON and terminals take only
// UTF-8, and what is not goes as base64. Pure functions; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::base {

struct Utf8Character {
  char32_t point = 0;
  std::size_t bytes = 0;  // of the text, 1 to 4
};

// The character at the front of `text`; nothing for an empty text, or where none is well-formed:
// cut, over-long, a surrogate, above U+10FFFF.
[[nodiscard]] std::optional<Utf8Character> decode_utf8(std::string_view text);

// True for a text of nothing but well-formed characters.
[[nodiscard]] bool is_utf8(std::string_view text);

// RFC 4648, standard alphabet, padded.
[[nodiscard]] std::string base64(std::string_view bytes);

// kInvalid for a text that base64() does not write.
[[nodiscard]] Result<std::string> from_base64(std::string_view text);

}  // namespace robosync::base
