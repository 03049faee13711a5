// Listing on Linux: getdents64, then a stat for each entry.
//
// Of a wide directory the entries are looked at by a second thread while the first still reads
// names, and by both afterwards: nothing else in the tree may be left to do meanwhile.
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "engine/base/mutex.h"
#include "engine/fs/handle_posix.h"

namespace robosync::fs::system {
namespace {

using base::fail;
using base::Result;
using tree::Kind;

// Most directories take one call, and of wide ones the names come soon; on the stack of a worker.
constexpr std::size_t kListBufferBytes = 16 * 1024;
// Starting a thread takes as long as looking at some tens of entries.
constexpr std::size_t kSharedListEntriesMin = 512;
// So many are handed on at once.
constexpr std::size_t kNamesPerBatch = 64;

// Layout fixed by the kernel's ABI (getdents64(2)).
struct DirectoryRecord {
  std::uint64_t inode;
  std::int64_t next;
  std::uint16_t record_bytes;
  std::uint8_t type;
  char name[1];
};

Kind kind_of_type(std::uint8_t type) {
  switch (type) {
    case 1:
      return Kind::kFifo;
    case 2:
      return Kind::kCharDevice;
    case 4:
      return Kind::kDirectory;
    case 6:
      return Kind::kBlockDevice;
    case 8:
      return Kind::kRegular;
    case 10:
      return Kind::kSymlink;
    case 12:
      return Kind::kSocket;
    default:
      return Kind::kUnknown;
  }
}

// Some of what a directory has and is wanted, before it is looked at.
struct Names {
  struct Name {
    std::size_t begin = 0, bytes = 0;
    Kind kind = Kind::kUnknown;
  };
  [[nodiscard]] std::string_view of(const Name& name) const {
    return std::string_view(text).substr(name.begin, name.bytes);
  }

  std::string text;  // one after the other
  std::vector<Name> names;
};

// What was looked at.
struct LookedAt {
  std::vector<std::vector<tree::Entry>> entries;  // a list for each batch of names
  std::vector<tree::Problem> problems;
};

void look_at(int fd, const Names& names, const NameFilter& wanted, LookedAt& out) {
  std::vector<tree::Entry>& entries = out.entries.emplace_back();
  entries.reserve(names.names.size());
  for (const Names::Name& one : names.names) {
    const std::string_view name = names.of(one);
    auto entry = stat_at(fd, name, Follow::kNo);
    if (!entry) {
      out.problems.push_back({std::string(name), std::move(entry).error()});
      continue;
    }
    // Some file systems do not tell the kind while listing: now it is known.
    if (one.kind == Kind::kUnknown && wanted && !wanted(name, entry->metadata.kind)) continue;
    entries.push_back(std::move(*entry));
  }
}

// Batches of names, from the thread that reads them to those that look at them.
class Batches {
 public:
  void put(Names batch) ROBOSYNC_EXCLUDES(mutex_) {
    {
      const base::MutexLock lock(mutex_);
      waiting_.push_back(std::move(batch));
    }
    changed_.notify_one();
  }
  void end() ROBOSYNC_EXCLUDES(mutex_) {
    {
      const base::MutexLock lock(mutex_);
      ended_ = true;
    }
    changed_.notify_one();
  }
  // Waits for the next; nothing when there are no more.
  std::optional<Names> take() ROBOSYNC_EXCLUDES(mutex_) {
    const base::MutexLock lock(mutex_);
    while (waiting_.empty() && !ended_) changed_.wait(mutex_);
    if (waiting_.empty()) return std::nullopt;
    std::optional<Names> batch = std::move(waiting_.back());
    waiting_.pop_back();
    return batch;
  }

 private:
  base::Mutex mutex_;
  base::Condition changed_;
  std::vector<Names> waiting_ ROBOSYNC_GUARDED_BY(mutex_);
  bool ended_ ROBOSYNC_GUARDED_BY(mutex_) = false;
};

// Takes the names as they are read and makes a Listing of them, in one thread or two.
class Lister {
 public:
  Lister(int fd, const NameFilter& wanted, Listing& out) : fd_(fd), wanted_(wanted), out_(out) {}
  Lister(const Lister&) = delete;
  Lister& operator=(const Lister&) = delete;
  ~Lister() { stop_helper(); }

  void add(std::string_view name, Kind kind) {
    if (name == "." || name == ".." || (wanted_ && !wanted_(name, kind))) return;
    // The filter has to be asked again, and may be by one thread only.
    Names& batch = kind == Kind::kUnknown && wanted_ ? own_ : batch_;
    batch.names.push_back({batch.text.size(), name.size(), kind});
    batch.text.append(name);
    if (batch_.names.size() < kNamesPerBatch) return;
    batches_.put(std::exchange(batch_, {}));
    shared_ += kNamesPerBatch;
    if (shared_ == kSharedListEntriesMin) start_helper();
  }

  // When all names were added.
  void finish() {
    look_at(fd_, batch_, wanted_, here_);
    look_at(fd_, own_, wanted_, here_);
    batches_.end();
    while (const std::optional<Names> batch = batches_.take()) {
      look_at(fd_, *batch, wanted_, here_);
    }
    stop_helper();
    std::ranges::move(of_helper_.entries, std::back_inserter(here_.entries));
    std::ranges::move(of_helper_.problems, std::back_inserter(out_.problems));
    std::ranges::move(here_.problems, std::back_inserter(out_.problems));
    // In order, since it costs no more: entries are moved once in any case.
    here_.entries.push_back(std::move(out_.entries));
    out_.entries = tree::merge_sorted(std::move(here_.entries));
  }

 private:
  void start_helper() {
    try {
      helper_ = std::thread([this] {
        while (const std::optional<Names> batch = batches_.take()) {
          look_at(fd_, *batch, {}, of_helper_);
        }
      });
    } catch (const std::system_error&) {
      helper_ = {};  // no more threads: it goes without
    }
  }
  void stop_helper() {
    batches_.end();
    if (helper_.joinable()) helper_.join();
  }

  const int fd_;
  const NameFilter& wanted_;
  Listing& out_;
  Names batch_;  // being filled
  Names own_;    // those of a kind that the directory does not tell
  Batches batches_;
  std::size_t shared_ = 0;
  std::thread helper_;
  LookedAt of_helper_;  // until it is joined, the helper's alone
  LookedAt here_;
};

}  // namespace

Result<void> list(int fd, const NameFilter& wanted, Listing& out) {
  Lister lister(fd, wanted, out);
  alignas(DirectoryRecord) std::array<char, kListBufferBytes> buffer;
  if (::lseek(fd, 0, SEEK_SET) < 0) return fail(system_error(errno, "list", ""));
  for (;;) {
    const long n = ::syscall(SYS_getdents64, fd, buffer.data(), buffer.size());
    if (n < 0) return fail(system_error(errno, "list", ""));
    if (n == 0) break;
    for (long at = 0; at < n;) {
      const char* record = buffer.data() + at;
      std::uint16_t record_bytes = 0;
      std::memcpy(&record_bytes, record + offsetof(DirectoryRecord, record_bytes),
                  sizeof(record_bytes));
      at += record_bytes;
      lister.add(record + offsetof(DirectoryRecord, name),
                 kind_of_type(static_cast<std::uint8_t>(record[offsetof(DirectoryRecord, type)])));
    }
  }
  lister.finish();
  return {};
}

}  // namespace robosync::fs::system
