#include "engine/fs/memory_fs_testing.h"

#include <cerrno>
#include <mutex>
#include <utility>

#include "engine/base/check.h"
#include "engine/fs/memory_core_testing.h"
#include "engine/fs/memory_handles_testing.h"

namespace robosync::fs {

using base::fail;
using base::Result;
using memory::InodePtr;

namespace {

// REQUIRES: the lock, and that `path` exists.
InodePtr require(const memory::Core& core, const std::string& path) {
  auto inode = core.resolve(core.top, path, Follow::kYes);
  ROBOSYNC_CHECK(inode.has_value());
  return *inode;
}

}  // namespace

Privileges privileged_user() {
  Privileges privileges;
  privileges.owns_everything = true;
  return privileges;
}

Privileges ordinary_user(std::uint32_t uid) {
  Privileges privileges;
  privileges.uid = uid;
  privileges.gid = uid;
  return privileges;
}

MemoryFileSystem::MemoryFileSystem(const VolumeOptions& options)
    : core_(std::make_shared<memory::Core>(options)), log_(core_->log) {}

Result<Located> MemoryFileSystem::locate(const std::string& path) const {
  core_->record(Operation::kLocate, path);
  std::string text = path;
  while (text.size() > 1 && text.back() == '/') text.pop_back();
  const std::size_t slash = text.rfind('/');
  const std::string last = slash == std::string::npos ? text : text.substr(slash + 1);
  const bool is_parent = last.empty() || last == "." || last == "..";
  std::string parent = text;
  if (!is_parent) {
    if (auto valid = tree::validate_component(last); !valid) return fail(valid.error());
    parent = slash == std::string::npos ? "/" : text.substr(0, slash + 1);
  }
  const std::lock_guard lock(core_->mutex);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->resolve(core_->top, parent, Follow::kYes));
  ROBOSYNC_ASSIGN(DirectoryPtr directory, memory::open_directory_inode(core_, inode, parent));
  return Located{std::move(directory), is_parent ? "" : last};
}

Result<DirectoryPtr> MemoryFileSystem::open_root(const std::string& path) const {
  const std::lock_guard lock(core_->mutex);
  core_->record(Operation::kOpenRoot, path);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->resolve(core_->top, path, Follow::kYes));
  return memory::open_directory_inode(core_, inode, path);
}

Result<std::vector<tree::Identity>> MemoryFileSystem::ancestry(
    const DirectoryPtr& directory) const {
  const auto* ours = dynamic_cast<const memory::MemoryDirectory*>(directory.get());
  if (ours == nullptr || ours->core() != core_) {
    return fail(memory::system_error(EXDEV, "ancestry", ""));
  }
  const std::lock_guard lock(core_->mutex);
  core_->record(Operation::kAncestry, core_->path_of(*ours->inode()));
  std::vector<tree::Identity> chain;
  for (InodePtr at = ours->inode(); at; at = at->parent.lock()) {
    chain.push_back(core_->metadata(*at).identity);
    if (at->parent.lock() && !core_->may(*at, memory::Wanted::kExecute)) {
      return fail(memory::system_error(EACCES, "open", ".."));
    }
  }
  return chain;
}

const Privileges& MemoryFileSystem::privileges() const { return core_->privileges; }

std::size_t MemoryFileSystem::open_handles_max() const {
  const std::lock_guard lock(core_->mutex);
  return core_->handles_max;
}

void MemoryFileSystem::set_privileges(const Privileges& privileges) {
  const std::lock_guard lock(core_->mutex);
  core_->privileges = privileges;
}

void MemoryFileSystem::set_open_handles_max(std::size_t count) {
  const std::lock_guard lock(core_->mutex);
  core_->handles_max = count;
}

std::size_t MemoryFileSystem::open_handles() const {
  const std::lock_guard lock(core_->mutex);
  return core_->handles;
}

std::size_t MemoryFileSystem::open_handles_peak() const {
  const std::lock_guard lock(core_->mutex);
  return core_->handles_peak;
}

void MemoryFileSystem::mount(const std::string& path, const VolumeOptions& options) {
  const memory::Core::BehindTheScenes scenes(*core_);
  const std::lock_guard lock(core_->mutex);
  const InodePtr covered = require(*core_, path);
  ROBOSYNC_CHECK(covered->is_directory() && covered->children.empty());
  const InodePtr inode = core_->make_top_directory(core_->make_volume(options));
  inode->parent = covered->parent;
  inode->name = covered->name;
  covered->mounted = inode;
  inode->volume->top_inode = inode->number;
}

void MemoryFileSystem::set_read_only(const std::string& path, bool read_only) {
  const memory::Core::BehindTheScenes scenes(*core_);
  const std::lock_guard lock(core_->mutex);
  require(*core_, path)->volume->options.read_only = read_only;
}

void MemoryFileSystem::set_capacity(const std::string& path, std::optional<std::uint64_t> bytes) {
  const memory::Core::BehindTheScenes scenes(*core_);
  const std::lock_guard lock(core_->mutex);
  require(*core_, path)->volume->space->set_capacity(bytes);
}

std::uint64_t MemoryFileSystem::used_bytes(const std::string& path) const {
  const memory::Core::BehindTheScenes scenes(*core_);
  const std::lock_guard lock(core_->mutex);
  return require(*core_, path)->volume->space->used_bytes();
}

void MemoryFileSystem::set_now(tree::Time now) {
  const std::lock_guard lock(core_->mutex);
  core_->now = now;
}

DirectoryPtr MemoryFileSystem::require_directory(const std::string& path) const {
  auto opened = open_root(path);
  ROBOSYNC_CHECK(opened.has_value());
  return *opened;
}

void MemoryFileSystem::build(const std::string& path, std::string_view spec) {
  const memory::Core::BehindTheScenes scenes(*core_);
  std::string relative = path;
  relative.erase(0, relative.find_first_not_of('/'));
  if (!relative.empty()) {
    auto parsed = tree::RelPath::parse(relative);
    ROBOSYNC_CHECK(parsed.has_value());
    DirectoryPtr at = require_directory("/");
    for (const std::string_view name : parsed->components()) {
      const auto made = at->make_directory(name, 0755);
      ROBOSYNC_CHECK(made.has_value() || made.error().kind == base::ErrorKind::kExists);
      auto opened = at->open_directory(name, Follow::kYes);
      ROBOSYNC_CHECK(opened.has_value());
      at = *opened;
    }
  }
  const auto built = build_tree(require_directory(path), spec);
  ROBOSYNC_CHECK(built.has_value());
}

std::string MemoryFileSystem::dump(const std::string& path, const TreeTextOptions& options) const {
  const memory::Core::BehindTheScenes scenes(*core_);
  return dump_tree(require_directory(path), options);
}

}  // namespace robosync::fs
