// Support for tests that ask the installed rsync what it would do: runs it, keeps a scratch
// directory, and turns small trees in memory into real ones and back.
//
// rsync is a package that every machine running these tests has: where it is missing, the tests
// fail. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace robosync::tree {

struct RsyncRun {
  int exit_code = -1;
  std::string out;
  std::string errors;
};

// Runs `rsync ARGUMENTS` in the C locale, in `directory`, with HOME set to `home` and `environment`
// added. exit_code is 127 when there is no rsync.
[[nodiscard]] RsyncRun run_rsync(
    const std::vector<std::string>& arguments, const std::string& directory,
    const std::vector<std::pair<std::string, std::string>>& environment = {});

// The lines of --out-format=%n and the like with rsync's \#ooo escapes undone.
[[nodiscard]] std::vector<std::string> rsync_names(std::string_view out);

// A directory of our own below the temporary directory, removed at the end.
class ScratchDirectory {
 public:
  ScratchDirectory();
  ~ScratchDirectory();
  ScratchDirectory(const ScratchDirectory&) = delete;
  ScratchDirectory& operator=(const ScratchDirectory&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A directory tree in memory: names, kinds, contents.
struct TreeNode {
  bool is_directory = false;
  std::string content;
  std::map<std::string, TreeNode> children;
};

void write_file(const std::string& path, std::string_view content);
// Makes `path` (which must not exist) a directory that holds what `tree` holds.
void write_tree(const TreeNode& tree, const std::string& path);
void remove_tree(const std::string& path);
// The paths of all entries below `path`, directories with a '/' at the end.
[[nodiscard]] std::set<std::string> names_below(const std::string& path);

// A number from the environment, e.g. how many cases to try; `usual` when it is not set.
[[nodiscard]] std::uint64_t number_from_environment(const char* name, std::uint64_t usual);

}  // namespace robosync::tree
