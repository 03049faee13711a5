// The file system, as the engine sees it: held directory handles and single names.
//
// Everything below a root happens relative to a Directory that is held open, with names of one
// component and without following symbolic links, so that no race and no link can lead out of the
// root. Nothing here joins strings to paths. Implementations: native_file_system() (fs_posix.cc and
// its per-system companions, fs_win32.cc) and the in-memory one that tests use.
//
// Threading: a Directory may be used by several threads at once; a File's positional reads and
// writes too. Handles close in destructors. Every call may fail with kPermission, kIo, kNotFound
// and the volume faults (base/error.h); other outcomes are listed per call. `name` always REQUIRES
// one valid component (tree::validate_component).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/tree/entry.h"

namespace robosync::fs {

class Directory;
class File;
using DirectoryPtr = std::shared_ptr<Directory>;
using FilePtr = std::unique_ptr<File>;

enum class Follow : std::uint8_t { kNo, kYes };
enum class Replace : std::uint8_t { kNo, kYes };

// What to set on an entry; absent fields stay as they are. Applied in the order owner, mode, time
// (changing the owner clears set-id bits). Access times are left alone.
struct MetadataChange {
  std::optional<std::uint32_t> uid = {};
  std::optional<std::uint32_t> gid = {};
  std::optional<std::uint32_t> mode = {};
  std::optional<tree::Time> mtime = {};

  [[nodiscard]] bool empty() const { return !uid && !gid && !mode && !mtime; }
};

struct Xattr {
  std::string name;
  std::string value;

  friend bool operator==(const Xattr&, const Xattr&) = default;
};

// A run of bytes that a file really stores.
struct Extent {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

// What files and directories have in common: an open handle on one object.
class Node {
 public:
  Node() = default;
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;
  virtual ~Node() = default;

  [[nodiscard]] virtual base::Result<tree::Metadata> stat() const = 0;
  [[nodiscard]] virtual base::Result<void> set_metadata(const MetadataChange& change) = 0;

  // All extended attributes, access control lists included, ordered by name. kUnsupported where the
  // file system has none.
  [[nodiscard]] virtual base::Result<std::vector<Xattr>> xattrs() const = 0;
  [[nodiscard]] virtual base::Result<void> set_xattr(const Xattr& attribute) = 0;
  [[nodiscard]] virtual base::Result<void> remove_xattr(const std::string& name) = 0;

  // Takes an exclusive advisory lock that ends with this handle (or its process).
  // False: somebody else holds it. kUnsupported where the file system has no locks.
  [[nodiscard]] virtual base::Result<bool> try_lock() = 0;

  // Forces the object itself to stable storage.
  [[nodiscard]] virtual base::Result<void> sync() = 0;
};

class File : public Node {
 public:
  // Reads up to out.size() bytes at `offset`; fewer only at the end of the file.
  [[nodiscard]] virtual base::Result<std::size_t> read_at(std::span<std::byte> out,
                                                          std::uint64_t offset) const = 0;
  // Writes all of `data` at `offset`.
  [[nodiscard]] virtual base::Result<void> write_at(std::span<const std::byte> data,
                                                    std::uint64_t offset) = 0;
  [[nodiscard]] virtual base::Result<void> resize(std::uint64_t size) = 0;
  // What is never written is to take no space, where the file system has that only when asked.
  [[nodiscard]] virtual base::Result<void> allow_holes() { return {}; }
  // Reserves space for [0, size) without changing the size. kUnsupported possible.
  [[nodiscard]] virtual base::Result<void> preallocate(std::uint64_t size) = 0;
  // The first stored extent that ends after `offset`, cut to begin at `offset` or later; nothing
  // when only a hole follows. kUnsupported where holes cannot be asked for.
  [[nodiscard]] virtual base::Result<std::optional<Extent>> next_extent(
      std::uint64_t offset) const = 0;
  // Makes this file share the blocks of `source`, whole. kUnsupported where the file system or the
  // pair of file systems cannot; kInvalid where only these two files cannot; kChanged when this
  // file is not the one under its name any more. With any other error it is empty as before.
  [[nodiscard]] virtual base::Result<void> clone_from(const File& source) = 0;
  // Copies up to `length` bytes at the same offset from `source` inside the kernel. Returns the
  // number copied (0 at the end of source). kUnsupported where it cannot.
  [[nodiscard]] virtual base::Result<std::uint64_t> copy_range_from(const File& source,
                                                                    std::uint64_t offset,
                                                                    std::uint64_t length) = 0;
  // Whether that goes through this machine's memory byte for byte, with the target locked
  // meanwhile: threads that read and write get further then. False where the system does not tell.
  [[nodiscard]] virtual bool copies_through_memory() const { return false; }
};

enum class Access : std::uint8_t { kRead, kReadWrite };

// Decides, before an entry is looked at more closely, whether a listing should hold it.
// `kind` may be kUnknown where the system does not say; the answer is asked again once it is known.
using NameFilter = std::function<bool(std::string_view name, tree::Kind kind)>;

struct Listing {
  std::vector<tree::Entry> entries;     // in no order; metadata and link targets filled in
  std::vector<tree::Problem> problems;  // entries that could not be looked at; path is the name
};

class Directory : public Node {
 public:
  // Lists all entries but "." and "..", with metadata and link targets, into `out`. Where every
  // link count would cost a call of its own, none is told. An entry that
  // cannot be looked at becomes a problem of the listing (kNotFound: it vanished meanwhile); the
  // call fails when the directory itself cannot be read to its end. An empty filter keeps all.
  [[nodiscard]] virtual base::Result<void> list(const NameFilter& wanted, Listing& out) const = 0;

  // One entry with metadata and link target. With Follow::kYes, of what a link leads to (may lead
  // out of the root: only where the user asked for it).
  [[nodiscard]] virtual base::Result<tree::Entry> stat_entry(std::string_view name,
                                                             Follow follow = Follow::kNo) const = 0;

  // kLink or kNotDirectory when `name` is something else.
  [[nodiscard]] virtual base::Result<DirectoryPtr> open_directory(
      std::string_view name, Follow follow = Follow::kNo) const = 0;
  // Opens a regular file; never blocks on a fifo. kLink for a symbolic link unless followed.
  [[nodiscard]] virtual base::Result<FilePtr> open_file(std::string_view name,
                                                        Access access = Access::kRead,
                                                        Follow follow = Follow::kNo) const = 0;
  // A new empty file, open for reading and writing, with exactly `mode`. kExists if the name is
  // taken, by a dangling link too.
  [[nodiscard]] virtual base::Result<FilePtr> create_file(std::string_view name,
                                                          std::uint32_t mode) = 0;
  // kExists if the name is taken. The mode is exactly `mode`.
  [[nodiscard]] virtual base::Result<void> make_directory(std::string_view name,
                                                          std::uint32_t mode) = 0;
  // kNoLinks where none can be made: the file system has none, or this user may make none; the
  // error says what can be done about it.
  [[nodiscard]] virtual base::Result<void> make_symlink(
      std::string_view name, const std::string& target,
      tree::LinkKind kind = tree::LinkKind::kUnknown) = 0;
  // A fifo, socket or device node.
  [[nodiscard]] virtual base::Result<void> make_node(std::string_view name, tree::Kind kind,
                                                     std::uint32_t mode,
                                                     std::uint64_t device_number) = 0;
  // A second name `name` here for the non-directory `from_name` in `from`.
  [[nodiscard]] virtual base::Result<void> make_link(const Directory& from,
                                                     std::string_view from_name,
                                                     std::string_view name) = 0;
  // Renames `name` here to `to_name` in `to`. With Replace::kNo fails with kExists if the name is
  // taken, atomically; with Replace::kYes a non-directory is replaced atomically.
  [[nodiscard]] virtual base::Result<void> rename(std::string_view name, Directory& to,
                                                  std::string_view to_name, Replace replace) = 0;
  // Swaps two entries atomically. kUnsupported where the file system cannot.
  [[nodiscard]] virtual base::Result<void> exchange(std::string_view name, Directory& with,
                                                    std::string_view with_name) = 0;
  [[nodiscard]] virtual base::Result<void> remove_file(std::string_view name) = 0;
  // kNotEmpty if it has entries.
  [[nodiscard]] virtual base::Result<void> remove_directory(std::string_view name) = 0;

  // Sets metadata of an entry without opening it; a symbolic link itself, never what it leads to.
  // The mode of a symbolic link is silently left (no Linux file system has one).
  [[nodiscard]] virtual base::Result<void> set_entry_metadata(std::string_view name,
                                                              const MetadataChange& change) = 0;
  // Extended attributes of an entry that cannot be opened (links, nodes).
  [[nodiscard]] virtual base::Result<std::vector<Xattr>> entry_xattrs(
      std::string_view name) const = 0;
  [[nodiscard]] virtual base::Result<void> set_entry_xattr(std::string_view name,
                                                           const Xattr& attribute) = 0;
  [[nodiscard]] virtual base::Result<void> remove_entry_xattr(std::string_view name,
                                                              const std::string& attribute) = 0;

  // Whether a file system, or a part of one (a bind mount has the device of what is mounted), is
  // mounted on this directory. False where the system does not tell.
  [[nodiscard]] virtual bool is_mount_point() const = 0;

  // Whether names here that differ in case only are one name. False where the system does not tell.
  [[nodiscard]] virtual bool ignores_case() const { return false; }
  // Equal for names that are one name here. REQUIRES: ignores_case().
  [[nodiscard]] virtual std::string folded(std::string_view name) const {
    return std::string(name);
  }

  // Times here are kept in steps of so many nanoseconds, or less.
  [[nodiscard]] virtual std::int64_t time_granularity_ns() const { return 1; }

  // Whether they are none but those of tree::kept_by_fat().
  [[nodiscard]] virtual bool has_fat_times() const { return false; }
  // No file here can be larger. Without a limit where the system does not tell.
  [[nodiscard]] virtual std::uint64_t file_bytes_max() const {
    return std::numeric_limits<std::uint64_t>::max();
  }

  // Forces everything written so far to this directory's file system to stable storage.
  [[nodiscard]] virtual base::Result<void> sync_volume() = 0;
};

// Where a path of the user's leads: the directory that holds it, and the name in it.
struct Located {
  DirectoryPtr parent;
  std::string name;  // empty: `parent` itself is meant ("/", ".", "..", "a/..")
};

// What the process may do, asked once per run.
struct Privileges {
  bool owns_everything = false;  // may give files away and make device nodes
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t umask = 022;
  std::vector<std::uint32_t> groups;  // supplementary
  // Whether a directory can be renamed whatever somebody else has open in it.
  bool renames_directories_in_use = true;
  // Whether it may force a whole volume to stable storage; else files have to be, one by one.
  bool syncs_volumes = true;
  bool windows_names = false;  // whether names have to be as tree/windows_name.h says
  bool ignores_case = false;   // whether names that differ in case only are one, as a rule
  bool keeps_modes = true;     // else of a mode only whether a file's owner may write to it
  // Whether entries have what only their system knows, as attributes "windows.*" (Node::xattrs).
  bool has_native_attributes = false;
  bool has_acls = true;  // whether entries have access lists, as attributes "system.posix_acl_*"
  std::int64_t time_granularity_ns = 1;  // of times, at best
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  // The directory that holds `path`, following links on the way as a shell user expects (this is
  // the only place where a whole path is resolved). Fails with kNotFound if that directory is
  // missing.
  [[nodiscard]] virtual base::Result<Located> locate(const std::string& path) const = 0;
  // Opens the directory `path`, following links: a root given by the user.
  [[nodiscard]] virtual base::Result<DirectoryPtr> open_root(const std::string& path) const = 0;
  // The identities of `directory` and of its ancestors up to the file system's top.
  [[nodiscard]] virtual base::Result<std::vector<tree::Identity>> ancestry(
      const DirectoryPtr& directory) const = 0;
  [[nodiscard]] virtual const Privileges& privileges() const = 0;
  // How many handles may be open at once, for bounding what is held.
  [[nodiscard]] virtual std::size_t open_handles_max() const = 0;
};

// The machine's file system. One per process, any thread.
[[nodiscard]] FileSystem& native_file_system();

// Opens a directory several levels below `root`, component by component, following no link.
// Fails with kLink or kNotDirectory where a component is something else.
[[nodiscard]] base::Result<DirectoryPtr> open_beneath(const DirectoryPtr& root,
                                                      const tree::RelPath& path);

// The whole content of the small regular file `name`, nothing when there is no such entry. kInvalid
// when it is something else or larger than bytes_max.
[[nodiscard]] base::Result<std::optional<std::string>> read_if_there(const Directory& directory,
                                                                     std::string_view name,
                                                                     std::uint64_t bytes_max);

}  // namespace robosync::fs
