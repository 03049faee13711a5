// FaultFileSystem: a file system in which things go wrong exactly where a test says.
//
// It decorates any other (in memory or native) and passes calls on, unless a rule matches. A rule
// names an operation, the path of its object and which of the matching calls it hits; it then makes
// the call fail, cuts it short, falsifies its data, lets the entry vanish, runs code of the test at
// that very point (swap a directory for a link, append to a file), or delays it. Rules that a call
// hits act in the order in which they were added.
//
// Paths are those by which a root was opened, extended by the names on the way down, as text:
// open_root("/src") and then open_file("a") is "/src/a". Links and ".." are not resolved.
//
// Threading: everything may be called from any thread. Code of rules runs on the calling thread
// without a lock held and may use this file system. The decorated one must outlive all handles.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fs/fs.h"
#include "engine/fs/operation_testing.h"

namespace robosync::fs {

inline constexpr std::size_t kEveryTime = std::numeric_limits<std::size_t>::max();

struct FaultRule {
  // When: which calls are counted, and which of those are hit.
  Operation operation = Operation::kStat;
  std::string path = "*";  // a pattern (operation_testing.h); of two paths, either
  std::size_t nth = 1;     // the first to be hit, counted from 1
  std::size_t times = 1;   // how many, from there on

  // What, in this order.
  std::chrono::milliseconds delay{0};
  std::function<void()> before;
  // The entry is removed, with all below it, before the call gets to it. For calls that name an
  // entry of a directory; at kListEntry it is listed as a kNotFound problem.
  bool vanish = false;
  // The call fails; nothing is done unless cut_to says how much.
  std::optional<base::Error> error;
  // Only so much is done: bytes read or copied in the kernel; bytes stored by a write that says
  // (unless `error` is set) that it stored all; entries of a listing. REQUIRES: one of those.
  std::optional<std::uint64_t> cut_to;
  // A bit of the first byte read or stored is wrong. REQUIRES: kRead or kWrite.
  bool corrupt = false;
  std::function<void()> after;  // when the call was made, whether it succeeded or not
};

// An Error such as the system gives: FaultRule{..., .error = fault(EIO)}.
[[nodiscard]] base::Error fault(int number);

namespace faults {
class Injector;
}  // namespace faults

class FaultFileSystem final : public FileSystem {
 public:
  explicit FaultFileSystem(FileSystem& inner);
  ~FaultFileSystem() override;

  void add(FaultRule rule);
  void clear();
  // The rules that no call has hit, as text; empty when all were. A test that does not look at this
  // does not know whether its fault happened.
  [[nodiscard]] std::string unused() const;

  [[nodiscard]] base::Result<Located> locate(const std::string& path) const override;
  [[nodiscard]] base::Result<DirectoryPtr> open_root(const std::string& path) const override;
  [[nodiscard]] base::Result<std::vector<tree::Identity>> ancestry(
      const DirectoryPtr& directory) const override;
  [[nodiscard]] const Privileges& privileges() const override;
  [[nodiscard]] std::size_t open_handles_max() const override;

  // The calls made through this file system, native or not.
  [[nodiscard]] OperationLog& log();

 private:
  FileSystem& inner_;
  std::shared_ptr<faults::Injector> injector_;
};

}  // namespace robosync::fs
