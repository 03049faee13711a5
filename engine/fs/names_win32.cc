#include "engine/fs/names_win32.h"

#include <chrono>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

#include "engine/fs/handle_win32.h"
#include "engine/fs/links_win32.h"
#include "engine/fs/metadata_win32.h"
#include "engine/tree/windows_volume.h"

namespace robosync::fs {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using nt::InformationClass;
using nt::NativeHandle;
using nt::Status;

namespace {

constexpr std::uint32_t kAccess = nt::kDelete | nt::kReadAttributes;

Result<nt::Stat> look_at(NativeHandle handle, std::string_view name) {
  nt::Stat stat{};
  const Status status = stat_object(handle, stat);
  if (!nt::succeeded(status)) return fail(status_error(status, "stat", name));
  return stat;
}

// And no link to one.
bool is_directory(const nt::Stat& stat) {
  return (stat.attributes & nt::kAttributeDirectory) != 0 && !is_link(stat);
}

// As on other systems, a name where a volume is mounted is in use.
Result<void> check_no_volume(const Handle& handle, const nt::Stat& stat, std::string_view name) {
  if ((stat.attributes & nt::kAttributeDirectory) == 0 || !is_link(stat)) return {};
  const auto link = read_link(handle.get(), stat.attributes);
  if (!link || link->kind != tree::LinkKind::kMountPoint) return {};
  return fail(make_error(ErrorKind::kBusy, std::string(name) + ": a volume is mounted here"));
}

// Takes the read-only attribute, which all names of a file share, away for as long as it lives.
class Writable {
 public:
  Writable(NativeHandle directory, std::string_view name) : directory_(directory), name_(name) {
    Handle opened = by_name();
    if (!opened || !nt::succeeded(stat_object(opened.get(), was_))) return;
    is_known_ = true;
    if ((was_.attributes & nt::kAttributeReadOnly) == 0) return;
    const std::uint32_t rest = was_.attributes & ~nt::kAttributeReadOnly;
    taken_ = nt::succeeded(set(opened.get(), rest != 0 ? rest : nt::kAttributeNormal));
    handle_ = std::move(opened);
  }
  Writable(const Writable&) = delete;
  Writable& operator=(const Writable&) = delete;
  // What it was taken from may still be there under this name, or another.
  ~Writable() {
    if (!taken_ || (name_is_gone_ && was_.link_count <= 1)) return;
    if (!handle_) handle_ = name_is_gone_ ? by_id() : by_name();
    nt::Stat now{};
    if (handle_ && nt::succeeded(stat_object(handle_.get(), now)) && now.file_id == was_.file_id) {
      (void)set(handle_.get(), was_.attributes);
    }
  }

  [[nodiscard]] bool was_read_only() const { return taken_; }
  // Then it is something else that keeps it from being removed.
  [[nodiscard]] bool was_writable() const {
    return is_known_ && (was_.attributes & nt::kAttributeReadOnly) == 0;
  }
  // Some file systems replace only what nobody has open. False where its other names would stay
  // without the attribute.
  [[nodiscard]] bool close() {
    if (was_.link_count > 1 && !by_id()) return false;
    handle_ = Handle();
    return true;
  }
  // The name is gone; under others the file is still what it was.
  void name_is_gone() { name_is_gone_ = true; }

 private:
  static constexpr std::uint32_t kAttributes = nt::kReadAttributes | nt::kWriteAttributes;

  static Status set(NativeHandle handle, std::uint32_t attributes) {
    nt::Basic basic{};
    basic.attributes = attributes;
    return change(handle, InformationClass::kBasic, basic);
  }
  [[nodiscard]] Handle by_name() const {
    auto opened = open_entry(directory_, name_, {.access = kAttributes}, "open");
    return opened ? std::move(*opened) : Handle();
  }
  [[nodiscard]] Handle by_id() const {
    const std::u16string id(reinterpret_cast<const char16_t*>(&was_.file_id),
                            sizeof(was_.file_id) / sizeof(char16_t));
    Handle out;
    (void)open_handle(directory_, id, {.access = kAttributes, .options = nt::kOpenById}, out);
    return out;
  }

  const NativeHandle directory_;
  const std::string name_;
  Handle handle_;
  nt::Stat was_{};
  bool is_known_ = false;
  bool taken_ = false;
  bool name_is_gone_ = false;
};

Status set_name(NativeHandle handle, InformationClass information, std::uint32_t flags,
                NativeHandle to, const std::u16string& name) {
  const std::size_t name_bytes = name.size() * sizeof(char16_t);
  // At least as much as the structure with one unit of a name, padding and all.
  const std::size_t bytes = std::max(nt::kNewNameOffset + name_bytes, sizeof(nt::NewName));
  std::vector<std::uint64_t> buffer(bytes / sizeof(std::uint64_t) + 1);
  nt::NewName head{};
  head.flags = flags;
  head.root = to;
  head.name_bytes = static_cast<std::uint32_t>(name_bytes);
  std::memcpy(buffer.data(), &head, nt::kNewNameOffset);
  std::memcpy(reinterpret_cast<char*>(buffer.data()) + nt::kNewNameOffset, name.data(), name_bytes);
  nt::IoStatus io{};
  return nt::NtSetInformationFile(handle, &io, buffer.data(), static_cast<std::uint32_t>(bytes),
                                  static_cast<std::int32_t>(information));
}

Status try_rename(NativeHandle handle, NativeHandle to, const std::u16string& name,
                  Replace replace) {
  std::uint32_t flags = nt::kRenamePosix | nt::kRenameIgnoresReadOnly;
  if (replace == Replace::kYes) flags |= nt::kRenameReplaces;
  const Status status = set_name(handle, InformationClass::kRenameEx, flags, to, name);
  if (!nt::means_unknown(status)) return status;
  return set_name(handle, InformationClass::kRename, replace == Replace::kYes ? 1 : 0, to, name);
}

// A name that was there a moment ago gives its time of creation to what is called so next.
void restore_creation_time(NativeHandle handle, const nt::Stat& object) {
  nt::Basic now{};
  if (!nt::succeeded(query(handle, InformationClass::kBasic, now)) ||
      now.creation_time == object.creation_time) {
    return;
  }
  Handle other;
  nt::Basic basic{};
  basic.creation_time = object.creation_time;
  if (nt::succeeded(open_handle(handle, std::u16string(),
                                {.access = nt::kReadAttributes | nt::kWriteAttributes}, other))) {
    (void)set_basic(other.get(), basic);
  }
}

// What another program looks at (one that looks for viruses, most of all) is free again soon.
template <typename Work>
Result<void> patiently(const Work& work) {
  constexpr auto kWaitMax = std::chrono::milliseconds(80);
  for (auto wait = std::chrono::milliseconds(5);; wait *= 2) {
    auto done = work();
    if (done || done.error().kind != ErrorKind::kBusy || wait > kWaitMax) return done;
    std::this_thread::sleep_for(wait);
  }
}

// Whether `to_name` in `to` is another name, or the same, of `object`.
bool is_same(const nt::Stat& object, NativeHandle to, std::string_view to_name) {
  const auto there = open_entry(to, to_name, {}, "open");
  if (!there) return false;
  const auto other = look_at(there->get(), to_name);
  return other && tree::windows_inode(other->file_id) != 0 && other->file_id == object.file_id;
}

Status dispose(NativeHandle handle) {
  const std::uint32_t flags =
      nt::kDispositionDelete | nt::kDispositionPosix | nt::kDispositionIgnoresReadOnly;
  const Status status = change(handle, InformationClass::kDispositionEx, flags);
  if (!nt::means_unknown(status)) return status;
  return change(handle, InformationClass::kDisposition, nt::kYes);
}

Result<void> remove_open(const Handle& handle, NativeHandle directory, std::string_view name,
                         const char* operation) {
  Status status = dispose(handle.get());
  if (status == nt::kCannotDelete || status == nt::kAccessDenied) {
    Writable writable(directory, name);
    if (writable.was_read_only()) status = dispose(handle.get());
    if (nt::succeeded(status)) writable.name_is_gone();
    // A program that is running, or what else is mapped.
    if (status == nt::kCannotDelete && writable.was_writable()) status = nt::kSharingViolation;
  }
  if (!nt::succeeded(status)) return fail(status_error(status, operation, name));
  return {};
}

Result<void> try_remove_directory(NativeHandle directory, std::string_view name) {
  ROBOSYNC_ASSIGN(const Handle handle,
                  open_entry(directory, name, {.access = kAccess, .options = nt::kDirectoryFile},
                             "remove directory"));
  ROBOSYNC_ASSIGN(const nt::Stat object, look_at(handle.get(), name));
  if (!is_directory(object)) {
    return fail(make_error(ErrorKind::kNotDirectory,
                           "remove directory " + std::string(name) + ": is a link"));
  }
  return remove_open(handle, directory, name, "remove directory");
}

Result<void> try_remove_file(NativeHandle directory, std::string_view name) {
  auto handle =
      open_entry(directory, name, {.access = kAccess, .options = nt::kNonDirectoryFile}, "remove");
  if (!handle && handle.error().kind == ErrorKind::kIsDirectory) {
    handle = open_entry(directory, name, {.access = kAccess}, "remove");
    if (!handle) return fail(std::move(handle).error());
    ROBOSYNC_ASSIGN(const nt::Stat object, look_at(handle->get(), name));
    if (is_directory(object)) return fail(status_error(nt::kFileIsADirectory, "remove", name));
    ROBOSYNC_TRY(check_no_volume(*handle, object, name));
  }
  if (!handle) return fail(std::move(handle).error());
  return remove_open(*handle, directory, name, "remove");
}

// What stands in the way of a rename that may replace, as POSIX would say; or it was removed, where
// POSIX would replace it and Windows does not.
Result<void> make_way(const nt::Stat& object, NativeHandle to, std::string_view to_name) {
  ROBOSYNC_ASSIGN(const Handle there, open_entry(to, to_name, {}, "open"));
  ROBOSYNC_ASSIGN(const nt::Stat other, look_at(there.get(), to_name));
  if (is_directory(object) && !is_directory(other)) {
    return fail(make_error(ErrorKind::kNotDirectory,
                           "rename to " + std::string(to_name) + ": is no directory"));
  }
  if (!is_directory(object) && is_directory(other)) {
    return fail(make_error(ErrorKind::kIsDirectory,
                           "rename to " + std::string(to_name) + ": is a directory"));
  }
  if (is_directory(other)) return try_remove_directory(to, to_name);
  if ((other.attributes & nt::kAttributeDirectory) != 0) return try_remove_file(to, to_name);
  return {};
}

Result<void> rename_once(NativeHandle from, std::string_view name, NativeHandle to,
                         std::string_view to_name, Replace replace) {
  ROBOSYNC_ASSIGN(const std::u16string wide, new_wide_name(to_name));
  ROBOSYNC_ASSIGN(const Handle handle, open_entry(from, name, {.access = kAccess}, "rename"));
  ROBOSYNC_ASSIGN(const nt::Stat object, look_at(handle.get(), name));
  ROBOSYNC_TRY(check_no_volume(handle, object, name));
  const auto failed = [&](Status status) {
    return fail(status_error(status, "rename to", to_name));
  };
  if (is_alias(to, to_name)) return failed(nt::kNameCollision);
  // Windows takes the other name of the same file for something to replace, and a file's own name
  // for free.
  const bool is_itself = from == to && name == to_name;
  if (is_itself || ((object.link_count > 1 || name == to_name) && is_same(object, to, to_name))) {
    if (replace == Replace::kNo) return failed(nt::kNameCollision);
    return {};
  }
  if (replace == Replace::kYes && is_link(object)) {
    // It might take the place of another.
    const auto there = open_entry(to, to_name, {}, "open");
    nt::Stat other{};
    if (there && nt::succeeded(stat_object(there->get(), other))) {
      ROBOSYNC_TRY(check_no_volume(*there, other, to_name));
    }
  }
  if (replace == Replace::kYes && is_directory(object)) {
    const auto way = make_way(object, to, to_name);
    if (!way && way.error().kind != ErrorKind::kNotFound) return way;
    replace = Replace::kNo;
  }
  Status status = try_rename(handle.get(), to, wide, replace);
  if (nt::succeeded(status)) {
    restore_creation_time(handle.get(), object);
    return {};
  }
  if (replace == Replace::kNo || (status != nt::kAccessDenied && status != nt::kNameCollision &&
                                  status != nt::kFileIsADirectory)) {
    return failed(status);
  }
  const auto way = make_way(object, to, to_name);
  if (!way && way.error().kind != ErrorKind::kNotFound) return way;
  status = try_rename(handle.get(), to, wide, replace);
  bool is_writable = false;
  if (status == nt::kAccessDenied || status == nt::kNameCollision) {  // the latter on FAT
    Writable writable(to, to_name);
    is_writable = writable.was_writable() || (writable.was_read_only() && writable.close());
    if (is_writable && writable.was_read_only()) {
      status = try_rename(handle.get(), to, wide, replace);
    }
    if (nt::succeeded(status)) writable.name_is_gone();
  }
  if (status == nt::kAccessDenied) {
    // What somebody else holds is not replaced. What this user may remove is in use as well: a
    // program that is running.
    Handle there;
    const Status shared = open_handle(to, wide, {.access = nt::kDelete}, there);
    if (shared == nt::kSharingViolation || (is_writable && nt::succeeded(shared))) {
      status = nt::kSharingViolation;
    }
  }
  if (!nt::succeeded(status)) return failed(status);
  restore_creation_time(handle.get(), object);
  return {};
}

}  // namespace

Result<void> rename_entry(NativeHandle from, std::string_view name, NativeHandle to,
                          std::string_view to_name, Replace replace) {
  return patiently([&] { return rename_once(from, name, to, to_name, replace); });
}

Result<void> link_entry(NativeHandle from, std::string_view from_name, NativeHandle to,
                        std::string_view name) {
  ROBOSYNC_ASSIGN(const std::u16string wide, new_wide_name(name));
  ROBOSYNC_ASSIGN(const Handle handle,
                  open_entry(from, from_name, {.access = nt::kWriteAttributes}, "link"));
  const Status status = set_name(handle.get(), InformationClass::kLink, 0, to, wide);
  if (nt::succeeded(status)) return {};
  // A directory has one name only.
  if (status == nt::kFileIsADirectory) return fail(status_error(nt::kAccessDenied, "link", name));
  return fail(status_error(status, "link", name));
}

Result<void> remove_file_entry(NativeHandle directory, std::string_view name) {
  return patiently([&] { return try_remove_file(directory, name); });
}

Result<void> remove_directory_entry(NativeHandle directory, std::string_view name) {
  return patiently([&] { return try_remove_directory(directory, name); });
}

}  // namespace robosync::fs
