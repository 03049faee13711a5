#include <filesystem>

#include "harness/run/scratch.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;

// Folders that their owner may not enter or change keep what is in them from being removed.
void open_up(const fs::path& folder) {
  std::error_code ignored;
  fs::permissions(folder, fs::perms::owner_all, fs::perm_options::add, ignored);
  for (fs::directory_iterator at(folder, ignored), end; at != end; at.increment(ignored)) {
    if (!at->is_symlink(ignored) && at->is_directory(ignored)) open_up(at->path());
  }
}

}  // namespace

base::Result<void> remove_tree(const std::string& path) {
  std::error_code error;
  fs::remove_all(path, error);
  if (!error) return {};
  open_up(path);
  fs::remove_all(path, error);
  if (!error) return {};
  return base::fail({base::ErrorKind::kIo, error, "remove " + path});
}

}  // namespace robosync::parity
