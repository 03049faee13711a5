#include "cli/output_names.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>

#include "engine/base/encoding.h"

namespace robosync::cli {
namespace {

std::uint8_t byte_at(std::string_view text, std::size_t i) {
  return static_cast<std::uint8_t>(text[i]);
}

bool is_octal_escape(std::string_view text, std::size_t i) {
  const auto digit = [&](std::size_t k) { return text[k] >= '0' && text[k] <= '9'; };
  return text.size() - i >= 5 && text[i + 1] == '#' && digit(i + 2) && digit(i + 3) && digit(i + 4);
}

// Some terminals obey U+0080 to U+009F as they do control characters of one byte.
bool is_plain(std::string_view text, std::size_t i, char32_t point) {
  if (point == '\\') return !is_octal_escape(text, i);
  return point == '\t' || (point >= 0x20 && point < 0x7F) || point >= 0xA0;
}

}  // namespace

std::string printable(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (std::size_t i = 0; i < text.size();) {
    const auto character = base::decode_utf8(text.substr(i));
    const std::size_t step = character ? character->bytes : 1;
    if (character && is_plain(text, i, character->point)) {
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

}  // namespace robosync::cli
