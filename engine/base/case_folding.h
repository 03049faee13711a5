// Names that differ in case only, made the same text: as Windows and other systems that do not tell
// case compare them, whatever the language.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace robosync::base {

// `text` in small letters, one by one: those letters of the Basic Multilingual Plane that are each
// other's only counterpart ("A" and "a", "Ä" and "ä", not "ß" and "SS"). Has as many bytes as
// `text`; what is not UTF-8 stays as it is.
[[nodiscard]] std::string folded_case(std::string_view text);

// Of the letters A to Z only.
[[nodiscard]] constexpr char ascii_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
[[nodiscard]] constexpr char ascii_upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

}  // namespace robosync::base
