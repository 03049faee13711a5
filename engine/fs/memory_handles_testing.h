// File and Directory handles of the in-memory file system. Private to memory_*_testing.cc.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/fs/memory_core_testing.h"

namespace robosync::fs::memory {

// What files and directories have in common. Public calls take the lock and log themselves.
template <typename Interface>
class MemoryNode : public Interface {
 public:
  // REQUIRES: the lock, and Core::acquire_handle() having succeeded.
  MemoryNode(std::shared_ptr<Core> core, InodePtr inode)
      : core_(std::move(core)), inode_(std::move(inode)) {}
  ~MemoryNode() override {
    const std::lock_guard lock(core_->mutex);
    if (inode_->lock_holder == this) inode_->lock_holder = nullptr;
    --core_->handles;
  }

  [[nodiscard]] base::Result<tree::Metadata> stat() const override {
    const std::lock_guard lock(core_->mutex);
    record(Operation::kStat);
    return core_->metadata(*inode_);
  }
  [[nodiscard]] base::Result<void> set_metadata(const MetadataChange& change) override {
    const std::lock_guard lock(core_->mutex);
    record(Operation::kSetMetadata);
    return core_->set_metadata(*inode_, change);
  }
  [[nodiscard]] base::Result<std::vector<Xattr>> xattrs() const override {
    const std::lock_guard lock(core_->mutex);
    record(Operation::kXattrs);
    return core_->xattrs(*inode_);
  }
  [[nodiscard]] base::Result<void> set_xattr(const Xattr& attribute) override {
    const std::lock_guard lock(core_->mutex);
    record(Operation::kSetXattr);
    return core_->set_xattr(*inode_, attribute);
  }
  [[nodiscard]] base::Result<void> remove_xattr(const std::string& name) override {
    const std::lock_guard lock(core_->mutex);
    record(Operation::kRemoveXattr);
    return core_->remove_xattr(*inode_, name);
  }
  [[nodiscard]] base::Result<bool> try_lock() override {
    const std::lock_guard lock(core_->mutex);
    record(Operation::kTryLock);
    if (!inode_->volume->options.can_lock) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported, "lock"));
    }
    if (inode_->lock_holder == nullptr) inode_->lock_holder = this;
    return inode_->lock_holder == this;
  }
  [[nodiscard]] base::Result<void> sync() override {
    const std::lock_guard lock(core_->mutex);
    record(Operation::kSync);
    return {};
  }

  [[nodiscard]] const InodePtr& inode() const { return inode_; }
  [[nodiscard]] const std::shared_ptr<Core>& core() const { return core_; }

 protected:
  // REQUIRES: the lock.
  virtual std::string path() const = 0;
  void record(Operation operation) const { core_->record(operation, path()); }

  // NOLINTNEXTLINE(*-non-private-member-variables-in-classes): the two subclasses are all there is
  const std::shared_ptr<Core> core_;
  const InodePtr inode_;
};

class MemoryFile final : public MemoryNode<File> {
 public:
  MemoryFile(std::shared_ptr<Core> core, InodePtr inode, Access access, std::string path)
      : MemoryNode(std::move(core), std::move(inode)), access_(access), path_(std::move(path)) {}

  [[nodiscard]] base::Result<std::size_t> read_at(std::span<std::byte> out,
                                                  std::uint64_t offset) const override;
  [[nodiscard]] base::Result<void> write_at(std::span<const std::byte> data,
                                            std::uint64_t offset) override;
  [[nodiscard]] base::Result<void> resize(std::uint64_t size) override;
  [[nodiscard]] base::Result<void> preallocate(std::uint64_t size) override;
  [[nodiscard]] base::Result<std::optional<Extent>> next_extent(
      std::uint64_t offset) const override;
  [[nodiscard]] base::Result<void> clone_from(const File& source) override;
  [[nodiscard]] base::Result<std::uint64_t> copy_range_from(const File& source,
                                                            std::uint64_t offset,
                                                            std::uint64_t length) override;

 private:
  // The path by which it was opened: it may have been renamed since.
  std::string path() const override { return path_; }
  [[nodiscard]] base::Result<void> check_writable(const char* operation) const;
  // Stores `data`; on a full volume what fits, with kNoSpace.
  [[nodiscard]] base::Result<void> store(std::span<const std::byte> data, std::uint64_t offset);
  // On a volume without holes what lies between the end and `size` is stored as zeros.
  [[nodiscard]] base::Result<void> fill_gap(std::uint64_t size);
  // `source` as one of ours, on this volume; else kUnsupported.
  [[nodiscard]] base::Result<const MemoryFile*> peer(const File& source,
                                                     const char* operation) const;

  const Access access_;
  const std::string path_;
};

class MemoryDirectory final : public MemoryNode<Directory> {
 public:
  using MemoryNode::MemoryNode;

  [[nodiscard]] base::Result<void> list(const NameFilter& wanted, Listing& out) const override;
  [[nodiscard]] base::Result<tree::Entry> stat_entry(std::string_view name,
                                                     Follow follow) const override;
  [[nodiscard]] base::Result<DirectoryPtr> open_directory(std::string_view name,
                                                          Follow follow) const override;
  [[nodiscard]] base::Result<FilePtr> open_file(std::string_view name, Access access,
                                                Follow follow) const override;
  [[nodiscard]] base::Result<FilePtr> create_file(std::string_view name,
                                                  std::uint32_t mode) override;
  [[nodiscard]] base::Result<void> make_directory(std::string_view name,
                                                  std::uint32_t mode) override;
  [[nodiscard]] base::Result<void> make_symlink(std::string_view name, const std::string& target,
                                                tree::LinkKind kind) override;
  [[nodiscard]] base::Result<void> make_node(std::string_view name, tree::Kind kind,
                                             std::uint32_t mode,
                                             std::uint64_t device_number) override;
  [[nodiscard]] base::Result<void> make_link(const Directory& from, std::string_view from_name,
                                             std::string_view name) override;
  [[nodiscard]] base::Result<void> rename(std::string_view name, Directory& to,
                                          std::string_view to_name, Replace replace) override;
  [[nodiscard]] base::Result<void> exchange(std::string_view name, Directory& with,
                                            std::string_view with_name) override;
  [[nodiscard]] base::Result<void> remove_file(std::string_view name) override;
  [[nodiscard]] base::Result<void> remove_directory(std::string_view name) override;
  [[nodiscard]] base::Result<void> set_entry_metadata(std::string_view name,
                                                      const MetadataChange& change) override;
  [[nodiscard]] base::Result<std::vector<Xattr>> entry_xattrs(std::string_view name) const override;
  [[nodiscard]] base::Result<void> set_entry_xattr(std::string_view name,
                                                   const Xattr& attribute) override;
  [[nodiscard]] base::Result<void> remove_entry_xattr(std::string_view name,
                                                      const std::string& attribute) override;
  [[nodiscard]] bool is_mount_point() const override;
  [[nodiscard]] bool ignores_case() const override;
  [[nodiscard]] std::int64_t time_granularity_ns() const override {
    return inode_->volume->options.time_granularity_ns;
  }
  [[nodiscard]] bool has_fat_times() const override {
    return inode_->volume->options.has_fat_times;
  }
  [[nodiscard]] std::uint64_t file_bytes_max() const override {
    return inode_->volume->options.file_bytes_max.value_or(Directory::file_bytes_max());
  }
  [[nodiscard]] std::string folded(std::string_view name) const override;
  [[nodiscard]] base::Result<void> sync_volume() override;

 private:
  std::string path() const override { return core_->path_of(*inode_); }
  void record_entry(Operation operation, std::string_view name) const {
    core_->record(operation, core_->path_of(*inode_, name));
  }
  tree::Entry entry_of(std::string_view name, const Inode& inode) const;
  // `other` as one of ours, on this file system; else kCrossDevice.
  [[nodiscard]] base::Result<InodePtr> peer(const Directory& other, const char* operation) const;
};

// A handle on the directory `inode`, with the checks of opening it. REQUIRES: the lock.
[[nodiscard]] base::Result<DirectoryPtr> open_directory_inode(const std::shared_ptr<Core>& core,
                                                              const InodePtr& inode,
                                                              std::string_view name);

}  // namespace robosync::fs::memory
