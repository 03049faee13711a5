#include "engine/fs/fs.h"

namespace robosync::fs {

base::Result<DirectoryPtr> open_beneath(const DirectoryPtr& root, const tree::RelPath& path) {
  DirectoryPtr at = root;
  for (const std::string_view name : path.components()) {
    ROBOSYNC_ASSIGN(at, at->open_directory(name));
  }
  return at;
}

base::Result<std::optional<std::string>> read_if_there(const Directory& directory,
                                                       std::string_view name,
                                                       std::uint64_t bytes_max) {
  if (!tree::validate_component(name)) return std::optional<std::string>();
  auto file = directory.open_file(name);
  if (!file && file.error().kind == base::ErrorKind::kNotFound) return std::optional<std::string>();
  if (!file) return base::fail(std::move(file).error());
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, (*file)->stat());
  if (!metadata.is_regular() || metadata.size > bytes_max) {
    return base::fail(base::make_error(base::ErrorKind::kInvalid,
                                       std::string(name) + " is not a small regular file"));
  }
  std::string content(static_cast<std::size_t>(metadata.size), '\0');
  ROBOSYNC_ASSIGN(const std::size_t got,
                  (*file)->read_at(std::as_writable_bytes(std::span(content)), 0));
  content.resize(got);
  return content;
}

}  // namespace robosync::fs
