// Checks of names, of empty folders, and of where a source lands.
#include "harness/checks/answers.h"
#include "harness/checks/tables.h"

namespace robosync::parity {
namespace {

constexpr std::size_t kNameBytesMax = 255;
constexpr int kDeepLevels = 60;

Answer judge_equal(const Aftermath& after) { return equals_source(after); }

void unicode(Stage& stage) {
  // Composed and decomposed forms of one word are two names.
  stage.source.file("caf\xC3\xA9", "1").file("cafe\xCC\x81", "2");
  stage.source.file("\xE6\x97\xA5\xE6\x9C\xAC/\xF0\x9F\x9A\x80", "3").settle();
}

void odd_bytes(Stage& stage) {
  for (const char* name :
       {"-rf", "--delete", "new\nline", "tab\there", "back\\slash", "quo\"te", "it's", "$(x)",
        "*",   "?",        "[a]",       " lead",     "trail ",      "trail.",  "#x",   ":x",
        "%41", "con",      "\x01",      "\xFF\xFE",  "!x",          "~",       "a|b",  "<>"}) {
    stage.source.file(name, name);
  }
  stage.source.settle();
}

void long_name(Stage& stage) { stage.source.file(std::string(kNameBytesMax, 'n'), "x").settle(); }

void deep(Stage& stage) {
  std::string path;
  for (int level = 0; level < kDeepLevels; ++level) path += "level" + std::to_string(level) + "/";
  stage.source.file(path + "f", "x").settle();
}

void case_pairs(Stage& stage) {
  stage.source.file("Name", "upper").file("name", "lower").file("D/f", "1").file("d/f", "2");
  stage.source.settle();
}

void empty_directories(Stage& stage) {
  stage.source.directory("empty").directory("a/b/c").file("f", "").settle();
}

void single_file(Stage& stage) {
  stage.source.file("f", "x").file("other", "y");
  stage.target.directory("").settle();
  stage.job.source = stage.source.at("f");
  stage.job.form = SourceForm::kItself;
}

Answer judge_single_file(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  const Node* const there = target_entry(after, "f");
  if (there == nullptr) return failed("f is missing");
  if (!(there->content == after.source.nodes.at("f").content)) return failed("content of f");
  return in_target(after, "other") ? failed("copied its neighbour too") : pass();
}

void contents(Stage& stage) { stage.source.file("d/f", "x").file("g", "y").settle(); }

void contents_into_existing(Stage& stage) {
  contents(stage);
  stage.target.file("mine", "z").settle();
}

void itself(Stage& stage) {
  contents(stage);
  stage.target.directory("").settle();
  stage.job.form = SourceForm::kItself;
}

Answer judge_contents_into_existing(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  const bool right = in_target(after, "d/f") && in_target(after, "g") && in_target(after, "mine");
  return right ? pass() : failed("the contents did not land beside what was there");
}

Answer judge_itself(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  const std::string& root = after.stage.source.root();
  const std::string name = root.substr(root.find_last_of('/') + 1);
  const bool right = in_target(after, name + "/d/f") && in_target(after, name + "/g");
  return right ? pass() : failed("the folder did not land under its own name");
}

}  // namespace

std::vector<Check> name_checks() {
  return {
      {"names.unicode", "Names beyond ASCII, composed and decomposed", unicode, judge_equal},
      {"names.odd_bytes", "Names of every awkward byte", odd_bytes, judge_equal},
      {"names.long", "A name of 255 bytes", long_name, judge_equal},
      {"names.deep", "A path of sixty levels", deep, judge_equal},
      {"names.case", "Names that differ in case only", case_pairs, judge_equal},
      {"tree.empty_directories", "Empty folders and empty files", empty_directories, judge_equal},
      {"tree.single_file", "One file as the source", single_file, judge_single_file},
      {"slash.contents", "SOURCE/ makes TARGET the same tree", contents, judge_equal},
      {"slash.contents_into_existing", "SOURCE/ into an existing folder", contents_into_existing,
       judge_contents_into_existing},
      {"slash.itself", "SOURCE lands in TARGET under its own name", itself, judge_itself},
  };
}

}  // namespace robosync::parity
