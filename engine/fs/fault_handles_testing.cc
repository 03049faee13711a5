// File and Directory handles that pass calls on, past the rules.
#include <algorithm>
#include <cerrno>
#include <utility>

#include "engine/fs/fault_injector_testing.h"

namespace robosync::fs::faults {
namespace {

using base::fail;
using base::Result;
using InjectorPtr = std::shared_ptr<Injector>;

constexpr std::byte kWrongBit{0x10};

template <typename Interface, typename Inner>
class FaultNode : public Interface {
 public:
  FaultNode(InjectorPtr injector, Inner inner, std::string path)
      : injector_(std::move(injector)), inner_(std::move(inner)), path_(std::move(path)) {}

  Result<tree::Metadata> stat() const override {
    return pass(Operation::kStat, [&] { return inner_->stat(); });
  }
  Result<void> set_metadata(const MetadataChange& change) override {
    return pass(Operation::kSetMetadata, [&] { return inner_->set_metadata(change); });
  }
  Result<std::vector<Xattr>> xattrs() const override {
    return pass(Operation::kXattrs, [&] { return inner_->xattrs(); });
  }
  Result<void> set_xattr(const Xattr& attribute) override {
    return pass(Operation::kSetXattr, [&] { return inner_->set_xattr(attribute); });
  }
  Result<void> remove_xattr(const std::string& name) override {
    return pass(Operation::kRemoveXattr, [&] { return inner_->remove_xattr(name); });
  }
  Result<bool> try_lock() override {
    return pass(Operation::kTryLock, [&] { return inner_->try_lock(); });
  }
  Result<void> sync() override {
    return pass(Operation::kSync, [&] { return inner_->sync(); });
  }

  [[nodiscard]] const Inner& inner() const { return inner_; }
  [[nodiscard]] const std::string& path() const { return path_; }

 protected:
  [[nodiscard]] Injector& injector() const { return *injector_; }
  [[nodiscard]] const InjectorPtr& shared_injector() const { return injector_; }

  // A call on the object itself.
  template <typename Call>
  std::invoke_result_t<Call> pass(Operation operation, Call call) const {
    const Visit visit(*injector_, operation, path_);
    ROBOSYNC_TRY(visit.begin());
    return call();
  }

 private:
  const InjectorPtr injector_;
  const Inner inner_;
  const std::string path_;
};

class FaultFile final : public FaultNode<File, FilePtr> {
 public:
  using FaultNode::FaultNode;

  Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset) const override {
    const Visit visit(injector(), Operation::kRead, path());
    ROBOSYNC_TRY(visit.begin());
    const std::span<std::byte> part = out.first(cut(out.size(), visit));
    ROBOSYNC_ASSIGN(const std::size_t count, inner()->read_at(part, offset));
    if (visit.corrupt() && count > 0) part[0] ^= kWrongBit;
    ROBOSYNC_TRY(visit.end());
    return count;
  }

  Result<void> write_at(std::span<const std::byte> data, std::uint64_t offset) override {
    const Visit visit(injector(), Operation::kWrite, path());
    ROBOSYNC_TRY(visit.begin());
    const std::span<const std::byte> part = data.first(cut(data.size(), visit));
    if (visit.corrupt() && !part.empty()) {
      std::vector<std::byte> wrong(part.begin(), part.end());
      wrong[0] ^= kWrongBit;
      ROBOSYNC_TRY(inner()->write_at(wrong, offset));
    } else {
      ROBOSYNC_TRY(inner()->write_at(part, offset));
    }
    return visit.end();
  }

  Result<void> resize(std::uint64_t size) override {
    return pass(Operation::kResize, [&] { return inner()->resize(size); });
  }
  Result<void> preallocate(std::uint64_t size) override {
    return pass(Operation::kPreallocate, [&] { return inner()->preallocate(size); });
  }
  Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override {
    return pass(Operation::kNextExtent, [&] { return inner()->next_extent(offset); });
  }
  Result<void> clone_from(const File& source) override {
    return pass(Operation::kClone, [&] { return inner()->clone_from(unwrapped(source)); });
  }

  Result<std::uint64_t> copy_range_from(const File& source, std::uint64_t offset,
                                        std::uint64_t length) override {
    const Visit visit(injector(), Operation::kCopyRange, path());
    ROBOSYNC_TRY(visit.begin());
    const std::uint64_t part = std::min(length, visit.cut_to().value_or(length));
    // Asked for nothing, some systems say "unsupported": not what is meant here.
    if (part == 0) {
      ROBOSYNC_TRY(visit.end());
      return 0;
    }
    ROBOSYNC_ASSIGN(const std::uint64_t count,
                    inner()->copy_range_from(unwrapped(source), offset, part));
    ROBOSYNC_TRY(visit.end());
    return count;
  }

 private:
  static std::size_t cut(std::size_t size, const Visit& visit) {
    return static_cast<std::size_t>(std::min<std::uint64_t>(size, visit.cut_to().value_or(size)));
  }
};

class FaultDirectory final : public FaultNode<Directory, DirectoryPtr> {
 public:
  using FaultNode::FaultNode;

  Result<void> list(const NameFilter& wanted, Listing& out) const override {
    const Visit visit(injector(), Operation::kList, path());
    ROBOSYNC_TRY(visit.begin());
    Listing all;
    const auto listed = inner()->list(wanted, all);
    if (visit.cut_to() && *visit.cut_to() < all.entries.size()) {
      all.entries.resize(static_cast<std::size_t>(*visit.cut_to()));
    }
    for (tree::Entry& entry : all.entries) {
      const Visit entry_visit(injector(), Operation::kListEntry, joined(path(), entry.name), {},
                              inner().get(), entry.name);
      auto looked_at = entry_visit.begin();
      if (looked_at && entry_visit.vanished()) looked_at = fail(fault(ENOENT));
      if (looked_at) {
        out.entries.push_back(std::move(entry));
      } else {
        out.problems.push_back({std::move(entry.name), std::move(looked_at).error()});
      }
    }
    std::move(all.problems.begin(), all.problems.end(), std::back_inserter(out.problems));
    ROBOSYNC_TRY(listed);
    return visit.end();
  }

  Result<tree::Entry> stat_entry(std::string_view name, Follow follow) const override {
    return pass_entry(Operation::kStatEntry, name,
                      [&] { return inner()->stat_entry(name, follow); });
  }

  Result<DirectoryPtr> open_directory(std::string_view name, Follow follow) const override {
    return pass_entry(Operation::kOpenDirectory, name, [&]() -> Result<DirectoryPtr> {
      ROBOSYNC_ASSIGN(DirectoryPtr opened, inner()->open_directory(name, follow));
      return wrap(shared_injector(), std::move(opened), joined(path(), name));
    });
  }

  Result<FilePtr> open_file(std::string_view name, Access access, Follow follow) const override {
    const Operation operation =
        access == Access::kRead ? Operation::kOpenFile : Operation::kOpenFileForWriting;
    return pass_entry(operation, name, [&]() -> Result<FilePtr> {
      ROBOSYNC_ASSIGN(FilePtr opened, inner()->open_file(name, access, follow));
      return wrap(shared_injector(), std::move(opened), joined(path(), name));
    });
  }

  Result<FilePtr> create_file(std::string_view name, std::uint32_t mode) override {
    return pass_entry(Operation::kCreateFile, name, [&]() -> Result<FilePtr> {
      ROBOSYNC_ASSIGN(FilePtr made, inner()->create_file(name, mode));
      return wrap(shared_injector(), std::move(made), joined(path(), name));
    });
  }

  Result<void> make_directory(std::string_view name, std::uint32_t mode) override {
    return pass_entry(Operation::kMakeDirectory, name,
                      [&] { return inner()->make_directory(name, mode); });
  }
  Result<void> make_symlink(std::string_view name, const std::string& target,
                            tree::LinkKind kind) override {
    return pass_entry(Operation::kMakeSymlink, name,
                      [&] { return inner()->make_symlink(name, target, kind); });
  }
  Result<void> make_node(std::string_view name, tree::Kind kind, std::uint32_t mode,
                         std::uint64_t device_number) override {
    return pass_entry(Operation::kMakeNode, name,
                      [&] { return inner()->make_node(name, kind, mode, device_number); });
  }

  Result<void> make_link(const Directory& from, std::string_view from_name,
                         std::string_view name) override {
    const Visit visit(injector(), Operation::kMakeLink, path_in(from, from_name),
                      joined(path(), name), inner().get(), name);
    ROBOSYNC_TRY(visit.begin());
    return inner()->make_link(unwrapped(from), from_name, name);
  }

  Result<void> rename(std::string_view name, Directory& to, std::string_view to_name,
                      Replace replace) override {
    const Visit visit(injector(), Operation::kRename, joined(path(), name), path_in(to, to_name),
                      inner().get(), name);
    ROBOSYNC_TRY(visit.begin());
    return inner()->rename(name, unwrapped(to), to_name, replace);
  }

  Result<void> exchange(std::string_view name, Directory& with,
                        std::string_view with_name) override {
    const Visit visit(injector(), Operation::kExchange, joined(path(), name),
                      path_in(with, with_name), inner().get(), name);
    ROBOSYNC_TRY(visit.begin());
    return inner()->exchange(name, unwrapped(with), with_name);
  }

  Result<void> remove_file(std::string_view name) override {
    return pass_entry(Operation::kRemoveFile, name, [&] { return inner()->remove_file(name); });
  }
  Result<void> remove_directory(std::string_view name) override {
    return pass_entry(Operation::kRemoveDirectory, name,
                      [&] { return inner()->remove_directory(name); });
  }
  Result<void> set_entry_metadata(std::string_view name, const MetadataChange& change) override {
    return pass_entry(Operation::kSetEntryMetadata, name,
                      [&] { return inner()->set_entry_metadata(name, change); });
  }
  Result<std::vector<Xattr>> entry_xattrs(std::string_view name) const override {
    return pass_entry(Operation::kEntryXattrs, name, [&] { return inner()->entry_xattrs(name); });
  }
  Result<void> set_entry_xattr(std::string_view name, const Xattr& attribute) override {
    return pass_entry(Operation::kSetEntryXattr, name,
                      [&] { return inner()->set_entry_xattr(name, attribute); });
  }
  Result<void> remove_entry_xattr(std::string_view name, const std::string& attribute) override {
    return pass_entry(Operation::kRemoveEntryXattr, name,
                      [&] { return inner()->remove_entry_xattr(name, attribute); });
  }
  bool is_mount_point() const override { return inner()->is_mount_point(); }
  bool ignores_case() const override { return inner()->ignores_case(); }
  std::string folded(std::string_view name) const override { return inner()->folded(name); }
  std::int64_t time_granularity_ns() const override { return inner()->time_granularity_ns(); }
  bool has_fat_times() const override { return inner()->has_fat_times(); }
  std::uint64_t file_bytes_max() const override { return inner()->file_bytes_max(); }
  Result<void> sync_volume() override {
    return pass(Operation::kSyncVolume, [&] { return inner()->sync_volume(); });
  }

 private:
  template <typename Call>
  std::invoke_result_t<Call> pass_entry(Operation operation, std::string_view name,
                                        Call call) const {
    const Visit visit(injector(), operation, joined(path(), name), {}, inner().get(), name);
    ROBOSYNC_TRY(visit.begin());
    return call();
  }

  static std::string path_in(const Directory& directory, std::string_view name) {
    const auto* ours = dynamic_cast<const FaultDirectory*>(&directory);
    return joined(ours == nullptr ? "?" : ours->path(), name);
  }
};

}  // namespace

DirectoryPtr wrap(InjectorPtr injector, DirectoryPtr inner, std::string path) {
  return std::make_shared<FaultDirectory>(std::move(injector), std::move(inner), std::move(path));
}

FilePtr wrap(InjectorPtr injector, FilePtr inner, std::string path) {
  return std::make_unique<FaultFile>(std::move(injector), std::move(inner), std::move(path));
}

const DirectoryPtr& unwrapped(const DirectoryPtr& directory) {
  const auto* ours = dynamic_cast<const FaultDirectory*>(directory.get());
  return ours == nullptr ? directory : ours->inner();
}

Directory& unwrapped(Directory& directory) {
  auto* ours = dynamic_cast<FaultDirectory*>(&directory);
  return ours == nullptr ? directory : *ours->inner();
}

const Directory& unwrapped(const Directory& directory) {
  const auto* ours = dynamic_cast<const FaultDirectory*>(&directory);
  return ours == nullptr ? directory : *ours->inner();
}

const File& unwrapped(const File& file) {
  const auto* ours = dynamic_cast<const FaultFile*>(&file);
  return ours == nullptr ? file : *ours->inner();
}

}  // namespace robosync::fs::faults
