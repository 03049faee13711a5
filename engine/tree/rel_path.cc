#include "engine/tree/rel_path.h"

namespace robosync::tree {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

Result<void> validate_component(std::string_view name) {
  if (name.empty()) return fail(make_error(ErrorKind::kInvalid, "empty name in a path"));
  if (name == "." || name == "..") {
    return fail(make_error(ErrorKind::kInvalid, "'" + std::string(name) + "' as a name in a path"));
  }
  if (name.find('/') != std::string_view::npos) {
    return fail(make_error(ErrorKind::kInvalid, "'/' inside a name"));
  }
  if (name.find('\0') != std::string_view::npos) {
    return fail(make_error(ErrorKind::kInvalid, "NUL byte inside a name"));
  }
  if (name.size() > kComponentBytesMax) {
    return fail(make_error(ErrorKind::kLimit, "name longer than 255 bytes"));
  }
  return {};
}

Result<RelPath> RelPath::parse(std::string_view text) {
  if (text.size() > kPathBytesMax) {
    return fail(make_error(ErrorKind::kLimit, "path longer than 65536 bytes"));
  }
  if (text.starts_with('/')) {
    return fail(make_error(ErrorKind::kInvalid, "absolute path '" + std::string(text) + "'"));
  }
  std::string out;
  out.reserve(text.size());
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('/', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    ROBOSYNC_TRY(validate_component(part));
    if (!out.empty()) out += '/';
    out += part;
  }
  return RelPath(std::move(out));
}

RelPath RelPath::child(std::string_view name) const {
  std::string out;
  out.reserve(text_.size() + 1 + name.size());
  out = text_;
  if (!out.empty()) out += '/';
  out += name;
  return RelPath(std::move(out));
}

std::string_view RelPath::name() const {
  const std::size_t slash = text_.rfind('/');
  const std::string_view view = text_;
  return slash == std::string::npos ? view : view.substr(slash + 1);
}

RelPath RelPath::parent() const {
  const std::size_t slash = text_.rfind('/');
  return slash == std::string::npos ? RelPath() : RelPath(text_.substr(0, slash));
}

std::vector<std::string_view> RelPath::components() const {
  std::vector<std::string_view> parts;
  const std::string_view view = text_;
  std::size_t begin = 0;
  while (begin < view.size()) {
    const std::size_t end = std::min(view.find('/', begin), view.size());
    parts.push_back(view.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

}  // namespace robosync::tree
