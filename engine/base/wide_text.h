// The text of Windows, UTF-16 that may be ill-formed, as the WTF-8 used inside, and back.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace robosync::base {

// UTF-8 for well-formed text; a surrogate without its partner becomes its three-byte form, so that
// every name a Windows file can have is told apart from every other.
[[nodiscard]] std::string wtf8_of(std::u16string_view text);

struct Utf16Text {
  std::u16string text;
  std::size_t valid_bytes = 0;  // less than there are where what follows is not WTF-8
};

// The way back: of what wtf8_of() gives, exactly what it was given.
[[nodiscard]] Utf16Text utf16_of(std::string_view bytes);

}  // namespace robosync::base
