// Directory handles of the in-memory file system.
#include <cerrno>

#include "engine/fs/memory_handles_testing.h"

namespace robosync::fs::memory {

using base::fail;
using base::Result;
using tree::Entry;
using tree::Kind;

Result<DirectoryPtr> open_directory_inode(const std::shared_ptr<Core>& core, const InodePtr& inode,
                                          std::string_view name) {
  if (inode->is_symlink()) return fail(system_error(ELOOP, "open", name));
  if (!inode->is_directory()) return fail(system_error(ENOTDIR, "open", name));
  if (!core->may(*inode, Wanted::kRead)) return fail(system_error(EACCES, "open", name));
  ROBOSYNC_TRY(core->acquire_handle());
  return std::make_shared<MemoryDirectory>(core, inode);
}

Entry MemoryDirectory::entry_of(std::string_view name, const Inode& inode) const {
  Entry entry;
  entry.name = name;
  entry.metadata = core_->metadata(inode);
  entry.link_target = inode.link_target;
  entry.link_kind = inode.link_kind;
  return entry;
}

Result<void> MemoryDirectory::list(const NameFilter& wanted, Listing& out) const {
  // The filter is the caller's code: it runs without the lock, which it might want itself.
  std::vector<Entry> all;
  bool searchable = false;
  {
    const std::lock_guard lock(core_->mutex);
    record(Operation::kList);
    if (inode_->removed) return fail(system_error(ENOENT, "list", ""));
    searchable = core_->may(*inode_, Wanted::kExecute);
    // From the last to the first: nobody may count on an order.
    for (auto at = inode_->children.rbegin(); at != inode_->children.rend(); ++at) {
      const Child& child = at->second;
      const Inode* inode = child.inode.get();
      while (inode->mounted) inode = inode->mounted.get();
      all.push_back(entry_of(child.name, *inode));
    }
  }
  for (Entry& entry : all) {
    if (wanted && !wanted(entry.name, entry.metadata.kind)) continue;
    if (searchable) {
      out.entries.push_back(std::move(entry));
    } else {
      out.problems.push_back({entry.name, system_error(EACCES, "stat", entry.name)});
    }
  }
  return {};
}

Result<Entry> MemoryDirectory::stat_entry(std::string_view name, Follow follow) const {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kStatEntry, name);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->find(inode_, name, follow));
  return entry_of(name, *inode);
}

Result<DirectoryPtr> MemoryDirectory::open_directory(std::string_view name, Follow follow) const {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kOpenDirectory, name);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->find(inode_, name, follow));
  return open_directory_inode(core_, inode, name);
}

Result<FilePtr> MemoryDirectory::open_file(std::string_view name, Access access,
                                           Follow follow) const {
  const std::lock_guard lock(core_->mutex);
  const bool writing = access == Access::kReadWrite;
  record_entry(writing ? Operation::kOpenFileForWriting : Operation::kOpenFile, name);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->find(inode_, name, follow));
  if (inode->is_symlink()) return fail(system_error(ELOOP, "open", name));
  if (!core_->may(*inode, Wanted::kRead) || (writing && !core_->may(*inode, Wanted::kWrite))) {
    return fail(system_error(EACCES, "open", name));
  }
  if (inode->is_directory() && writing) return fail(system_error(EISDIR, "open", name));
  if (inode->kind == Kind::kSocket) {
    return fail(base::make_error(base::ErrorKind::kUnsupported, "open socket"));
  }
  if (writing && inode->volume->options.read_only) return fail(system_error(EROFS, "open", name));
  ROBOSYNC_TRY(core_->acquire_handle());
  return std::make_unique<MemoryFile>(core_, inode, access, core_->path_of(*inode_, name));
}

Result<FilePtr> MemoryDirectory::create_file(std::string_view name, std::uint32_t mode) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kCreateFile, name);
  ROBOSYNC_TRY(core_->acquire_handle());
  auto inode = core_->create(inode_, name, Kind::kRegular, mode);
  if (!inode) {
    --core_->handles;
    return fail(std::move(inode).error());
  }
  return std::make_unique<MemoryFile>(core_, *inode, Access::kReadWrite,
                                      core_->path_of(*inode_, name));
}

Result<void> MemoryDirectory::make_directory(std::string_view name, std::uint32_t mode) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kMakeDirectory, name);
  ROBOSYNC_TRY(core_->create(inode_, name, Kind::kDirectory, mode));
  return {};
}

Result<void> MemoryDirectory::make_symlink(std::string_view name, const std::string& target,
                                           tree::LinkKind kind) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kMakeSymlink, name);
  return core_->make_symlink(inode_, name, target, kind);
}

Result<void> MemoryDirectory::make_node(std::string_view name, Kind kind, std::uint32_t mode,
                                        std::uint64_t device_number) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kMakeNode, name);
  return core_->make_node(inode_, name, kind, mode, device_number);
}

Result<InodePtr> MemoryDirectory::peer(const Directory& other, const char* operation) const {
  const auto* ours = dynamic_cast<const MemoryDirectory*>(&other);
  if (ours == nullptr || ours->core_ != core_) return fail(system_error(EXDEV, operation, ""));
  return ours->inode_;
}

Result<void> MemoryDirectory::make_link(const Directory& from, std::string_view from_name,
                                        std::string_view name) {
  const std::lock_guard lock(core_->mutex);
  ROBOSYNC_ASSIGN(const InodePtr other, peer(from, "link"));
  core_->record(Operation::kMakeLink, core_->path_of(*other, from_name),
                core_->path_of(*inode_, name));
  return core_->make_link(*other, from_name, inode_, name);
}

Result<void> MemoryDirectory::rename(std::string_view name, Directory& to, std::string_view to_name,
                                     Replace replace) {
  const std::lock_guard lock(core_->mutex);
  ROBOSYNC_ASSIGN(const InodePtr other, peer(to, "rename"));
  core_->record(Operation::kRename, core_->path_of(*inode_, name), core_->path_of(*other, to_name));
  return core_->rename(inode_, name, other, to_name, replace);
}

Result<void> MemoryDirectory::exchange(std::string_view name, Directory& with,
                                       std::string_view with_name) {
  const std::lock_guard lock(core_->mutex);
  ROBOSYNC_ASSIGN(const InodePtr other, peer(with, "exchange"));
  core_->record(Operation::kExchange, core_->path_of(*inode_, name),
                core_->path_of(*other, with_name));
  return core_->exchange(inode_, name, other, with_name);
}

Result<void> MemoryDirectory::remove_file(std::string_view name) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kRemoveFile, name);
  return core_->remove_file(inode_, name);
}

Result<void> MemoryDirectory::remove_directory(std::string_view name) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kRemoveDirectory, name);
  return core_->remove_directory(inode_, name);
}

Result<void> MemoryDirectory::set_entry_metadata(std::string_view name,
                                                 const MetadataChange& change) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kSetEntryMetadata, name);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->lookup(*inode_, name));
  return core_->set_metadata(*inode, change);
}

Result<std::vector<Xattr>> MemoryDirectory::entry_xattrs(std::string_view name) const {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kEntryXattrs, name);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->lookup(*inode_, name));
  return core_->xattrs(*inode);
}

Result<void> MemoryDirectory::set_entry_xattr(std::string_view name, const Xattr& attribute) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kSetEntryXattr, name);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->lookup(*inode_, name));
  return core_->set_xattr(*inode, attribute);
}

Result<void> MemoryDirectory::remove_entry_xattr(std::string_view name,
                                                 const std::string& attribute) {
  const std::lock_guard lock(core_->mutex);
  record_entry(Operation::kRemoveEntryXattr, name);
  ROBOSYNC_ASSIGN(const InodePtr inode, core_->lookup(*inode_, name));
  return core_->remove_xattr(*inode, attribute);
}

bool MemoryDirectory::is_mount_point() const {
  const std::lock_guard lock(core_->mutex);
  return inode_->number == inode_->volume->top_inode;
}

bool MemoryDirectory::ignores_case() const { return inode_->volume->options.tells_case; }

std::string MemoryDirectory::folded(std::string_view name) const { return lower_case(name); }

Result<void> MemoryDirectory::sync_volume() {
  const std::lock_guard lock(core_->mutex);
  record(Operation::kSyncVolume);
  return {};
}

}  // namespace robosync::fs::memory
