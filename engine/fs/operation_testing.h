// The calls of the file system interface as values, and a log of the calls made.
//
// Test doubles record every call they are asked for, so that a test can state things such as "a run
// with nothing to do opens no file for writing". A call is recorded when it is made, whether it
// then succeeds or not. OperationLog is safe for any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace robosync::fs {

enum class Operation : std::uint8_t {
  // Node
  kStat,
  kSetMetadata,
  kXattrs,
  kSetXattr,
  kRemoveXattr,
  kTryLock,
  kSync,
  // File
  kRead,
  kWrite,
  kResize,
  kPreallocate,
  kNextExtent,
  kClone,
  kCopyRange,
  // Directory
  kList,
  kListEntry,  // one entry of a listing; never logged, only a place for faults
  kStatEntry,
  kOpenDirectory,
  kOpenFile,
  kOpenFileForWriting,
  kCreateFile,
  kMakeDirectory,
  kMakeSymlink,
  kMakeNode,
  kMakeLink,
  kRename,
  kExchange,
  kRemoveFile,
  kRemoveDirectory,
  kSetEntryMetadata,
  kEntryXattrs,
  kSetEntryXattr,
  kRemoveEntryXattr,
  kSyncVolume,
  // FileSystem
  kLocate,
  kOpenRoot,
  kAncestry,
};

[[nodiscard]] std::string_view to_string(Operation operation);

// True for the calls that change what is stored, and for opening a file in order to.
[[nodiscard]] bool is_change(Operation operation);

// True when `text` matches `pattern`, in which '*' stands for any bytes ('/' and none included) and
// everything else for itself.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view text);

struct OperationRecord {
  Operation operation = Operation::kStat;
  std::string path;     // of the object, from the top of the file system
  std::string to_path;  // kRename, kExchange, kMakeLink: the other name

  // "rename /a/.tmp -> /a/b"
  [[nodiscard]] std::string text() const;
  friend bool operator==(const OperationRecord&, const OperationRecord&) = default;
};

class OperationLog {
 public:
  void record(Operation operation, std::string path, std::string to_path = {});
  void clear();

  [[nodiscard]] std::vector<OperationRecord> records() const;
  // Only the calls that change something, as text: what a test compares or prints.
  [[nodiscard]] std::vector<std::string> changes() const;
  // How often `operation` was called for a path (either path) that matches `pattern`.
  [[nodiscard]] std::size_t count(Operation operation, std::string_view pattern = "*") const;

 private:
  mutable std::mutex mutex_;
  std::vector<OperationRecord> records_;
};

}  // namespace robosync::fs
