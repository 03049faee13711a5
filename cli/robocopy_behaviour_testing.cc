#include "cli/robocopy_behaviour_testing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "engine/base/random.h"

namespace robosync::cli {
namespace {

namespace stdfs = std::filesystem;

const std::vector<TreeFile>& small_tree() {
  static const std::vector<TreeFile> kFiles = {{"a.txt", "1"},
                                               {"b.log", "22"},
                                               {"hollow/", ""},
                                               {"sub/c.txt", "333"},
                                               {"sub/deep/d.log", "4"}};
  return kFiles;
}
constexpr const char* kSmallTree =
    "a.txt=1 b.log=22 hollow/ sub/ sub/c.txt=333 sub/deep/ sub/deep/d.log=4";

// The source's is the newer, the older, the longer one; only the source has it; both are the same.
const std::vector<TreeFile> kClassesSource = {
    {"changed", "long"}, {"lonely", "1"}, {"newer", "1", 100}, {"older", "1"}, {"same", "1"}};
const std::vector<TreeFile> kClassesTarget = {
    {"changed", "0"}, {"newer", "0"}, {"older", "0", 100}, {"same", "1"}};

std::vector<BehaviourRow> tree_rows() {
  const std::vector<TreeFile> extras = {{"old.txt", "o"}, {"gone/x", "x"}};
  return {
      {"", small_tree(), {}, 1, "a.txt=1 b.log=22"},
      {"", {{"a", "1"}}, {{"a", "1"}}, 0, "a=1"},
      {"", {{"a", "1"}}, {{"old.txt", "o"}}, 1, "a=1 old.txt=o", {}, 3},
      {"/S", small_tree(), {}, 1, "a.txt=1 b.log=22 sub/ sub/c.txt=333 sub/deep/ sub/deep/d.log=4"},
      {"/E", small_tree(), {}, 1, kSmallTree},
      {"/s /lev:2", small_tree(), {}, 1, "a.txt=1 b.log=22 sub/ sub/c.txt=333"},
      {"*.txt /S", small_tree(), {}, 1, "a.txt=1 sub/ sub/c.txt=333"},
      {"a.txt b.log", small_tree(), {}, 1, "a.txt=1 b.log=22"},
      {"/MIR", small_tree(), extras, 3, kSmallTree},
      {"/E /PURGE", small_tree(), extras, 3, kSmallTree},
      {"/X", {{"a", "1"}}, {{"old.txt", "o"}}, 3, "a=1 old.txt=o"},
      {"/MIR /XX", {{"a", "1"}}, {{"old.txt", "o"}}, 1, "a=1 old.txt=o"},
      {"/MIR /L", {{"a", "1"}}, {{"old.txt", "o"}}, 3, "old.txt=o"},
      {"/MOV",
       small_tree(),
       {},
       1,
       "a.txt=1 b.log=22",
       "hollow/ sub/ sub/c.txt=333 sub/deep/ sub/deep/d.log=4"},
      {"/E /MOVE", small_tree(), {}, 1, kSmallTree, ""},
      {"/E /XF *.log", small_tree(), {}, 1, "a.txt=1 hollow/ sub/ sub/c.txt=333 sub/deep/"},
      {"/E /XD deep hollow", small_tree(), {}, 1, "a.txt=1 b.log=22 sub/ sub/c.txt=333"},
      {"/MIR /XF *.log /XD keep",
       {{"a", "1"}},
       {{"b.log", "2"}, {"keep/x", "x"}},
       1,
       "a=1 b.log=2 keep/ keep/x=x"},
      {"/E /CREATE",
       small_tree(),
       {},
       1,
       "a.txt= b.log= hollow/ sub/ sub/c.txt= sub/deep/ sub/deep/d.log="},
      {"/E /MT:4", small_tree(), {}, 1, kSmallTree},
      {"/E /Z", small_tree(), {}, 1, kSmallTree},
      {"/E /J", small_tree(), {}, 1, kSmallTree},
      {"/E /COPY:DAT /DCOPY:DAT", small_tree(), {}, 1, kSmallTree},
      {"/E /XA:SH /A-:SH /SJ", small_tree(), {}, 1, kSmallTree},
  };
}

std::vector<BehaviourRow> kind_rows() {
  const std::vector<TreeFile> empty_on_both_sides = {
      {"a", "1"}, {"hollow/", ""}, {"sub/x.log", "2"}};
  const std::vector<TreeFile> same = {{"a", "1"}};
  return {
      {"/E", {{"a", "1"}, {"report/x", "1"}}, {{"report", "precious"}}, 5, "a=1 report=precious"},
      {"/E",
       {{"a", "1"}, {"report", "1"}},
       {{"report/x", "precious"}},
       5,
       "a=1 report/ report/x=precious"},
      {"/E /MOVE", {{"report/x", "1"}}, {{"report", "precious"}}, 4, "report=precious"},
      {"/S /PURGE",
       empty_on_both_sides,
       {{"hollow/", ""}, {"old", "o"}},
       3,
       "a=1 hollow/ sub/ sub/x.log=2"},
      {"*.txt /S /PURGE", empty_on_both_sides, {{"sub/", ""}, {"gone/", ""}}, 2, "sub/"},
      {"/E /XF *.*", {{"a.txt", "1"}, {"plain", "2"}, {"d/q", "3"}}, {{"d/", ""}}, 0, "d/"},
      {"/E /XD *.*", small_tree(), {}, 1, "a.txt=1 b.log=22"},
      {.switches = "/MOV",
       .source = same,
       .target = same,
       .target_after = "a=1",
       .source_after = "",
       .source_after_of_robocopy = "a=1"},
      // The trick that clears a tree of empty directories.
      {.switches = "/S /MOVE",
       .source = {{"a", "1"}, {"hollow/inner/", ""}},
       .exit_code = 1,
       .target_after = "a=1",
       .source_after = "hollow/ hollow/inner/",
       .source_after_of_robocopy = ""},
  };
}

std::vector<BehaviourRow> tweaked_rows() {
  const auto row = [](const char* switches, const char* after, const char* after_of_robocopy) {
    BehaviourRow made{switches, {{"a", "1"}}, {{"a", "1"}}, 0, after};
    made.source[0].read_only = true;
    made.target_after_of_robocopy = after_of_robocopy;
    if (made.target_after_of_robocopy == "a=1!") made.exit_code_of_robocopy = 1;
    return made;
  };
  return {row("/IT", "a=1!", "a=1!"), row("", "a=1!", "a=1"), row("/XC /XN /XO", "a=1", "a=1"),
          row("/XC /XN /XO /IT", "a=1!", "a=1!")};
}

std::vector<BehaviourRow> class_rows() {
  const auto classes = [](const char* switches, int exit_code, const char* after) {
    return BehaviourRow{switches, kClassesSource, kClassesTarget, exit_code, after};
  };
  return {
      classes("", 1, "changed=long lonely=1 newer=1 older=1 same=1"),
      classes("/XO", 1, "changed=long lonely=1 newer=1 older=0 same=1"),
      classes("/XN", 1, "changed=long lonely=1 newer=0 older=1 same=1"),
      classes("/XC", 1, "changed=0 lonely=1 newer=1 older=1 same=1"),
      classes("/XC /XN", 1, "changed=0 lonely=1 newer=0 older=1 same=1"),
      classes("/XC /XN /XO", 1, "changed=0 lonely=1 newer=0 older=0 same=1"),
      classes("/XL", 1, "changed=long newer=1 older=1 same=1"),
      classes("/XC /XN /XO /XL", 0, "changed=0 newer=0 older=0 same=1"),
      {"/IS", {{"same", "1"}}, {{"same", "1"}}, 1, "same=1"},
      classes("/XC /XN /XO /XL /IS", 1, "changed=0 newer=0 older=0 same=1"),
      {"/MAX:2", small_tree(), {}, 1, "a.txt=1 b.log=22"},
      {"/E /MAX:1", small_tree(), {}, 1, "a.txt=1 hollow/ sub/ sub/deep/ sub/deep/d.log=4"},
      {"/MIN:2", small_tree(), {}, 1, "b.log=22"},
      {"/MAXAGE:5", {{"young", "1", 50}, {"aged", "2", 240}}, {}, 1, "young=1"},
      {"/MINAGE:5", {{"young", "1", 50}, {"aged", "2", 240}}, {}, 1, "aged=2"},
      {"", {{"a", "1"}}, {{"a", "0", 240, 1}}, 1, "a=1"},
      {"/FFT", {{"a", "1"}}, {{"a", "0", 240, 1}}, 0, "a=0"},
      {"/FFT", {{"a", "1"}}, {{"a", "0", 240, 5}}, 1, "a=1"},
      {"/DST", {{"a", "1"}}, {{"a", "0", 241}}, 0, "a=0"},
      {"/DST", {{"a", "1"}}, {{"a", "0", 242}}, 1, "a=1"},
  };
}

const std::vector<TreeFile> kLinkedSource = {
    {"real/in.txt", "1"}, {"real/b.log", "22"}, {.path = "docs", .content = "", .link_to = "real"}};

constexpr stdfs::perms kWritable =
    stdfs::perms::owner_write | stdfs::perms::group_write | stdfs::perms::others_write;

using Moment = stdfs::file_time_type;

void make_link(const stdfs::path& path, const std::string& to, std::error_code& error) {
  if (stdfs::is_directory(path.parent_path() / to)) {
    stdfs::create_directory_symlink(to, path, error);
  } else {
    stdfs::create_symlink(to, path, error);
  }
}

void write(const stdfs::path& root, const std::vector<TreeFile>& files, Moment now) {
  stdfs::create_directories(root);
  for (const TreeFile& file : files) {
    const stdfs::path path = root / file.path;
    if (file.path.ends_with('/')) {
      stdfs::create_directories(path);
      continue;
    }
    stdfs::create_directories(path.parent_path());
    if (!file.link_to.empty()) {
      std::error_code error;
      make_link(path, file.link_to, error);
      EXPECT_FALSE(error) << path << ": " << error.message();
      continue;
    }
    std::ofstream(path, std::ios::binary) << file.content;
    stdfs::last_write_time(
        path, now - std::chrono::hours(file.hours_old) - std::chrono::seconds(file.seconds_older));
    if (file.read_only) stdfs::permissions(path, kWritable, stdfs::perm_options::remove);
  }
}

std::string read(const stdfs::path& root) {
  std::vector<std::string> lines;
  if (stdfs::exists(root)) {
    for (const auto& entry : stdfs::recursive_directory_iterator(root)) {
      std::string line = entry.path().lexically_relative(root).generic_string();
      if (entry.is_directory()) {
        line += '/';
      } else {
        std::ifstream file(entry.path(), std::ios::binary);
        line += '=' + std::string(std::istreambuf_iterator<char>(file), {});
        if ((entry.status().permissions() & kWritable) == stdfs::perms::none) line += '!';
      }
      lines.push_back(std::move(line));
    }
  }
  std::ranges::sort(lines);
  return fmt::format("{}", fmt::join(lines, " "));
}

}  // namespace

const std::vector<BehaviourRow>& behaviour_table() {
  static const std::vector<BehaviourRow> kTable = [] {
    std::vector<BehaviourRow> rows = tree_rows();
    for (auto part : {kind_rows(), tweaked_rows(), class_rows()}) {
      for (BehaviourRow& row : part) rows.push_back(std::move(row));
    }
    return rows;
  }();
  return kTable;
}

const std::vector<BehaviourRow>& behaviour_table_of_links() {
  static const std::vector<BehaviourRow> kTable = {
      {"*.txt /S", kLinkedSource, {}, 1, "docs/ docs/in.txt=1 real/ real/in.txt=1"},
      {"*.txt /MIR",
       kLinkedSource,
       {{"docs/in.txt", "1"}, {"docs/old.txt", "o"}, {"real/in.txt", "1"}},
       2,
       "docs/ docs/in.txt=1 real/ real/in.txt=1"},
      {"/E /XD docs", kLinkedSource, {}, 1, "real/ real/b.log=22 real/in.txt=1"},
  };
  return kTable;
}

bool makes_links() {
  const stdfs::path folder =
      stdfs::path(testing::TempDir()) / fmt::format("robocopy-{:016x}", base::random64());
  std::error_code error;
  stdfs::create_directories(folder);
  make_link(folder / "link", ".", error);
  const bool made = !error && stdfs::is_symlink(folder / "link");
  stdfs::remove_all(folder, error);
  return made;
}

BehaviourRow of_robocopy(BehaviourRow row) {
  row.exit_code = row.exit_code_of_robocopy.value_or(row.exit_code);
  row.target_after = row.target_after_of_robocopy.value_or(row.target_after);
  if (row.source_after_of_robocopy) row.source_after = row.source_after_of_robocopy;
  return row;
}

std::string faults_of(const BehaviourRow& row,
                      const std::function<int(const std::vector<std::string>& words)>& run) {
  const stdfs::path folder =
      stdfs::path(testing::TempDir()) / fmt::format("robocopy-{:016x}", base::random64());
  const stdfs::path source = folder / "source";
  const stdfs::path target = folder / "target";
  // Whole seconds: some file systems and libraries keep no more.
  const Moment now = std::chrono::floor<std::chrono::seconds>(Moment::clock::now());
  write(source, row.source, now);
  write(target, row.target, now);
  const std::string source_before = read(source);

  std::vector<std::string> words = {source.string(), target.string()};
  std::istringstream switches(row.switches);
  words.insert(words.end(), std::istream_iterator<std::string>(switches), {});
  const int exit_code = run(words);

  std::string faults;
  const auto compare = [&](const char* what, const std::string& found, const std::string& wanted) {
    if (found != wanted) faults += fmt::format("{}: {}\n   instead of: {}\n", what, found, wanted);
  };
  compare("exit code", std::to_string(exit_code), std::to_string(row.exit_code));
  compare("target", read(target), row.target_after);
  compare("source", read(source), row.source_after.value_or(source_before));
  std::error_code ignored;
  stdfs::remove_all(folder, ignored);
  return faults;
}

}  // namespace robosync::cli
