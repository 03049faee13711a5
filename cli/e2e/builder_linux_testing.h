// Making the trees that tests copy, and changing them. Everything throws std::system_error on
// failure, so a test never goes on with half a tree. One thread.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace robosync::e2e {

// A modification time that is not "now": 2021-03-04 with nanoseconds.
inline constexpr timespec kOldTime{.tv_sec = 1614834000, .tv_nsec = 123456789};
// A day later.
inline constexpr timespec kNewTime{.tv_sec = 1614920400, .tv_nsec = 987654321};

// Entries below one root. Paths are relative to it; directories on the way are made as needed.
// New files get kOldTime as their time, so that two builders make equal trees.
class TreeBuilder {
 public:
  explicit TreeBuilder(std::string root);

  [[nodiscard]] const std::string& root() const { return root_; }
  [[nodiscard]] std::string at(std::string_view path) const;

  TreeBuilder& directory(std::string_view path, mode_t mode = 0755);
  // Replaces the content when the file exists.
  TreeBuilder& file(std::string_view path, std::string_view content, mode_t mode = 0644,
                    timespec time = kOldTime);
  TreeBuilder& symlink(std::string_view path, const std::string& leads_to);
  TreeBuilder& hard_link(std::string_view path, std::string_view existing);
  TreeBuilder& fifo(std::string_view path, mode_t mode = 0644);
  // Needs root. kind is S_IFCHR or S_IFBLK.
  TreeBuilder& device(std::string_view path, mode_t kind, unsigned major, unsigned minor);
  // A file of `size` bytes with data only at the given offsets.
  TreeBuilder& sparse(std::string_view path, std::uint64_t size,
                      const std::vector<std::pair<std::uint64_t, std::string>>& data);

  TreeBuilder& time(std::string_view path, timespec time);
  TreeBuilder& mode(std::string_view path, mode_t mode);
  TreeBuilder& owner(std::string_view path, uid_t uid, gid_t gid);
  TreeBuilder& xattr(std::string_view path, const std::string& name, std::string_view value);
  TreeBuilder& append(std::string_view path, std::string_view content);
  TreeBuilder& remove(std::string_view path);  // whole subtrees too

 private:
  void make_parents(std::string_view path);

  std::string root_;
};

// `size` bytes that look random, the same for the same seed.
[[nodiscard]] std::string noise(std::size_t size, std::uint64_t seed);

// Gives everything below and including `root` to kUnprivileged, when we are root.
void give_to_unprivileged(const std::string& root);

// Removes `root` whatever the modes of its directories are. Never leaves the file system of root.
void remove_tree(const std::string& root);

[[nodiscard]] std::string read_file(const std::string& path);
[[nodiscard]] bool exists(const std::string& path);  // of a link: itself

}  // namespace robosync::e2e
