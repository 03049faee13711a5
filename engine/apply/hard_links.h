// HardLinks: which files of the source are one, and where the first of them landed (-H).
//
// The first name seen leads: it is transferred. The others follow: they are linked to it once it is
// committed. A group is forgotten when all its names were seen, so that memory is bounded by the
// groups that are open. Any thread; waiters run on the thread that reports the landing.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "engine/base/move_only_function.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/fs/fs.h"

namespace robosync::apply {

// A name at the target that others can be linked to.
struct LinkLeader {
  std::weak_ptr<fs::Directory> directory;  // while its directory is open
  tree::RelPath directory_path;            // afterwards
  std::string name;
  std::optional<tree::Identity> identity;  // none in a dry run that would write it
};

class HardLinks {
 public:
  // Receives the leader, or nothing when it failed.
  using Waiter = base::MoveOnlyFunction<void(const std::optional<LinkLeader>&)>;

  enum class Role : std::uint8_t { kLeads, kFollows };

  // Says whether the caller is to transfer the file. kFollows: `waiter` was called or will be.
  [[nodiscard]] Role join(const tree::Metadata& source, Waiter waiter) ROBOSYNC_EXCLUDES(mutex_);
  // Whether a name of this file was seen and more are expected.
  [[nodiscard]] bool knows(const tree::Identity& identity) ROBOSYNC_EXCLUDES(mutex_);
  // The leader's transfer is over: it landed, or (nothing) failed.
  void landed(const tree::Metadata& source, const std::optional<LinkLeader>& leader)
      ROBOSYNC_EXCLUDES(mutex_);

 private:
  struct Group {
    std::uint32_t names_left = 0;
    bool known = false;
    std::optional<LinkLeader> leader;
    std::vector<Waiter> waiters;
  };

  base::Mutex mutex_;
  std::unordered_map<tree::Identity, Group> groups_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::apply
