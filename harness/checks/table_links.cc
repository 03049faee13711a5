// Checks of symbolic and hard links.
#include "harness/checks/answers.h"
#include "harness/checks/tables.h"

namespace robosync::parity {
namespace {

Answer judge_equal(const Aftermath& after) { return equals_source(after); }

void relative(Stage& stage) { stage.source.file("d/f", "x").symlink("l", "d/f").settle(); }

void absolute(Stage& stage) { stage.source.file("f", "x").symlink("l", stage.source.at("f")); }

void dangling(Stage& stage) { stage.source.file("f", "x").symlink("l", "nothing/there"); }

void to_directory(Stage& stage) { stage.source.file("d/f", "x").symlink("l", "d").settle(); }

void escaping(Stage& stage) { stage.source.file("f", "x").symlink("l", "../../../../etc/hosts"); }

void loop(Stage& stage) {
  stage.source.file("f", "x").symlink("a", "b").symlink("b", "a").symlink("self", ".");
}

void replaced(Stage& stage) {
  stage.source.file("f", "x").symlink("l", "f");
  stage.target.file("f", "x").symlink("l", "elsewhere");
}

// The target has a link to a folder outside where the source has a folder: writing through it would
// change what is not the tool's.
void not_written_through(Stage& stage) {
  stage.source.file("d/f", "new").settle();
  stage.target.file("outside/f", "old").symlink("tree/d", "../outside").settle();
  stage.job.target = stage.target.at("tree");
}

Answer judge_not_written_through(const Aftermath& after) {
  // The image is of the whole stage: the job's target is the folder "tree" in it.
  const Node* const outside = target_entry(after, "outside/f");
  const Node& before = after.target_before.nodes.at("outside/f");
  if (outside == nullptr || !(outside->content == before.content)) {
    return failed("wrote through a symbolic link, outside the target");
  }
  const Node* const inside = target_entry(after, "tree/d/f");
  if (inside != nullptr) return pass();
  return differs("kept the link: " + describe(after.finished));
}

void hard_links(Stage& stage) {
  stage.source.file("a", "shared content").hard_link("d/b", "a").hard_link("d/c", "a").settle();
  stage.source.file("single", "x");
  stage.job.hard_links = true;
  stage.source.settle();
}

Answer judge_hard_links(const Aftermath& after) {
  Aspects aspects = usual_aspects();
  aspects.hard_links = true;
  return equals_source(after, aspects);
}

void hard_links_second_run(Stage& stage) {
  hard_links(stage);
  stage.runs = 2;
}

}  // namespace

std::vector<Check> link_checks() {
  return {
      {"symlink.relative", "A relative symbolic link", relative, judge_equal},
      {"symlink.absolute", "An absolute symbolic link keeps its text", absolute, judge_equal},
      {"symlink.dangling", "A symbolic link to nothing", dangling, judge_equal},
      {"symlink.directory", "A symbolic link to a folder stays a link", to_directory, judge_equal},
      {"symlink.escaping", "A symbolic link out of the tree is kept, not followed", escaping,
       judge_equal},
      {"symlink.loop", "Symbolic links in a circle", loop, judge_equal},
      {"symlink.replaced", "A symbolic link whose target changed", replaced, judge_equal},
      {"symlink.not_written_through", "A link at the target does not lead writes outside",
       not_written_through, judge_not_written_through},
      {"hard_link.kept", "Hard links stay one file when asked", hard_links, judge_hard_links},
      {"hard_link.second_run", "Hard links survive a second run", hard_links_second_run,
       judge_hard_links},
  };
}

}  // namespace robosync::parity
