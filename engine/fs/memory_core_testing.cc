#include "engine/fs/memory_core_testing.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/base/check.h"

namespace robosync::fs::memory {

using base::Error;
using base::fail;
using base::Result;
using tree::Kind;

namespace {

// The core that this thread acts behind the scenes of.
thread_local const Core* behind_the_scenes = nullptr;

InodePtr entered(InodePtr inode) {
  while (inode->mounted) inode = inode->mounted;
  return inode;
}

}  // namespace

Error system_error(int number, std::string_view operation, std::string_view name) {
  std::string context(operation);
  if (!name.empty()) {
    context += ' ';
    context += name;
  }
  return base::from_errno(number, std::move(context));
}

std::string lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string name_key(const Volume& volume, std::string_view name) {
  std::string key =
      volume.options.name_case == NameCase::kSensitive ? std::string(name) : lower_case(name);
  constexpr std::string_view kComposed = "\xC3\xA9";
  for (std::size_t at = 0; volume.options.normalises && at != std::string::npos;) {
    at = key.find(kComposed, at);
    if (at != std::string::npos) key.replace(at, kComposed.size(), "e\xCC\x81");
  }
  return key;
}

Core::BehindTheScenes::BehindTheScenes(const Core& core)
    : outer_(std::exchange(behind_the_scenes, &core)) {}

Core::BehindTheScenes::~BehindTheScenes() { behind_the_scenes = outer_; }

const Privileges& Core::caller() const {
  static const Privileges kPrivileged = privileged_user();
  return behind_the_scenes == this ? kPrivileged : privileges;
}

Core::Core(const VolumeOptions& options) { top = make_top_directory(make_volume(options)); }

Core::~Core() {
  // Iteratively: a tree as deep as some tests build it would exhaust the stack.
  std::vector<InodePtr> todo{std::move(top)};
  while (!todo.empty()) {
    const InodePtr inode = std::move(todo.back());
    todo.pop_back();
    if (inode->mounted) todo.push_back(std::move(inode->mounted));
    for (auto& [key, child] : inode->children) todo.push_back(std::move(child.inode));
    inode->children.clear();
  }
}

void Core::record(Operation operation, std::string path, std::string to_path) {
  if (behind_the_scenes == this) return;
  log.record(operation, std::move(path), std::move(to_path));
}

std::shared_ptr<Volume> Core::make_volume(const VolumeOptions& options) {
  auto volume = std::make_shared<Volume>();
  volume->options = options;
  volume->device = next_device_++;
  volume->space = std::make_shared<Space>(options.capacity_bytes);
  return volume;
}

InodePtr Core::make_top_directory(const std::shared_ptr<Volume>& volume) {
  auto inode = std::make_shared<Inode>(volume, Kind::kDirectory);
  inode->mode = 0755;
  inode->link_count = 2;
  touch(*inode);
  return inode;
}

bool Core::is_in_group(std::uint32_t gid) const {
  return gid == caller().gid ||
         std::find(caller().groups.begin(), caller().groups.end(), gid) != caller().groups.end();
}

bool Core::may(const Inode& inode, Wanted wanted) const {
  if (caller().owns_everything) return true;
  const auto bit = static_cast<std::uint32_t>(wanted);
  if (caller().uid == inode.uid) return (inode.mode & (bit << 6)) != 0;
  if (is_in_group(inode.gid)) return (inode.mode & (bit << 3)) != 0;
  return (inode.mode & bit) != 0;
}

const Child* Core::child(const Inode& directory, std::string_view name) const {
  const auto at = directory.children.find(name_key(*directory.volume, name));
  return at == directory.children.end() ? nullptr : &at->second;
}

Result<void> Core::check_name(const Inode& directory, std::string_view name) const {
  const VolumeOptions& options = directory.volume->options;
  if (name.size() > options.name_bytes_max) return fail(system_error(ENAMETOOLONG, "name", name));
  if (name.find_first_of(options.forbidden_name_bytes) != std::string_view::npos) {
    return fail(system_error(EINVAL, "name", name));
  }
  return {};
}

Result<InodePtr> Core::lookup(const Inode& directory, std::string_view name) const {
  ROBOSYNC_CHECK(tree::validate_component(name).has_value());
  if (!may(directory, Wanted::kExecute)) return fail(system_error(EACCES, "look up", name));
  ROBOSYNC_TRY(check_name(directory, name));
  const Child* found = child(directory, name);
  if (found == nullptr) return fail(system_error(ENOENT, "look up", name));
  return entered(found->inode);
}

Result<InodePtr> Core::resolve(const InodePtr& start, std::string_view path, Follow last) const {
  InodePtr at = path.starts_with('/') ? top : start;
  std::string rest(path);
  if (rest.empty()) return fail(system_error(ENOENT, "open", path));
  unsigned links_followed = 0;
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const std::string name = rest.substr(0, slash);
    rest = slash == std::string::npos ? "" : rest.substr(slash + 1);
    if (!at->is_directory()) return fail(system_error(ENOTDIR, "open", path));
    if (name.empty() || name == ".") continue;
    if (name == "..") {
      if (!may(*at, Wanted::kExecute)) return fail(system_error(EACCES, "open", path));
      if (InodePtr parent = at->parent.lock()) at = std::move(parent);
      continue;
    }
    if (auto valid = tree::validate_component(name); !valid) return fail(valid.error());
    ROBOSYNC_ASSIGN(InodePtr next, lookup(*at, name));
    const bool is_last = rest.find_first_not_of('/') == std::string::npos;
    // A slash behind a link asks for what it leads to.
    const bool stop_at_link = is_last && last == Follow::kNo && slash == std::string::npos;
    if (next->is_symlink() && !stop_at_link) {
      if (++links_followed > kLinksFollowedMax) return fail(system_error(ELOOP, "open", path));
      if (next->link_target.starts_with('/')) at = top;
      rest = next->link_target + (slash == std::string::npos ? "" : "/" + rest);
      continue;
    }
    at = std::move(next);
    if (slash != std::string::npos && !at->is_directory()) {
      return fail(system_error(ENOTDIR, "open", path));
    }
  }
  return at;
}

Result<InodePtr> Core::find(const InodePtr& directory, std::string_view name, Follow follow) const {
  ROBOSYNC_CHECK(tree::validate_component(name).has_value());
  return follow == Follow::kNo ? lookup(*directory, name) : resolve(directory, name, Follow::kYes);
}

std::string Core::path_of(const Inode& directory) const {
  std::vector<std::string> names;
  const Inode* at = &directory;
  InodePtr held;
  while (at != top.get()) {
    names.push_back(at->name);
    held = at->parent.lock();
    if (!held) break;
    at = held.get();
  }
  std::string path;
  for (auto name = names.rbegin(); name != names.rend(); ++name) path += "/" + *name;
  return path.empty() ? "/" : path;
}

std::string Core::path_of(const Inode& directory, std::string_view name) const {
  std::string path = path_of(directory);
  if (path != "/") path += '/';
  path += name;
  return path;
}

bool Core::is_within(const Inode& inode, const Inode& ancestor) const {
  const Inode* at = &inode;
  InodePtr held;
  while (at != &ancestor) {
    held = at->parent.lock();
    if (!held) return false;
    at = held.get();
  }
  return true;
}

Result<void> Core::acquire_handle() {
  if (handles >= handles_max) return fail(system_error(EMFILE, "open", ""));
  ++handles;
  handles_peak = std::max(handles_peak, handles);
  return {};
}

}  // namespace robosync::fs::memory
