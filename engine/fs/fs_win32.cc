#include <windows.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <limits>

#include "engine/base/mutex.h"
#include "engine/base/wide_text.h"
#include "engine/base/windows_error.h"
#include "engine/fs/attributes_win32.h"
#include "engine/fs/directory_win32.h"
#include "engine/fs/extents_win32.h"
#include "engine/fs/handle_win32.h"
#include "engine/fs/links_win32.h"
#include "engine/fs/metadata_win32.h"
#include "engine/fs/names_win32.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using nt::NativeHandle;
using nt::Status;
using tree::Metadata;

constexpr std::uint32_t kReadFile = nt::kReadData | nt::kReadAttributes;
constexpr std::uint32_t kWriteFile = kReadFile | nt::kWriteData | nt::kWriteAttributes;
constexpr std::uint32_t kOpenDirectory = nt::kReadData | nt::kTraverse | nt::kReadAttributes;
// One call's share; the system counts in 32 bits.
constexpr std::size_t kPieceBytesMax = std::size_t{1} << 30U;
// Locks of Windows keep others from the bytes that are locked: one that no file has is advisory.
constexpr std::int64_t kLockedOffset = std::numeric_limits<std::int64_t>::max() - 1;

std::unexpected<base::Error> unsupported(const char* what) {
  return fail(make_error(ErrorKind::kUnsupported, what));
}

// Another handle on what is open, with other access.
Result<Handle> reopen(NativeHandle handle, std::uint32_t access, const char* operation) {
  Handle out;
  const Status status = open_handle(handle, std::u16string(), {.access = access}, out);
  if (!nt::succeeded(status)) return fail(status_error(status, operation, ""));
  return out;
}

// The Node calls, which files and directories answer alike.
template <typename Interface>
class Win32Node : public Interface {
 public:
  // `access`: what `handle` was opened with.
  Win32Node(Handle handle, std::uint64_t device, std::uint32_t access)
      : handle_(std::move(handle)), device_(device), access_(access) {}

  Result<Metadata> stat() const override {
    ROBOSYNC_ASSIGN(tree::Entry entry, stat_handle(get(), device_));
    return entry.metadata;
  }
  Result<void> set_metadata(const MetadataChange& change) override {
    return with_access(nt::kWriteAttributes, "set time and attributes",
                       [&](NativeHandle handle) { return fs::set_metadata(handle, change); });
  }
  Result<std::vector<Xattr>> xattrs() const override { return native_attributes(get()); }
  Result<void> set_xattr(const Xattr& attribute) override {
    return with_access(nt::kWriteAttributes, "set attribute", [&](NativeHandle handle) {
      return set_native_attribute(handle, attribute);
    });
  }
  Result<void> remove_xattr(const std::string& name) override {
    return remove_native_attribute(get(), name);
  }
  Result<void> sync() override {
    return with_access(nt::kWriteData, "sync", [](NativeHandle handle) -> Result<void> {
      nt::IoStatus io{};
      const Status status = nt::NtFlushBuffersFile(handle, &io);
      // Some file systems have nothing to flush for a directory.
      if (nt::succeeded(status) || nt::means_unknown(status)) return {};
      return fail(status_error(status, "sync", ""));
    });
  }

  [[nodiscard]] NativeHandle get() const { return handle_.get(); }
  [[nodiscard]] std::uint64_t device() const { return device_; }

 private:
  // Does it with this handle, or another on the same object that may.
  template <typename Work>
  Result<void> with_access(std::uint32_t access, const char* operation, const Work& work) {
    if ((access_ & access) == access) return work(get());
    ROBOSYNC_ASSIGN(const Handle other, reopen(get(), nt::kReadAttributes | access, operation));
    return work(other.get());
  }

  Handle handle_;
  const std::uint64_t device_;
  const std::uint32_t access_;
};

class Win32File final : public Win32Node<File> {
 public:
  using Win32Node::Win32Node;

  Result<std::size_t> read_at(std::span<std::byte> out, std::uint64_t offset) const override {
    std::size_t done = 0;
    while (done < out.size()) {
      nt::IoStatus io{};
      auto at = static_cast<std::int64_t>(offset + done);
      const auto want = static_cast<std::uint32_t>(std::min(out.size() - done, kPieceBytesMax));
      const Status status = nt::NtReadFile(get(), nullptr, nullptr, nullptr, &io, out.data() + done,
                                           want, &at, nullptr);
      if (status == nt::kEndOfFile) break;
      if (!nt::succeeded(status)) return fail(status_error(status, "read", ""));
      if (io.information == 0) break;
      done += io.information;
    }
    return done;
  }

  Result<void> write_at(std::span<const std::byte> data, std::uint64_t offset) override {
    std::size_t done = 0;
    while (done < data.size()) {
      const std::uint64_t here = offset + done;
      // A negative offset means the end of the file, or the current position.
      if (here > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return fail(make_error(ErrorKind::kLimit, "write: beyond what a file can hold"));
      }
      nt::IoStatus io{};
      auto at = static_cast<std::int64_t>(here);
      const auto want = static_cast<std::uint32_t>(std::min(data.size() - done, kPieceBytesMax));
      const Status status = nt::NtWriteFile(get(), nullptr, nullptr, nullptr, &io,
                                            data.data() + done, want, &at, nullptr);
      if (!nt::succeeded(status)) return fail(status_error(status, "write", ""));
      done += io.information;
    }
    return {};
  }

  Result<void> resize(std::uint64_t size) override {
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
      return fail(make_error(ErrorKind::kLimit, "set size: beyond what a file can have"));
    }
    const Status status =
        change(get(), nt::InformationClass::kEndOfFile, static_cast<std::int64_t>(size));
    if (!nt::succeeded(status)) return fail(status_error(status, "set size", ""));
    return {};
  }

  Result<void> preallocate(std::uint64_t size) override {
    nt::Standard now{};
    Status status = query(get(), nt::InformationClass::kStandard, now);
    if (!nt::succeeded(status)) return fail(status_error(status, "preallocate", ""));
    // Less than there is would cut the file.
    const auto wanted = static_cast<std::int64_t>(size);
    if (wanted <= now.allocated_bytes) return {};
    status = change(get(), nt::InformationClass::kAllocation, wanted);
    if (nt::means_unknown(status)) return unsupported("preallocate");
    if (!nt::succeeded(status)) return fail(status_error(status, "preallocate", ""));
    return {};
  }

  Result<void> allow_holes() override { return fs::allow_holes(get()); }
  Result<std::optional<Extent>> next_extent(std::uint64_t offset) const override {
    return fs::next_extent(get(), offset);
  }
  Result<void> clone_from(const File& source) override {
    return clone_whole(static_cast<const Win32File&>(source).get(), get());
  }
  // Windows copies inside the kernel by name only (docs/decisions/0010).
  Result<std::uint64_t> copy_range_from(const File&, std::uint64_t, std::uint64_t) override {
    return unsupported("copy range");
  }

  Result<bool> try_lock() override {
    if (locked_) return true;
    OVERLAPPED at{};
    at.Offset = static_cast<DWORD>(kLockedOffset & 0xFFFFFFFF);
    at.OffsetHigh = static_cast<DWORD>(kLockedOffset >> 32);
    if (::LockFileEx(get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &at) ==
        0) {
      const DWORD error = ::GetLastError();
      if (error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING) return false;
      if (error == ERROR_INVALID_FUNCTION || error == ERROR_NOT_SUPPORTED)
        return unsupported("lock");
      return fail(base::from_windows(error, "lock"));
    }
    locked_ = true;
    return true;
  }

 private:
  bool locked_ = false;  // another lock of one's own would be refused
};

class Win32Directory final : public Win32Node<Directory> {
 public:
  using Win32Node::Win32Node;

  Result<void> list(const NameFilter& wanted, Listing& out) const override {
    const base::MutexLock lock(listing_);  // the handle has one position
    return list_directory(get(), device(), wanted, out);
  }

  Result<tree::Entry> stat_entry(std::string_view name, Follow follow) const override {
    ROBOSYNC_ASSIGN(const Handle handle, open_entry(get(), name, {.follow = follow}, "stat"));
    std::uint64_t on = device();
    if (follow == Follow::kYes) {
      ROBOSYNC_ASSIGN(on, device_of(handle.get()));
    }
    ROBOSYNC_ASSIGN(tree::Entry entry, stat_handle(handle.get(), on));
    entry.name = name;
    return entry;
  }

  Result<DirectoryPtr> open_directory(std::string_view name, Follow follow) const override {
    ROBOSYNC_ASSIGN(Handle handle, open_object(name, kOpenDirectory, nt::kDirectoryFile, follow));
    std::uint64_t on = device();
    if (follow == Follow::kYes) {
      ROBOSYNC_ASSIGN(on, device_of(handle.get()));
    }
    return std::make_shared<Win32Directory>(std::move(handle), on, kOpenDirectory);
  }

  Result<FilePtr> open_file(std::string_view name, Access access, Follow follow) const override {
    const std::uint32_t rights = access == Access::kRead ? kReadFile : kWriteFile;
    ROBOSYNC_ASSIGN(Handle handle, open_object(name, rights, nt::kNonDirectoryFile, follow));
    std::uint64_t on = device();
    if (follow == Follow::kYes) {
      ROBOSYNC_ASSIGN(on, device_of(handle.get()));
    }
    return std::make_unique<Win32File>(std::move(handle), on, rights);
  }

  Result<FilePtr> create_file(std::string_view name, std::uint32_t mode) override {
    ROBOSYNC_ASSIGN(Handle handle,
                    create(name, kWriteFile, nt::kNonDirectoryFile, attributes_of_mode(mode)));
    return std::make_unique<Win32File>(std::move(handle), device(), kWriteFile);
  }

  Result<void> make_directory(std::string_view name, std::uint32_t /*mode*/) override {
    ROBOSYNC_TRY(create(name, nt::kReadAttributes, nt::kDirectoryFile, nt::kAttributeNormal));
    return {};
  }

  Result<void> make_symlink(std::string_view name, const std::string& target,
                            tree::LinkKind kind) override {
    return fs::make_link(get(), name, target, kind);
  }
  Result<void> make_node(std::string_view name, tree::Kind, std::uint32_t, std::uint64_t) override {
    return fail(make_error(ErrorKind::kUnsupported,
                           "create " + std::string(name) + ": Windows has no such entries"));
  }

  Result<void> make_link(const Directory& from, std::string_view from_name,
                         std::string_view name) override {
    return link_entry(handle_of(from), from_name, get(), name);
  }
  Result<void> rename(std::string_view name, Directory& to, std::string_view to_name,
                      Replace replace) override {
    return rename_entry(get(), name, handle_of(to), to_name, replace);
  }
  Result<void> exchange(std::string_view, Directory&, std::string_view) override {
    return unsupported("exchange");
  }
  Result<void> remove_file(std::string_view name) override {
    return remove_file_entry(get(), name);
  }
  Result<void> remove_directory(std::string_view name) override {
    return remove_directory_entry(get(), name);
  }

  Result<void> set_entry_metadata(std::string_view name, const MetadataChange& change) override {
    ROBOSYNC_ASSIGN(const Handle handle,
                    open_entry(get(), name, {.access = nt::kReadAttributes | nt::kWriteAttributes},
                               "set time and attributes of"));
    return fs::set_metadata(handle.get(), change);
  }
  Result<std::vector<Xattr>> entry_xattrs(std::string_view name) const override {
    ROBOSYNC_ASSIGN(const Handle handle, open_entry(get(), name, {}, "read attributes of"));
    return native_attributes(handle.get());
  }
  Result<void> set_entry_xattr(std::string_view name, const Xattr& attribute) override {
    ROBOSYNC_ASSIGN(const Handle handle,
                    open_entry(get(), name, {.access = nt::kReadAttributes | nt::kWriteAttributes},
                               "set attribute of"));
    return set_native_attribute(handle.get(), attribute);
  }
  Result<void> remove_entry_xattr(std::string_view name, const std::string& attribute) override {
    ROBOSYNC_ASSIGN(const Handle handle, open_entry(get(), name, {}, "remove attribute of"));
    return remove_native_attribute(handle.get(), attribute);
  }

  // A lock of a file's kind is refused for directories: a name that only one can make serves.
  Result<bool> try_lock() override {
    if (lock_) return true;
    ROBOSYNC_ASSIGN(const Metadata own, stat());
    std::array<wchar_t, 64> text;
    std::swprintf(text.data(), text.size(), L"Global\\robosync-%llx-%llx",
                  static_cast<unsigned long long>(own.identity.device),
                  static_cast<unsigned long long>(own.identity.inode));
    Handle made(::CreateEventW(nullptr, TRUE, FALSE, text.data()));
    const DWORD error = ::GetLastError();
    if (!made || error == ERROR_ALREADY_EXISTS) return false;
    lock_ = std::move(made);
    return true;
  }

  // What is mounted on a directory is a reparse point, and none is entered.
  bool is_mount_point() const override { return false; }

  // Single directories may tell case, for the sake of Linux programs.
  bool ignores_case() const override {
    std::uint32_t flags = 0;
    const Status status = query(get(), nt::InformationClass::kCaseSensitive, flags);
    return !nt::succeeded(status) || (flags & nt::kTellsCase) == 0;
  }
  std::string folded(std::string_view name) const override {
    std::u16string wide = base::utf16_of(name).text;
    for (char16_t& unit : wide) unit = nt::RtlUpcaseUnicodeChar(unit);
    return base::wtf8_of(wide);
  }
  std::int64_t time_granularity_ns() const override { return time_granularity(get()); }
  bool has_fat_times() const override { return fs::has_fat_times(get()); }
  std::uint64_t file_bytes_max() const override { return fs::file_bytes_max(get()); }
  Result<void> sync_volume() override { return sync(); }

 private:
  static NativeHandle handle_of(const Directory& directory) {
    return static_cast<const Win32Directory&>(directory).get();
  }

  Result<Handle> create(std::string_view name, std::uint32_t access, std::uint32_t options,
                        std::uint32_t attributes) {
    ROBOSYNC_ASSIGN(const std::u16string wide, new_wide_name(name));
    Handle handle;
    const Status status = open_handle(get(), wide,
                                      {.access = access,
                                       .options = options,
                                       .disposition = nt::Disposition::kCreate,
                                       .attributes = attributes},
                                      handle);
    if (!nt::succeeded(status)) return fail(status_error(status, "create", name));
    return handle;
  }

  // Opens what is no link. Other reparse points (deduplicated files, files in the cloud) hold their
  // content only when they are followed: then it is made sure that the same file was opened.
  Result<Handle> open_object(std::string_view name, std::uint32_t access, std::uint32_t options,
                             Follow follow) const {
    const HowToOpen how{.access = access, .options = options, .follow = follow};
    auto handle = open_entry(get(), name, how, "open");
    if (follow == Follow::kYes) return handle;
    if (!handle) return fail(why_not_opened(name, std::move(handle).error()));
    const std::uint32_t tag = reparse_tag(handle->get());
    if (tag == 0) return handle;
    if (is_link_tag(tag)) return fail(link_error(name));
    HowToOpen through = how;
    through.follow = Follow::kYes;
    ROBOSYNC_ASSIGN(Handle content, open_entry(get(), name, through, "open"));
    ROBOSYNC_ASSIGN(const tree::Entry outer, stat_handle(handle->get(), device()));
    ROBOSYNC_ASSIGN(const tree::Entry inner, stat_handle(content.get(), device()));
    if (outer.metadata.identity == inner.metadata.identity) return content;
    return fail(make_error(ErrorKind::kChanged, "open " + std::string(name)));
  }

  static base::Error link_error(std::string_view name) {
    return make_error(ErrorKind::kLink, "open " + std::string(name) + ": is a link");
  }

  // A link to a directory is no file and a link to a file no directory, to the system.
  base::Error why_not_opened(std::string_view name, base::Error error) const {
    if (error.kind != ErrorKind::kIsDirectory && error.kind != ErrorKind::kNotDirectory) {
      return error;
    }
    const auto entry = open_entry(get(), name, {}, "open");
    return entry && is_link_tag(reparse_tag(entry->get())) ? link_error(name) : error;
  }

  mutable base::Mutex listing_;
  Handle lock_;
};

}  // namespace

DirectoryPtr adopt_directory(Handle handle, std::uint64_t device) {
  return std::make_shared<Win32Directory>(std::move(handle), device, kOpenDirectory);
}

NativeHandle handle_of(const Directory& directory) {
  return static_cast<const Win32Directory&>(directory).get();
}

std::uint32_t access_of_directories() { return kOpenDirectory; }

}  // namespace robosync::fs
