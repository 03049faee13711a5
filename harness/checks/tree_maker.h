// TreeMaker: makes the trees that a semantic check starts from, entry by entry, with times, modes
// and names as awkward as the check needs them.
//
// Calls may be chained; the first that fails is remembered, the later ones do nothing, and status()
// tells. What a system cannot make at all (a symbolic link without the privilege, a name that it
// does not allow) is kUnsupported, which leaves the check "not run". Paths are below the root, '/'
// between. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace robosync::parity {

// The time of whatever a check does not care about: a whole second long ago.
inline constexpr std::int64_t kOldTimeS = 1'000'000'000;

class TreeMaker {
 public:
  // The root is made when the first entry is, or by directory("").
  explicit TreeMaker(std::string root) : root_(std::move(root)) {}

  // Parents are made as needed. Everything gets the old time and the usual mode.
  TreeMaker& file(const std::string& path, std::string_view content);
  TreeMaker& directory(const std::string& path);
  TreeMaker& symlink(const std::string& path, const std::string& link_target);
  TreeMaker& hard_link(const std::string& path, const std::string& existing);
  // A file of zeros that are not stored, with `content` at its end.
  TreeMaker& sparse_file(const std::string& path, std::uint64_t bytes, std::string_view content);
  TreeMaker& mode(const std::string& path, std::uint32_t mode);
  // Links are not followed.
  TreeMaker& time(const std::string& path, std::int64_t seconds, std::uint32_t nanoseconds = 0);
  // The old time for every directory, the deepest first: making entries has changed them.
  TreeMaker& settle();
  // Everything is given to the unprivileged user; see unprivileged_prefix().
  TreeMaker& give_away();

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string at(const std::string& path) const {
    return path.empty() ? root_ : root_ + "/" + path;
  }
  [[nodiscard]] const base::Result<void>& status() const { return status_; }

 private:
  void note(base::Result<void> result) {
    if (status_ && !result) status_ = std::move(result);
  }

  std::string root_;
  base::Result<void> status_;
};

// One line per entry that changes whenever an entry is written, replaced or touched: two equal
// texts mean that nothing was done in between. kUnsupported where the system has no such thing.
[[nodiscard]] base::Result<std::string> traces_of_writing(const std::string& root);

// Words that make a program run as a user to whom permissions apply; none when we are such a user.
[[nodiscard]] std::vector<std::string> unprivileged_prefix();

}  // namespace robosync::parity
