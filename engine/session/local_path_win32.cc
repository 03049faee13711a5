#include <algorithm>

#include "engine/session/local_path.h"

namespace robosync::session {

std::string local_path(std::string_view text) {
  std::string path(text);
  std::ranges::replace(path, '\\', '/');
  return path;
}

bool begins_with_drive(std::string_view text) {
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return text.size() > 1 && is_letter(text[0]) && text[1] == ':';
}

}  // namespace robosync::session
