// How names appear, move and go in the in-memory file system.
#include <cerrno>
#include <utility>

#include "engine/base/check.h"
#include "engine/fs/memory_core_testing.h"

namespace robosync::fs::memory {

using base::fail;
using base::Result;
using tree::Kind;

namespace {

constexpr std::uint32_t kModeMask = 07777;
constexpr std::uint32_t kSetGid = 02000;
constexpr std::uint32_t kSticky = 01000;

}  // namespace

Result<void> Core::check_change(const Inode& directory, std::string_view name) const {
  if (directory.volume->options.read_only) return fail(system_error(EROFS, "change", name));
  if (directory.removed) return fail(system_error(ENOENT, "change", name));
  if (!may(directory, Wanted::kWrite) || !may(directory, Wanted::kExecute)) {
    return fail(system_error(EACCES, "change", name));
  }
  return {};
}

Result<void> Core::check_removal(const Inode& directory, const Child& entry) const {
  const bool sticky = (directory.mode & kSticky) != 0;
  if (sticky && !caller().owns_everything && caller().uid != entry.inode->uid &&
      caller().uid != directory.uid) {
    return fail(system_error(EPERM, "remove", entry.name));
  }
  if (entry.inode->mounted) return fail(system_error(EBUSY, "remove", entry.name));
  return {};
}

Result<void> Core::check_new(const Inode& directory, std::string_view name) const {
  ROBOSYNC_CHECK(tree::validate_component(name).has_value());
  if (!may(directory, Wanted::kExecute)) return fail(system_error(EACCES, "create", name));
  ROBOSYNC_TRY(check_name(directory, name));
  if (child(directory, name) != nullptr) return fail(system_error(EEXIST, "create", name));
  return check_change(directory, name);
}

void Core::attach(const InodePtr& directory, std::string_view name, const InodePtr& inode) {
  directory->children.insert_or_assign(name_key(*directory->volume, name),
                                       Child{std::string(name), inode});
  if (inode->is_directory()) {
    inode->parent = directory;
    inode->name = name;
    ++directory->link_count;
  }
  touch(*directory);
}

void Core::detach(Inode& directory, std::string_view name) {
  const auto at = directory.children.find(name_key(*directory.volume, name));
  ROBOSYNC_CHECK(at != directory.children.end());
  if (at->second.inode->is_directory()) --directory.link_count;
  directory.children.erase(at);
  touch(directory);
}

void Core::drop_link(Inode& inode) {
  if (inode.is_directory()) {
    inode.link_count = 0;
    inode.removed = true;
  } else {
    --inode.link_count;
  }
  touch_change(inode);
}

Result<InodePtr> Core::create(const InodePtr& directory, std::string_view name, Kind kind,
                              std::uint32_t mode) {
  ROBOSYNC_TRY(check_new(*directory, name));
  auto inode = std::make_shared<Inode>(directory->volume, kind);
  inode->uid = caller().uid;
  inode->gid = (directory->mode & kSetGid) != 0 ? directory->gid : caller().gid;
  inode->mode = mode & kModeMask;
  if (!inode->is_symlink()) inode->mode = mode_by_default_acl(*directory, inode->mode);
  inode->link_count = inode->is_directory() ? 2 : 1;
  touch(*inode);
  attach(directory, name, inode);
  return inode;
}

Result<void> Core::make_symlink(const InodePtr& directory, std::string_view name,
                                const std::string& target, tree::LinkKind kind) {
  if (target.empty()) return fail(system_error(ENOENT, "create link", name));
  if (target.size() > kLinkTargetBytesMax) {
    return fail(system_error(ENAMETOOLONG, "create link", name));
  }
  if (!directory->volume->options.has_symlinks) {
    ROBOSYNC_TRY(check_new(*directory, name));
    base::Error error = system_error(EPERM, "create link", name);
    error.kind = base::ErrorKind::kNoLinks;
    return fail(std::move(error));
  }
  ROBOSYNC_ASSIGN(const InodePtr inode, create(directory, name, Kind::kSymlink, 0777));
  inode->link_target = target;
  inode->link_kind = kind;
  return {};
}

Result<void> Core::make_node(const InodePtr& directory, std::string_view name, Kind kind,
                             std::uint32_t mode, std::uint64_t device_number) {
  const bool is_device = kind == Kind::kCharDevice || kind == Kind::kBlockDevice;
  ROBOSYNC_CHECK(is_device || kind == Kind::kFifo || kind == Kind::kSocket);
  if (is_device && !caller().owns_everything) {
    ROBOSYNC_TRY(check_new(*directory, name));
    return fail(system_error(EPERM, "create node", name));
  }
  ROBOSYNC_ASSIGN(const InodePtr inode, create(directory, name, kind, mode));
  if (is_device) inode->device_number = device_number;
  return {};
}

Result<void> Core::make_link(const Inode& from, std::string_view from_name,
                             const InodePtr& directory, std::string_view name) {
  ROBOSYNC_ASSIGN(const InodePtr inode, lookup(from, from_name));
  ROBOSYNC_TRY(check_new(*directory, name));
  if (inode->volume != directory->volume) return fail(system_error(EXDEV, "link", name));
  if (inode->is_directory() || !inode->volume->options.has_hard_links) {
    return fail(system_error(EPERM, "link", name));
  }
  if (inode->link_count >= inode->volume->options.link_count_max) {
    return fail(system_error(EMLINK, "link", name));
  }
  ++inode->link_count;
  touch_change(*inode);
  attach(directory, name, inode);
  return {};
}

Result<void> Core::check_move(const Inode& from, const Child& moved, const Inode& to) const {
  ROBOSYNC_TRY(check_change(from, moved.name));
  ROBOSYNC_TRY(check_removal(from, moved));
  ROBOSYNC_TRY(check_change(to, moved.name));
  if (!moved.inode->is_directory()) return {};
  if (is_within(to, *moved.inode)) return fail(system_error(EINVAL, "rename", moved.name));
  // Its ".." is rewritten when the parent changes.
  if (&from != &to && !may(*moved.inode, Wanted::kWrite)) {
    return fail(system_error(EACCES, "rename", moved.name));
  }
  return {};
}

Result<void> Core::check_replacement(const Inode& moved, const Inode& to,
                                     const Child& replaced) const {
  ROBOSYNC_TRY(check_removal(to, replaced));
  const Inode& inode = *replaced.inode;
  if (moved.is_directory() && !inode.is_directory()) {
    return fail(system_error(ENOTDIR, "rename to", replaced.name));
  }
  if (!moved.is_directory() && inode.is_directory()) {
    return fail(system_error(EISDIR, "rename to", replaced.name));
  }
  if (!inode.children.empty()) return fail(system_error(ENOTEMPTY, "rename to", replaced.name));
  return {};
}

Result<void> Core::rename(const InodePtr& from, std::string_view from_name, const InodePtr& to,
                          std::string_view to_name, Replace replace) {
  if (from->volume != to->volume) return fail(system_error(EXDEV, "rename to", to_name));
  ROBOSYNC_TRY(lookup(*from, from_name));
  const Child moved = *child(*from, from_name);
  ROBOSYNC_CHECK(tree::validate_component(to_name).has_value());
  if (!may(*to, Wanted::kExecute)) return fail(system_error(EACCES, "rename to", to_name));
  ROBOSYNC_TRY(check_name(*to, to_name));
  const Child* taken = child(*to, to_name);
  if (taken != nullptr && replace == Replace::kNo) {
    return fail(system_error(EEXIST, "rename to", to_name));
  }
  // Two names of one file stay two names, as POSIX wants; one name in another case is a new name.
  const bool same_name = taken != nullptr && from == to && taken == child(*from, from_name);
  if (taken != nullptr && taken->inode == moved.inode && (!same_name || from_name == to_name)) {
    return {};
  }
  ROBOSYNC_TRY(check_move(*from, moved, *to));
  if (taken != nullptr && !same_name) {
    ROBOSYNC_TRY(check_replacement(*moved.inode, *to, *taken));
    const InodePtr replaced = taken->inode;
    detach(*to, to_name);
    drop_link(*replaced);
  }
  detach(*from, from_name);
  attach(to, to_name, moved.inode);
  touch_change(*moved.inode);
  return {};
}

Result<void> Core::exchange(const InodePtr& a, std::string_view a_name, const InodePtr& b,
                            std::string_view b_name) {
  if (a->volume != b->volume) return fail(system_error(EXDEV, "exchange with", b_name));
  ROBOSYNC_TRY(lookup(*a, a_name));
  ROBOSYNC_TRY(lookup(*b, b_name));
  if (!a->volume->options.can_exchange) {
    return fail(system_error(EOPNOTSUPP, "exchange with", b_name));
  }
  const Child first = *child(*a, a_name);
  const Child second = *child(*b, b_name);
  if (first.inode == second.inode) return {};
  ROBOSYNC_TRY(check_move(*a, first, *b));
  ROBOSYNC_TRY(check_move(*b, second, *a));
  detach(*a, a_name);
  detach(*b, b_name);
  attach(a, first.name, second.inode);
  attach(b, second.name, first.inode);
  touch_change(*first.inode);
  touch_change(*second.inode);
  return {};
}

Result<void> Core::remove_file(const InodePtr& directory, std::string_view name) {
  ROBOSYNC_TRY(lookup(*directory, name));
  const Child entry = *child(*directory, name);
  ROBOSYNC_TRY(check_change(*directory, name));
  ROBOSYNC_TRY(check_removal(*directory, entry));
  if (entry.inode->is_directory()) return fail(system_error(EISDIR, "remove", name));
  detach(*directory, name);
  drop_link(*entry.inode);
  return {};
}

Result<void> Core::remove_directory(const InodePtr& directory, std::string_view name) {
  ROBOSYNC_TRY(lookup(*directory, name));
  const Child entry = *child(*directory, name);
  ROBOSYNC_TRY(check_change(*directory, name));
  ROBOSYNC_TRY(check_removal(*directory, entry));
  if (!entry.inode->is_directory()) return fail(system_error(ENOTDIR, "remove directory", name));
  if (!entry.inode->children.empty()) {
    return fail(system_error(ENOTEMPTY, "remove directory", name));
  }
  detach(*directory, name);
  drop_link(*entry.inode);
  return {};
}

}  // namespace robosync::fs::memory
