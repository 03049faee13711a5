// FoundNodes: where the threads of a tree reader put what they find, and how that becomes an image.
// Part of the reader; any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {

// Which file a name belongs to; `names` is how many the system says there are.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t names = 1;
};

struct FoundNode {
  std::string path;
  Node node;
  FileIdentity identity;
};

class FoundNodes {
 public:
  void add(std::vector<FoundNode> batch) ROBOSYNC_EXCLUDES(mutex_);
  void fail(const std::string& path, base::Error error) ROBOSYNC_EXCLUDES(mutex_);
  // True once something failed: the rest need not be read.
  [[nodiscard]] bool failed() const { return failed_; }

  // The image, sorted, with its link groups and sums; or the fault whose path sorts first. Once,
  // when no thread adds any more.
  [[nodiscard]] base::Result<TreeImage> finish() ROBOSYNC_EXCLUDES(mutex_);

 private:
  std::atomic<bool> failed_ = false;
  base::Mutex mutex_;
  std::vector<std::vector<FoundNode>> batches_ ROBOSYNC_GUARDED_BY(mutex_);
  std::optional<std::pair<std::string, base::Error>> fault_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::parity
