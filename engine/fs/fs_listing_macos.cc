// Listing on macOS: readdir(3), then a stat for each entry.
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "engine/fs/handle_posix.h"

namespace robosync::fs::system {
namespace {

using base::fail;
using base::Result;
using tree::Kind;

Kind kind_of_type(std::uint8_t type) {
  switch (type) {
    case DT_FIFO:
      return Kind::kFifo;
    case DT_CHR:
      return Kind::kCharDevice;
    case DT_DIR:
      return Kind::kDirectory;
    case DT_BLK:
      return Kind::kBlockDevice;
    case DT_REG:
      return Kind::kRegular;
    case DT_LNK:
      return Kind::kSymlink;
    case DT_SOCK:
      return Kind::kSocket;
    default:
      return Kind::kUnknown;
  }
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};

}  // namespace

Result<void> list(int fd, const NameFilter& wanted, Listing& out) {
  // closedir(3) closes what it was given, and a duplicate would share the position.
  const int opened = ::openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return fail(system_error(errno, "list", ""));
  const std::unique_ptr<DIR, CloseDirectory> directory(::fdopendir(opened));
  if (directory == nullptr) {
    const int number = errno;
    ::close(opened);
    return fail(system_error(number, "list", ""));
  }
  for (;;) {
    errno = 0;
    const dirent* record = ::readdir(directory.get());
    if (record == nullptr && errno != 0) return fail(system_error(errno, "list", ""));
    if (record == nullptr) return {};
    const std::string_view name(record->d_name, record->d_namlen);
    const Kind kind = kind_of_type(record->d_type);
    if (name == "." || name == ".." || (wanted && !wanted(name, kind))) continue;
    auto entry = stat_at(fd, name, Follow::kNo);
    if (!entry) {
      out.problems.push_back({std::string(name), std::move(entry).error()});
      continue;
    }
    // Some file systems do not tell the kind while listing: now it is known.
    if (kind == Kind::kUnknown && wanted && !wanted(name, entry->metadata.kind)) continue;
    out.entries.push_back(std::move(*entry));
  }
}

}  // namespace robosync::fs::system
