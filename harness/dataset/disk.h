// Disk: the few operations that make and change a dataset's files, each setting exactly what it is
// told to set, whatever the process's umask. Implemented in disk_posix.cc and disk_win32.cc.
//
// Paths are below the disk's root, with '/' between. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "engine/base/result.h"

namespace robosync::parity {

struct DiskTime {
  std::int64_t s = 0;
  std::uint32_t ns = 0;
};

struct Attributes {
  std::uint32_t mode = 0644;  // on Windows only whether the owner may write
  DiskTime mtime;
};

using Bytes = std::span<const std::byte>;

// An open folder in which many files are made.
class Folder {
 public:
  virtual ~Folder() = default;
  // kExists where the name is taken.
  [[nodiscard]] virtual base::Result<void> write_file(const std::string& name, Bytes content,
                                                      const Attributes& attributes) = 0;
};

class Disk {
 public:
  virtual ~Disk() = default;
  [[nodiscard]] virtual base::Result<std::unique_ptr<Folder>> open(const std::string& path) = 0;
  [[nodiscard]] virtual base::Result<void> make_directory(const std::string& path) = 0;
  // A file of so many zero bytes, a hole where the file system has holes.
  [[nodiscard]] virtual base::Result<void> make_file(const std::string& path,
                                                     std::uint64_t bytes) = 0;
  [[nodiscard]] virtual base::Result<void> write_at(const std::string& path, std::uint64_t offset,
                                                    Bytes content) = 0;
  [[nodiscard]] virtual base::Result<void> make_symlink(const std::string& path,
                                                        const std::string& target,
                                                        DiskTime mtime) = 0;
  [[nodiscard]] virtual base::Result<void> make_hard_link(const std::string& path,
                                                          const std::string& existing) = 0;
  // Of a file or directory.
  [[nodiscard]] virtual base::Result<void> set(const std::string& path,
                                               const Attributes& attributes) = 0;
  [[nodiscard]] virtual base::Result<void> set_time(const std::string& path, DiskTime mtime) = 0;
  // Lets a file be written that is read-only; the value is the mode it had, for set().
  [[nodiscard]] virtual base::Result<std::uint32_t> make_writable(const std::string& path) = 0;
  [[nodiscard]] virtual base::Result<void> rename(const std::string& from,
                                                  const std::string& to) = 0;
  [[nodiscard]] virtual base::Result<void> remove_file(const std::string& path) = 0;
};

// Opens a folder that exists.
[[nodiscard]] base::Result<std::unique_ptr<Disk>> open_disk(const std::string& root);

// Makes the folder (not its parents) unless it is there; kNotEmpty when it holds anything.
[[nodiscard]] base::Result<std::unique_ptr<Disk>> make_disk(const std::string& root);

}  // namespace robosync::parity
