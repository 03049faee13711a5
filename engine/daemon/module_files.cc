#include "engine/daemon/module_files.h"

#include <optional>
#include <string_view>
#include <utility>

#include "engine/tree/rel_path.h"

namespace robosync::daemon {

using base::ErrorKind;
using base::Result;

namespace {

// The names of a peer's path; empty ones and "." are nothing.
Result<std::vector<std::string>> names_of(std::string_view path) {
  if (path.size() > tree::kPathBytesMax) {
    return base::fail(base::make_error(ErrorKind::kLimit, "the path is too long"));
  }
  std::vector<std::string> names;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(name.size() + 1, path.size()));
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      return base::fail(base::make_error(ErrorKind::kRefused, "'..' leads out of the module"));
    }
    ROBOSYNC_TRY(tree::validate_component(name));
    names.emplace_back(name);
  }
  return names;
}

Result<fs::DirectoryPtr> walk(fs::DirectoryPtr from, const std::vector<std::string>& names,
                              std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    ROBOSYNC_ASSIGN(from, from->open_directory(names[i], fs::Follow::kNo));
  }
  return from;
}

}  // namespace

ModuleFiles::ModuleFiles(fs::DirectoryPtr folder, const fs::FileSystem& below, bool keeps_owners,
                         LastLink last_link)
    : folder_(std::move(folder)),
      below_(below),
      privileges_(below.privileges()),
      last_link_(last_link) {
  privileges_.owns_everything = keeps_owners;
}

Result<fs::Located> ModuleFiles::locate(const std::string& path) const {
  ROBOSYNC_ASSIGN(const std::vector<std::string> names, names_of(path));
  if (names.empty()) return fs::Located{folder_, ""};
  ROBOSYNC_ASSIGN(fs::DirectoryPtr parent, walk(folder_, names, names.size() - 1));
  if (last_link_ == LastLink::kRefuse) {
    const auto entry = parent->stat_entry(names.back(), fs::Follow::kNo);
    if (entry && entry->metadata.kind == tree::Kind::kSymlink) {
      return base::fail(base::make_error(ErrorKind::kLink, "a link, which is not followed"));
    }
  }
  return fs::Located{std::move(parent), names.back()};
}

Result<fs::DirectoryPtr> ModuleFiles::open_root(const std::string& path) const {
  ROBOSYNC_ASSIGN(const std::vector<std::string> names, names_of(path));
  return walk(folder_, names, names.size());
}

Result<std::vector<tree::Identity>> ModuleFiles::ancestry(const fs::DirectoryPtr& directory) const {
  return below_.ancestry(directory);
}

}  // namespace robosync::daemon
