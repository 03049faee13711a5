// Reads with the wide API, one directory after the other; only content is read by several threads.
#include <windows.h>

#include <winioctl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "engine/base/pool.h"
#include "engine/base/spares.h"
#include "harness/tree/found_nodes.h"
#include "harness/tree/native_file_win32.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {
namespace {

constexpr std::size_t kReadBytes = std::size_t{256} * 1024;
constexpr DWORD kReparseBytesMax = 16 * 1024;
OwnedHandle open(const std::wstring& path, DWORD access) {
  return OwnedHandle(::CreateFileW(
      path.c_str(), access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, nullptr,
      OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr));
}

void set_time(Node& node, FILETIME time) {
  const UnixTime found =
      unix_time((static_cast<std::uint64_t>(time.dwHighDateTime) << 32U) | time.dwLowDateTime);
  node.mtime_s = found.s;
  node.mtime_ns = found.ns;
}

// The start of REPARSE_DATA_BUFFER, which the SDK's user-mode headers leave out.
struct ReparseHead {
  ULONG tag;
  USHORT data_bytes;
  USHORT reserved;
  USHORT substitute_offset;
  USHORT substitute_bytes;
  USHORT print_offset;
  USHORT print_bytes;
};

// Only symbolic links have a target; of other reparse points nothing is known here.
base::Result<void> read_reparse_point(HANDLE handle, FoundNode& found) {
  std::array<std::byte, kReparseBytesMax> data;
  DWORD got = 0;
  if (::DeviceIoControl(handle, FSCTL_GET_REPARSE_POINT, nullptr, 0, data.data(),
                        static_cast<DWORD>(data.size()), &got, nullptr) == 0)
    return base::fail(last_fault("read link", found.path));
  ReparseHead head;
  std::memcpy(&head, data.data(), sizeof(head));
  if (head.tag != IO_REPARSE_TAG_SYMLINK) {
    found.node.kind = NodeKind::kOther;
    return {};
  }
  found.node.kind = NodeKind::kSymlink;
  // A symbolic link's head is followed by four bytes of flags, then by the names.
  const std::size_t at = sizeof(head) + sizeof(ULONG) + head.print_offset;
  if (at + head.print_bytes > got)
    return base::fail(base::make_error(base::ErrorKind::kCorrupt, "link " + found.path));
  std::wstring target(head.print_bytes / sizeof(wchar_t), L'\0');
  std::memcpy(target.data(), data.data() + at, target.size() * sizeof(wchar_t));
  found.node.link_target = utf8_of(target);
  return {};
}

base::Result<FoundNode> read_node(const std::wstring& full, const std::string& path) {
  const OwnedHandle handle = open(full, FILE_READ_ATTRIBUTES);
  BY_HANDLE_FILE_INFORMATION info;
  if (!handle.is_open() || ::GetFileInformationByHandle(handle.get(), &info) == 0)
    return base::fail(last_fault("stat", path));
  FoundNode found;
  found.path = path;
  found.identity = {info.dwVolumeSerialNumber,
                    (static_cast<std::uint64_t>(info.nFileIndexHigh) << 32U) | info.nFileIndexLow,
                    info.nNumberOfLinks};
  set_time(found.node, info.ftLastWriteTime);
  if ((info.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0) {
    ROBOSYNC_TRY(read_reparse_point(handle.get(), found));
  } else if ((info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0) {
    found.node.kind = NodeKind::kDirectory;
  } else {
    found.node.size = (static_cast<std::uint64_t>(info.nFileSizeHigh) << 32U) | info.nFileSizeLow;
    FILE_STANDARD_INFO standard;
    if (::GetFileInformationByHandleEx(handle.get(), FileStandardInfo, &standard,
                                       sizeof(standard)) != 0)
      found.node.allocated_bytes = static_cast<std::uint64_t>(standard.AllocationSize.QuadPart);
  }
  return found;
}

base::Result<base::Digest> content_of(const std::wstring& full, const std::string& path) {
  const OwnedHandle handle = open(full, GENERIC_READ);
  if (!handle.is_open()) return base::fail(last_fault("open", path));
  static base::Spares<std::vector<std::byte>> spares;
  auto buffer = spares.lend([] { return std::vector<std::byte>(kReadBytes); });
  const auto hasher = base::make_hasher(base::DigestKind::kXxh3_128);
  for (;;) {
    DWORD got = 0;
    if (::ReadFile(handle.get(), buffer->data(), static_cast<DWORD>(buffer->size()), &got,
                   nullptr) == 0)
      return base::fail(last_fault("read", path));
    if (got == 0) return hasher->finish();
    hasher->add(std::span(*buffer).first(got));
  }
}

class Reader {
 public:
  Reader(std::wstring root, unsigned threads, Content content)
      : root_(std::move(root)), content_(content), pool_(std::max(threads, 1U)) {}

  base::Result<TreeImage> read() {
    if (auto status = read_directory(""); !status) found_.fail("", std::move(status).error());
    pool_.wait_idle();
    return found_.finish();
  }

 private:
  base::Result<void> read_directory(const std::string& path) {
    ROBOSYNC_ASSIGN(FoundNode self, read_node(below(root_, path), path));
    if (self.node.kind != NodeKind::kDirectory)
      return base::fail(base::make_error(base::ErrorKind::kNotDirectory, "open " + path));
    add(std::move(self));
    WIN32_FIND_DATAW entry;
    const HANDLE search = ::FindFirstFileExW((below(root_, path) + L"\\*").c_str(), FindExInfoBasic,
                                             &entry, FindExSearchNameMatch, nullptr, 0);
    if (search == INVALID_HANDLE_VALUE) return base::fail(last_fault("list directory", path));
    std::vector<std::string> names;
    do {
      const std::wstring_view name = entry.cFileName;
      if (name != L"." && name != L"..") names.push_back(utf8_of(name));
    } while (::FindNextFileW(search, &entry) != 0);
    const bool ended = ::GetLastError() == ERROR_NO_MORE_FILES;
    ::FindClose(search);
    if (!ended) return base::fail(last_fault("list directory", path));
    for (const std::string& name : names)
      ROBOSYNC_TRY(read_entry(path.empty() ? name : path + "/" + name));
    return {};
  }

  base::Result<void> read_entry(const std::string& path) {
    ROBOSYNC_ASSIGN(FoundNode found, read_node(below(root_, path), path));
    if (found.node.kind == NodeKind::kDirectory) return read_directory(path);
    if (found.node.kind != NodeKind::kFile || content_ == Content::kSkip) {
      add(std::move(found));
      return {};
    }
    pool_.submit([this, found = std::move(found)]() mutable {
      auto digest = content_of(below(root_, found.path), found.path);
      if (!digest) {
        found_.fail(found.path, std::move(digest).error());
        return;
      }
      found.node.content = *digest;
      add(std::move(found));
    });
    return {};
  }

  void add(FoundNode found) {
    std::vector<FoundNode> batch;
    batch.push_back(std::move(found));
    found_.add(std::move(batch));
  }

  const std::wstring root_;
  const Content content_;
  FoundNodes found_;
  base::Pool pool_;  // last, so that its threads end before what they use
};

}  // namespace

base::Result<TreeImage> read_tree_image(const std::string& root, unsigned threads,
                                        Content content) {
  ROBOSYNC_ASSIGN(std::wstring full, extended_path(root));
  return Reader(std::move(full), threads, content).read();
}

}  // namespace robosync::parity
