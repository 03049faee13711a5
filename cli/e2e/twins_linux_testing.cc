#include "cli/e2e/twins_linux_testing.h"

#include <algorithm>
#include <ctime>
#include <regex>

namespace robosync::e2e {

Twins::Twins() : started_(time(nullptr)) {
  // Making a builder makes its root.
  const TreeBuilder theirs_made(theirs());
  const TreeBuilder ours_made(ours());
}

void Twins::prepare(const std::function<void(TreeBuilder&)>& build) {
  for (const std::string& root : {theirs(), ours()}) {
    TreeBuilder tree(root);
    build(tree);
    set_directory_times(root, kOldTime);
  }
}

void Twins::clone_theirs() {
  remove_tree(ours());
  run_or_throw({"cp", "-a", "--sparse=auto", theirs(), ours()});
}

Twins::Runs Twins::run_both(const Arguments& rsync_arguments, const Arguments& robosync_arguments) {
  Command rsync{.arguments = {"rsync"}, .directory = theirs()};
  rsync.arguments.insert(rsync.arguments.end(), rsync_arguments.begin(), rsync_arguments.end());
  Command robosync = robosync_command(robosync_arguments);
  robosync.directory = ours();
  Runs runs{.rsync = run(rsync), .robosync = run(robosync)};
  EXPECT_EQ(0, runs.robosync.signal) << runs.robosync.describe();
  EXPECT_FALSE(runs.robosync.timed_out) << runs.robosync.describe();
  return runs;
}

Aspects Twins::twin_aspects() const {
  Aspects aspects = all_aspects();
  aspects.holes = false;
  aspects.recent_seconds = started_;
  return aspects;
}

void Twins::expect_equal(const Aspects& aspects) const {
  EXPECT_EQ("", differences(theirs(), ours(), aspects)) << "robosync's tree differs from rsync's";
}

void set_directory_times(const std::string& root, timespec time) {
  TreeBuilder tree(root);
  for (const auto& [path, node] : read_tree(root)) {
    if (node.kind == S_IFDIR) tree.time(path, time);
  }
}

std::vector<std::string> itemized_lines(const std::string& out) {
  static const std::regex change(R"(^([<>ch.][fdLDS].{9}|\*deleting  ) .+)");
  std::vector<std::string> lines = sorted_lines(out);
  std::erase_if(lines, [](const std::string& line) { return !std::regex_search(line, change); });
  return lines;
}

}  // namespace robosync::e2e
