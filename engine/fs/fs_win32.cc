// Windows: nothing of the file system is implemented yet, and every call says so.
//
// What will be here goes through the wide API with \\?\ paths and handle-relative opens
// (docs/architecture.md); until then a run on Windows ends with an error that explains itself.
#include <string>

#include "engine/fs/fs.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

// The C runtime's own limit of open files where nothing raised it.
constexpr std::size_t kOpenHandlesMax = 512;

std::unexpected<base::Error> not_supported(const std::string& operation, const std::string& path) {
  return fail(make_error(ErrorKind::kUnsupported,
                         operation + " '" + path + "': not supported on Windows yet"));
}

class Win32FileSystem final : public FileSystem {
 public:
  Result<Located> locate(const std::string& path) const override {
    return not_supported("open", path);
  }
  Result<DirectoryPtr> open_root(const std::string& path) const override {
    return not_supported("open", path);
  }
  // Only reached with a directory of another file system: none of ours can be opened.
  Result<std::vector<tree::Identity>> ancestry(const DirectoryPtr&) const override {
    return not_supported("find the parents of", "a directory");
  }
  const Privileges& privileges() const override { return privileges_; }
  std::size_t open_handles_max() const override { return kOpenHandlesMax; }

 private:
  const Privileges privileges_;
};

}  // namespace

FileSystem& native_file_system() {
  static Win32FileSystem instance;
  return instance;
}

}  // namespace robosync::fs
