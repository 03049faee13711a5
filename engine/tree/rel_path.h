// RelPath: a validated path relative to a root, as components of bytes joined by '/'.
//
// A path from outside (wire, archive, configuration, files-from) is decoded into one exactly once;
// code that holds a RelPath may rely on it: never absolute, no empty, "." or ".." component, no
// NUL. The empty RelPath is the root itself. On POSIX a name is bytes: a\b, a:b, a..b, control
// characters and bytes that are not UTF-8 are legal and kept. Value type; any thread.
#pragma once

#include <compare>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace robosync::tree {

inline constexpr std::size_t kComponentBytesMax = 255;
inline constexpr std::size_t kPathBytesMax = 64 * 1024;

// Refuses a name that cannot be one path component. Fails with kInvalid or kLimit.
[[nodiscard]] base::Result<void> validate_component(std::string_view name);

class RelPath {
 public:
  RelPath() = default;

  // Parses "a/b/c". Repeated and trailing slashes and "." components are dropped;
  // an absolute path, "..", NUL or an over-long component or path fails.
  [[nodiscard]] static base::Result<RelPath> parse(std::string_view text);

  // The entry `name` below this path. REQUIRES: name is one valid component.
  [[nodiscard]] RelPath child(std::string_view name) const;

  [[nodiscard]] bool is_root() const { return text_.empty(); }
  [[nodiscard]] const std::string& str() const { return text_; }
  [[nodiscard]] std::string_view name() const;  // last component, empty for the root
  [[nodiscard]] RelPath parent() const;         // root's parent is the root
  [[nodiscard]] std::vector<std::string_view> components() const;

  friend auto operator<=>(const RelPath&, const RelPath&) = default;

 private:
  explicit RelPath(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace robosync::tree
