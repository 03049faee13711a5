#include "engine/fs/operation_testing.h"

#include <algorithm>
#include <array>
#include <utility>

namespace robosync::fs {
namespace {

struct OperationFacts {
  Operation operation;
  std::string_view name;
  bool changes;
};

// In the order of the enumeration, which the lookup relies on and a test checks.
constexpr std::array kFacts{
    OperationFacts{Operation::kStat, "stat", false},
    OperationFacts{Operation::kSetMetadata, "set_metadata", true},
    OperationFacts{Operation::kXattrs, "xattrs", false},
    OperationFacts{Operation::kSetXattr, "set_xattr", true},
    OperationFacts{Operation::kRemoveXattr, "remove_xattr", true},
    OperationFacts{Operation::kTryLock, "try_lock", false},
    OperationFacts{Operation::kSync, "sync", false},
    OperationFacts{Operation::kRead, "read", false},
    OperationFacts{Operation::kWrite, "write", true},
    OperationFacts{Operation::kResize, "resize", true},
    OperationFacts{Operation::kPreallocate, "preallocate", true},
    OperationFacts{Operation::kNextExtent, "next_extent", false},
    OperationFacts{Operation::kClone, "clone", true},
    OperationFacts{Operation::kCopyRange, "copy_range", true},
    OperationFacts{Operation::kList, "list", false},
    OperationFacts{Operation::kListEntry, "list_entry", false},
    OperationFacts{Operation::kStatEntry, "stat_entry", false},
    OperationFacts{Operation::kOpenDirectory, "open_directory", false},
    OperationFacts{Operation::kOpenFile, "open_file", false},
    OperationFacts{Operation::kOpenFileForWriting, "open_file_for_writing", true},
    OperationFacts{Operation::kCreateFile, "create_file", true},
    OperationFacts{Operation::kMakeDirectory, "make_directory", true},
    OperationFacts{Operation::kMakeSymlink, "make_symlink", true},
    OperationFacts{Operation::kMakeNode, "make_node", true},
    OperationFacts{Operation::kMakeLink, "make_link", true},
    OperationFacts{Operation::kRename, "rename", true},
    OperationFacts{Operation::kExchange, "exchange", true},
    OperationFacts{Operation::kRemoveFile, "remove_file", true},
    OperationFacts{Operation::kRemoveDirectory, "remove_directory", true},
    OperationFacts{Operation::kSetEntryMetadata, "set_entry_metadata", true},
    OperationFacts{Operation::kEntryXattrs, "entry_xattrs", false},
    OperationFacts{Operation::kSetEntryXattr, "set_entry_xattr", true},
    OperationFacts{Operation::kRemoveEntryXattr, "remove_entry_xattr", true},
    OperationFacts{Operation::kSyncVolume, "sync_volume", false},
    OperationFacts{Operation::kLocate, "locate", false},
    OperationFacts{Operation::kOpenRoot, "open_root", false},
    OperationFacts{Operation::kAncestry, "ancestry", false},
};

consteval bool facts_in_order() {
  for (std::size_t i = 0; i < kFacts.size(); ++i) {
    if (static_cast<std::size_t>(kFacts[i].operation) != i) return false;
  }
  return kFacts.size() == static_cast<std::size_t>(Operation::kAncestry) + 1;
}
static_assert(facts_in_order());

const OperationFacts& facts(Operation operation) {
  return kFacts[static_cast<std::size_t>(operation)];
}

}  // namespace

std::string_view to_string(Operation operation) { return facts(operation).name; }

bool is_change(Operation operation) { return facts(operation).changes; }

bool matches(std::string_view pattern, std::string_view text) {
  std::size_t p = 0;
  std::size_t t = 0;
  // Where to go on when a guess of what the latest '*' stands for turns out wrong.
  std::size_t retry_p = std::string_view::npos;
  std::size_t retry_t = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      retry_p = ++p;
      retry_t = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (retry_p != std::string_view::npos) {
      p = retry_p;
      t = ++retry_t;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

std::string OperationRecord::text() const {
  std::string out(to_string(operation));
  out += ' ';
  out += path;
  if (!to_path.empty()) {
    out += " -> ";
    out += to_path;
  }
  return out;
}

void OperationLog::record(Operation operation, std::string path, std::string to_path) {
  const std::lock_guard lock(mutex_);
  records_.push_back({operation, std::move(path), std::move(to_path)});
}

void OperationLog::clear() {
  const std::lock_guard lock(mutex_);
  records_.clear();
}

std::vector<OperationRecord> OperationLog::records() const {
  const std::lock_guard lock(mutex_);
  return records_;
}

std::vector<std::string> OperationLog::changes() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const OperationRecord& record : records_) {
    if (is_change(record.operation)) out.push_back(record.text());
  }
  return out;
}

std::size_t OperationLog::count(Operation operation, std::string_view pattern) const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(records_.begin(), records_.end(), [&](const OperationRecord& record) {
        return record.operation == operation &&
               (matches(pattern, record.path) || matches(pattern, record.to_path));
      }));
}

}  // namespace robosync::fs
