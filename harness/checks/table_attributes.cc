// Checks of times, modes and read-only entries.
#include "harness/checks/answers.h"
#include "harness/checks/tables.h"

namespace robosync::parity {
namespace {

constexpr std::int64_t kYear1950S = -631'152'000;
constexpr std::int64_t kYear2100S = 4'102'444'800;

Answer time_of_entry(const Aftermath& after, const std::string& path) {
  if (!after.succeeded) return failed(describe(after.finished));
  const std::string difference = time_difference(after, path);
  return difference.empty() ? pass() : differs(difference);
}

Answer mode_of_entry(const Aftermath& after, const std::string& path) {
  if (!after.succeeded) return failed(describe(after.finished));
  const Node* const there = target_entry(after, path);
  if (there == nullptr) return failed(path + " is missing");
  const std::uint32_t wanted = after.source.nodes.at(path).mode;
  if (there->mode == wanted) return pass();
  return differs("mode " + octal(there->mode) + " instead of " + octal(wanted));
}

Answer judge_f(const Aftermath& after) { return time_of_entry(after, "f"); }
Answer judge_d(const Aftermath& after) { return time_of_entry(after, "d"); }
Answer judge_l(const Aftermath& after) { return time_of_entry(after, "l"); }

void file_ns(Stage& stage) { stage.source.file("f", "x").time("f", kOldTimeS, 123'456'789); }

void directory_ns(Stage& stage) {
  stage.source.file("d/f", "x").settle().time("d", kOldTimeS, 987'654'321);
}

void symlink_ns(Stage& stage) {
  stage.source.file("f", "x").symlink("l", "f").time("l", kOldTimeS, 555'555'555);
}

void before_1970(Stage& stage) { stage.source.file("f", "x").time("f", kYear1950S, 500'000'000); }

void after_2038(Stage& stage) { stage.source.file("f", "x").time("f", kYear2100S, 1); }

void overwritten(Stage& stage) {
  stage.source.file("f", "new content").time("f", kOldTimeS + 10, 1);
  stage.target.file("f", "old").time("f", kOldTimeS + 500, 2);
}

// Only the time is another: content need not travel, the time has to.
void only_time(Stage& stage) {
  stage.source.file("f", "same").time("f", kOldTimeS + 10, 1);
  stage.target.file("f", "same").time("f", kOldTimeS + 500, 2);
}

void subsecond(Stage& stage) {
  stage.source.file("f", "new!").time("f", kOldTimeS, 900'000'000);
  stage.target.file("f", "old!").time("f", kOldTimeS, 100'000'000);
}

Answer judge_content_of_f(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  const Node* const there = target_entry(after, "f");
  if (there == nullptr) return failed("f is missing");
  if (there->content == after.source.nodes.at("f").content) return pass();
  return differs("took a file whose time is less than a second off for unchanged");
}

// Two seconds are what FAT can tell apart: within them a file is the same.
void fat_window(Stage& stage) {
  stage.source.file("f", "new!").time("f", kOldTimeS + 1);
  stage.target.file("f", "old!").time("f", kOldTimeS);
  stage.job.modify_window_s = 2;
}

Answer judge_fat_window(const Aftermath& after) {
  if (!after.succeeded) return failed(describe(after.finished));
  const Node* const there = target_entry(after, "f");
  if (there == nullptr) return failed("f is missing");
  if (there->content == after.target_before.nodes.at("f").content) return pass();
  return differs("copied a file again whose time is within the window");
}

void mode_bits(Stage& stage) {
  stage.source.file("f", "x").mode("f", 0751);
  stage.source.file("private", "x").mode("private", 0600);
  stage.source.file("d/g", "x").mode("d", 0750).settle();
}

Answer judge_mode_bits(const Aftermath& after) {
  for (const char* path : {"f", "private", "d"}) {
    Answer answer = mode_of_entry(after, path);
    if (answer.outcome != CheckOutcome::kPass) return answer;
  }
  return pass();
}

void set_id(Stage& stage) { stage.source.file("f", "x").mode("f", 04755); }

void sticky(Stage& stage) { stage.source.file("f/g", "x").mode("f", 01777).settle(); }

Answer judge_mode_of_f(const Aftermath& after) { return mode_of_entry(after, "f"); }

void read_only(Stage& stage) { stage.source.file("f", "x").mode("f", 0444); }

void read_only_replaced(Stage& stage) {
  stage.source.file("f", "new content").mode("f", 0444);
  stage.target.file("f", "old").mode("f", 0444);
  stage.permissions = Side::kTarget;
}

void read_only_directory(Stage& stage) {
  stage.source.file("d/f", "x").settle().mode("d", 0555);
  stage.permissions = Side::kTarget;
}

Answer judge_equal(const Aftermath& after) { return equals_source(after); }

}  // namespace

std::string octal(std::uint32_t mode) {
  std::string text;
  for (std::uint32_t rest = mode; rest > 0; rest /= 8) {
    text.insert(text.begin(), static_cast<char>('0' + rest % 8));
  }
  return "0" + text;
}

std::vector<Check> attribute_checks() {
  return {
      {"mtime.file", "Modification time of a file, to the nanosecond", file_ns, judge_f},
      {"mtime.directory", "Modification time of a folder, to the nanosecond", directory_ns,
       judge_d},
      {"mtime.symlink", "Modification time of a symbolic link itself", symlink_ns, judge_l},
      {"mtime.before_1970", "A time before 1970", before_1970, judge_f},
      {"mtime.after_2038", "A time after 2038", after_2038, judge_f},
      {"mtime.overwritten", "An overwritten file gets the source's time", overwritten, judge_f},
      {"mtime.only_time", "A file whose time alone is another gets the source's", only_time,
       judge_f},
      {"mtime.subsecond", "Times within one second are told apart", subsecond, judge_content_of_f},
      {"mtime.fat_window", "Times within FAT's two seconds are equal when asked", fat_window,
       judge_fat_window},
      {"mode.bits", "Permission bits of files and folders", mode_bits, judge_mode_bits},
      {"mode.set_id", "The set-user-id bit", set_id, judge_mode_of_f},
      {"mode.sticky", "The sticky bit of a folder", sticky, judge_mode_of_f},
      {"mode.read_only", "A read-only file stays read-only", read_only, judge_equal},
      {"mode.read_only_replaced", "A read-only file at the target is replaced", read_only_replaced,
       judge_equal},
      {"mode.read_only_directory", "A read-only folder arrives with its files", read_only_directory,
       judge_equal},
  };
}

}  // namespace robosync::parity
