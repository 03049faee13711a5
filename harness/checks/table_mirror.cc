// Checks of what a mirror deletes and, more important, what it does not.
#include "harness/checks/answers.h"
#include "harness/checks/tables.h"

namespace robosync::parity {
namespace {

Answer judge_equal(const Aftermath& after) { return equals_source(after); }

void mirror(Stage& stage) { stage.job.verb = Verb::kMirror; }

void extra_file(Stage& stage) {
  mirror(stage);
  stage.source.file("d/f", "x").settle();
  stage.target.file("d/f", "x").file("d/extra", "y").file("extra", "z").settle();
}

void extra_directory(Stage& stage) {
  mirror(stage);
  stage.source.file("f", "x").settle();
  stage.target.file("f", "x").file("gone/deep/er/f", "y").directory("empty").settle();
}

void file_for_directory(Stage& stage) {
  mirror(stage);
  stage.source.file("x", "a file").settle();
  stage.target.file("x/y/z", "was a folder").settle();
}

void directory_for_file(Stage& stage) {
  mirror(stage);
  stage.source.file("x/y/z", "in a folder").settle();
  stage.target.file("x", "was a file").settle();
}

void directory_for_link(Stage& stage) {
  mirror(stage);
  stage.source.file("x/f", "in a folder").settle();
  stage.target.file("other/f", "mine").symlink("x", "other").settle();
}

void excluded_protected(Stage& stage) {
  mirror(stage);
  stage.source.file("f", "x").settle();
  stage.target.file("f", "x")
      .file("precious.keep", "mine")
      .file("d/precious.keep", "mine")
      .settle();
  stage.job.excludes = {"*.keep"};
}

Answer judge_excluded_protected(const Aftermath& after) {
  if (!in_target(after, "precious.keep") || !in_target(after, "d/precious.keep")) {
    return failed("deleted what was excluded");
  }
  return after.succeeded ? pass() : differs(describe(after.finished));
}

void empty_source(Stage& stage) {
  mirror(stage);
  stage.source.directory("").settle();
  stage.target.file("d/f", "the only copy").file("g", "x").settle();
}

Answer judge_empty_source(const Aftermath& after) {
  const bool kept = in_target(after, "d/f") && in_target(after, "g");
  if (kept && !after.succeeded) return pass();
  if (kept) return differs("kept everything, but said that all is well");
  return differs("an empty source (not mounted?) emptied the target");
}

void missing_source(Stage& stage) {
  mirror(stage);
  stage.source.directory("").settle();
  stage.target.file("d/f", "the only copy").settle();
  stage.job.source = stage.source.at("no-such-folder");
}

Answer judge_missing_source(const Aftermath& after) {
  if (!in_target(after, "d/f")) return failed("a missing source emptied the target");
  return after.succeeded ? failed("a missing source was no error") : pass();
}

void unreadable_directory(Stage& stage) {
  mirror(stage);
  stage.source.file("open/f", "x").file("closed/f", "unseen").settle().mode("closed", 0);
  stage.target.file("open/f", "x")
      .file("closed/f", "the only copy left")
      .file("extra", "y")
      .settle();
  stage.permissions = Side::kSource;
}

Answer judge_unreadable_directory(const Aftermath& after) {
  if (!in_target(after, "closed/f")) return failed("deleted what it could not see at the source");
  if (after.succeeded) return failed("an unreadable folder was no error");
  if (!in_target(after, "extra")) return differs("deleted other entries after an incomplete scan");
  return pass();
}

void read_only_extras(Stage& stage) {
  mirror(stage);
  stage.source.file("f", "x").settle();
  stage.target.file("f", "x").file("extra", "y").mode("extra", 0444);
  stage.target.file("locked/g", "z").mode("locked/g", 0444).settle().mode("locked", 0555);
  stage.permissions = Side::kTarget;
}

Answer judge_read_only_extras(const Aftermath& after) {
  if (!in_target(after, "f")) return failed("f is missing");
  if (!after.succeeded) return differs(describe(after.finished));
  if (in_target(after, "extra") || in_target(after, "locked")) {
    return failed("claimed success, but read-only extras are still there");
  }
  return pass();
}

void copy_deletes_nothing(Stage& stage) {
  stage.source.file("d/f", "x").settle();
  stage.target.file("d/extra", "mine").file("other", "mine").settle();
}

Answer judge_copy_deletes_nothing(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  const bool kept = in_target(after, "d/extra") && in_target(after, "other");
  if (!kept) return failed("a copy deleted what only the target had");
  return in_target(after, "d/f") ? pass() : failed("d/f is missing");
}

void link_out_of_extras(Stage& stage) {
  mirror(stage);
  stage.source.file("f", "x").settle();
  stage.target.file("outside/precious", "mine").file("tree/f", "x");
  stage.target.symlink("tree/link", "../outside").settle();
  stage.job.target = stage.target.at("tree");
}

Answer judge_link_out_of_extras(const Aftermath& after) {
  if (!in_target(after, "outside/precious")) return failed("deleted through a symbolic link");
  if (!in_target(after, "tree/f")) return failed("f is missing");
  if (in_target(after, "tree/link")) return differs("the extra link is still there");
  return after.succeeded ? pass() : differs(describe(after.finished));
}

}  // namespace

std::vector<Check> mirror_checks() {
  return {
      {"mirror.extra_file", "Extra files go", extra_file, judge_equal},
      {"mirror.extra_directory", "Extra folders go, with what is in them", extra_directory,
       judge_equal},
      {"mirror.file_for_directory", "A file takes a folder's place", file_for_directory,
       judge_equal},
      {"mirror.directory_for_file", "A folder takes a file's place", directory_for_file,
       judge_equal},
      {"mirror.directory_for_link", "A folder takes a link's place", directory_for_link,
       judge_equal},
      {"mirror.excluded_protected", "What is excluded is not deleted", excluded_protected,
       judge_excluded_protected},
      {"mirror.empty_source", "An empty source does not empty the target", empty_source,
       judge_empty_source},
      {"mirror.missing_source", "A missing source deletes nothing", missing_source,
       judge_missing_source},
      {"mirror.unreadable_directory", "After an unreadable folder nothing is deleted",
       unreadable_directory, judge_unreadable_directory},
      {"mirror.read_only_extras", "Read-only extras go", read_only_extras, judge_read_only_extras},
      {"mirror.link_out", "An extra link is deleted, not what it leads to", link_out_of_extras,
       judge_link_out_of_extras},
      {"copy.deletes_nothing", "A copy deletes nothing", copy_deletes_nothing,
       judge_copy_deletes_nothing},
  };
}

}  // namespace robosync::parity
