// MemoryFileSystem: a whole POSIX-like file system in memory, for tests.
//
// It answers as the Linux kernel does (the contract suite runs against both) and can be told to
// behave like other file systems: case-insensitive, coarse times, short names, no links, small,
// read-only. Permissions are checked for the user it is told to play, so a test of a refused access
// means the same whoever runs it. Time is a clock of its own that advances by one microsecond per
// change, so that every change is visible in mtime and ctime and a test gives the same result each
// time. Every call is logged (operation_testing.h).
//
// Threading: everything may be called from any thread, one lock guards all; set_privileges() only
// while no other call runs. Handles keep the file system alive.
//
// Not modelled: access times, quotas, inode limits, durability (sync succeeds and is logged;
// fault_fs_testing.h for anything worse), and of access control lists everything but that a default
// list takes permissions from the mode of new entries.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fs/fs.h"
#include "engine/fs/operation_testing.h"
#include "engine/fs/tree_text_testing.h"

namespace robosync::fs {

namespace memory {
class Core;
}  // namespace memory

enum class NameCase : std::uint8_t {
  kSensitive,
  kInsensitive,  // ASCII letters; the case given at creation is kept
};

// How one volume behaves. The defaults are those of a capable Linux file system.
struct VolumeOptions {
  NameCase name_case = NameCase::kSensitive;
  bool tells_case = false;  // whether its directories say that they ignore case, true or not
  bool normalises = false;  // whether U+00E9 and "e" with U+0301 are one; as given is kept
  std::size_t name_bytes_max = tree::kComponentBytesMax;
  std::string forbidden_name_bytes;  // such as ":*?" on FAT: kInvalid
  std::int64_t time_granularity_ns = 1;
  bool has_fat_times = false;
  std::optional<std::uint64_t> file_bytes_max;  // beyond it kNoSpace, as on FAT
  std::optional<std::uint64_t> capacity_bytes;  // of file contents; beyond it kNoSpace
  std::uint32_t link_count_max = 65000;
  // The most one copy_range_from() copies: callers must be ready for short answers.
  std::uint64_t copy_range_bytes_max = std::uint64_t{256} * 1024;
  bool read_only = false;
  bool can_clone = true;
  bool can_copy_range = true;
  bool can_preallocate = true;
  bool can_exchange = true;
  bool can_lock = true;
  bool has_xattrs = true;
  bool has_streams = true;  // where attributes are Windows': FAT has none
  bool has_holes = true;    // false: next_extent() is kUnsupported, holes take space
  bool has_symlinks = true;
  bool has_hard_links = true;
};

// Root's.
[[nodiscard]] Privileges privileged_user();
// Those of an ordinary user whose group has the same number.
[[nodiscard]] Privileges ordinary_user(std::uint32_t uid);

class MemoryFileSystem final : public FileSystem {
 public:
  explicit MemoryFileSystem(const VolumeOptions& options = {});

  // FileSystem. Relative paths begin at the top, "/".
  [[nodiscard]] base::Result<Located> locate(const std::string& path) const override;
  [[nodiscard]] base::Result<DirectoryPtr> open_root(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<tree::Identity>> ancestry(
      const DirectoryPtr& directory) const override;
  [[nodiscard]] const Privileges& privileges() const override;
  [[nodiscard]] std::size_t open_handles_max() const override;

  // Who is calling from now on. Handles that are open stay open, as on a real system.
  void set_privileges(const Privileges& privileges);
  // More handles than this at once fail with kLimit.
  void set_open_handles_max(std::size_t count);
  [[nodiscard]] std::size_t open_handles() const;
  [[nodiscard]] std::size_t open_handles_peak() const;

  // The controls below name their object by a path from the top. REQUIRES: it exists.

  // Covers the empty directory `path` with a new volume: another device.
  void mount(const std::string& path, const VolumeOptions& options);
  // Of the volume that holds `path`.
  void set_read_only(const std::string& path, bool read_only);
  void set_capacity(const std::string& path, std::optional<std::uint64_t> bytes);
  [[nodiscard]] std::uint64_t used_bytes(const std::string& path) const;

  // What the clock says next. It advances by itself.
  void set_now(tree::Time now);

  // Creates the directory `path` and those above it as needed, and fills it with `spec`, as the
  // privileged user and without leaving a trace in the log. REQUIRES: a volume that can be written,
  // and a valid spec whose entries do not exist (tree_text_testing.h).
  void build(const std::string& path, std::string_view spec);
  // The tree at `path` as text; see build() for who reads it.
  [[nodiscard]] std::string dump(const std::string& path,
                                 const TreeTextOptions& options = {}) const;

  [[nodiscard]] OperationLog& log() { return log_; }

 private:
  [[nodiscard]] DirectoryPtr require_directory(const std::string& path) const;

  std::shared_ptr<memory::Core> core_;
  OperationLog& log_;
};

}  // namespace robosync::fs
