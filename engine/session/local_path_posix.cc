#include "engine/session/local_path.h"

namespace robosync::session {

std::string local_path(std::string_view text) { return std::string(text); }

// A host called "c" is possible; a path below it that begins with a backslash is not meant.
bool begins_with_drive(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return text.size() > 2 && is_letter(text[0]) && text[1] == ':' && text[2] == '\\';
}

}  // namespace robosync::session
