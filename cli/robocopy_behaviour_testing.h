// What robocopy does to trees, by Microsoft's documentation, as a table: two trees, a command line,
// and what they are like afterwards. Run by the tests of our front door on every system, and on
// Windows against robocopy itself.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace robosync::cli {

struct TreeFile {
  std::string path;     // with a slash at its end: a directory
  std::string content;  // of a file
  int hours_old = 240;
  int seconds_older = 0;
  bool read_only = false;
  std::string link_to = {};  // when set, a symbolic link to what comes before it in the list
};

struct BehaviourRow {
  std::string switches;  // as typed, after SOURCE and TARGET
  std::vector<TreeFile> source;
  std::vector<TreeFile> target;
  int exit_code = 0;
  // "path=content" of files, with a "!" when read-only, "path/" of directories, in order, with a
  // blank between.
  std::string target_after;
  std::optional<std::string> source_after = std::nullopt;  // unset: as before
  // Where docs/robocopy.md says we differ.
  std::optional<int> exit_code_of_robocopy = std::nullopt;
  std::optional<std::string> target_after_of_robocopy = std::nullopt;
  std::optional<std::string> source_after_of_robocopy = std::nullopt;
};

// What is expected of robocopy itself, as if it were expected of us.
[[nodiscard]] BehaviourRow of_robocopy(BehaviourRow row);

[[nodiscard]] const std::vector<BehaviourRow>& behaviour_table();
// The rows that need symbolic links, and whether this user can make them here.
[[nodiscard]] const std::vector<BehaviourRow>& behaviour_table_of_links();
[[nodiscard]] bool makes_links();

// Makes the trees of `row` in a new folder, calls `run` with SOURCE, TARGET and the switches, and
// returns what is not as the row says; empty when all is.
[[nodiscard]] std::string faults_of(
    const BehaviourRow& row, const std::function<int(const std::vector<std::string>& words)>& run);

}  // namespace robosync::cli
