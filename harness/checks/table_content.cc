// Checks of content: what counts as unchanged, files that change under the tool, holes.
#include "harness/checks/answers.h"
#include "harness/checks/tables.h"

namespace robosync::parity {
namespace {

constexpr std::uint64_t kSparseBytes = 8'000'000;
constexpr std::size_t kLargeBytes = 48'000'000;

Answer judge_equal(const Aftermath& after) { return equals_source(after); }

void same_size_and_time(Stage& stage) {
  stage.source.file("f", "new!");
  stage.target.file("f", "old!");
}

// What all of these tools agree to by default: size and time decide.
Answer judge_quick_check(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  const Node* const there = target_entry(after, "f");
  if (there == nullptr) return failed("f is missing");
  if (there->content == after.target_before.nodes.at("f").content) return pass();
  return differs("copies although size and time are equal");
}

void other_content_with_checksum(Stage& stage) {
  same_size_and_time(stage);
  stage.job.checksum = true;
}

void smaller_source(Stage& stage) {
  stage.source.file("f", "short").time("f", kOldTimeS + 5);
  stage.target.file("f", std::string(100'000, 'o'));
}

void older_source(Stage& stage) {
  stage.source.file("f", "old but right").time("f", kOldTimeS);
  stage.target.file("f", "newer but wrong").time("f", kOldTimeS + 1000);
}

void sparse(Stage& stage) {
  stage.source.sparse_file("f", kSparseBytes, "the end").settle();
  stage.job.sparse = true;
}

Answer judge_sparse(const Aftermath& after) {
  Answer answer = equals_source(after);
  if (answer.outcome != CheckOutcome::kPass) return answer;
  const std::uint64_t taken = target_entry(after, "f")->allocated_bytes;
  if (taken < kSparseBytes / 2) return pass();
  return differs("the holes take " + std::to_string(taken) + " bytes at the target");
}

void second_run(Stage& stage) {
  stage.source.file("a", "1").file("d/b", "2").file("d/e/c", "3").file("ro", "4").mode("ro", 0444);
  stage.source.symlink("l", "a").directory("empty").settle();
  stage.runs = 2;
}

Answer judge_second_run(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  if (after.traces == after.traces_before) return pass();
  std::size_t begin = 0;
  for (std::size_t i = 0; i < after.traces.size() && i < after.traces_before.size(); ++i) {
    if (after.traces[i] != after.traces_before[i]) break;
    if (after.traces[i] == '\n') begin = i + 1;
  }
  const std::size_t end = after.traces.find(" inode ", begin);
  const std::string path = after.traces.substr(begin, end - begin);
  return differs("wrote or touched " + (path.empty() ? "the root" : path) + " again");
}

void changes_during_copy(Stage& stage) {
  stage.source.file("large", std::string(kLargeBytes, 'a')).settle();
  stage.rewrites_source = true;
}

// stage.rewrites_source makes a last run when the file has come to rest; the source's image is from
// then.
Answer judge_changes_during_copy(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  const Node* const there = target_entry(after, "large");
  if (there == nullptr) return failed("large is missing");
  const auto source = after.source.nodes.find("large");
  if (source == after.source.nodes.end()) return failed("the source has lost large");
  if (there->content == source->second.content) return pass();
  return failed("the next run took the torn copy for the finished file");
}

}  // namespace

std::vector<Check> content_checks() {
  return {
      {"content.quick_check", "Same size and time counts as unchanged", same_size_and_time,
       judge_quick_check},
      {"content.checksum", "Other content of the same size and time, when asked to compare",
       other_content_with_checksum, judge_equal},
      {"content.smaller", "A file that became smaller", smaller_source, judge_equal},
      {"content.older", "An older source replaces a newer target", older_source, judge_equal},
      {"content.sparse", "Holes stay holes when asked", sparse, judge_sparse},
      {"content.second_run", "A second run writes nothing", second_run, judge_second_run},
      {"content.changes_during_copy",
       "A file that changes while it is copied is right after the "
       "next run",
       changes_during_copy, judge_changes_during_copy},
  };
}

}  // namespace robosync::parity
