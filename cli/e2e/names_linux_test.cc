// Requirements 9, 11 and 12: names are bytes and survive as they are; hostile ones are refused; two
// names that a target cannot tell apart are reported before anything is overwritten.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/generated_tree_linux_testing.h"
#include "cli/e2e/mounts_linux_testing.h"

namespace robosync::e2e {
namespace {

TEST_F(DataSafety, Row09_EveryByteANameMayHoldSurvives) {
  Shape shape{.directories = 0, .files = 0, .links = 0, .wide_entries = 0};
  shape.deep_levels = 0;
  generate_tree(source().root(), 1, shape);
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  const Finished again = mirror({"--json", "-v"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, again);
  EXPECT_TRUE(parse_json_output(again.out).events.empty()) << again.out;
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify());
}

TEST_F(DataSafety, Row09_NamesOfTheLongestLengthSurvive) {
  const std::string longest(255, 'n');
  source().file(longest, "x").directory("d").file("d/" + longest, "y");
  source().file(std::string(240, 'm'), "z", 0644, kNewTime);
  target().file(longest, "older and longer").file(std::string(240, 'm'), "older");
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  EXPECT_EQ("x", read_file(target().at(longest)));
}

TEST_F(DataSafety, Row09_ABackupNameThatIsTooLongIsOneProblem) {
  const std::string longest(255, 'n');
  source().file(longest, "new", 0644, kNewTime).file("other", "new", 0644, kNewTime);
  target().file(longest, "old").file("other", "old");
  const Finished finished = copy({"--backup"});
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  EXPECT_EQ("old", read_file(target().at(longest))) << "replaced without its backup";
  EXPECT_EQ("new", read_file(target().at("other")));
  EXPECT_EQ("old", read_file(target().at("other~")));
}

TEST_F(DataSafety, Row09_PathsBeyondTheSystemsLimitWork) {
  // 30 levels of 200 bytes: no single path the kernel would take.
  const auto original = std::filesystem::current_path();
  std::filesystem::current_path(source().root());
  for (int level = 0; level < 30; ++level) {
    const std::string name(200, static_cast<char>('a' + level % 26));
    std::filesystem::create_directory(name);
    std::filesystem::current_path(name);
  }
  TreeBuilder(".").file("bottom", "reached");
  std::filesystem::current_path(original);
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  const TreeImage before = read_tree(source().root());
  EXPECT_EQ(32U, before.size());
  EXPECT_EQ("", differences(before, read_tree(target_path())));
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify());
  source().remove("");
  source() = TreeBuilder(source().root());
  source().file("kept", "k");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror());
  EXPECT_EQ((std::vector<std::string>{"kept"}), names_in(target_path()));
}

TEST_F(DataSafety, Row09_NamesThatLookLikeStagingAreTheUsersOwn) {
  // Not of the form that staging uses, though close to it.
  for (const char* name : {".robosync", ".robosync-notes.txt", ".robosync-", ".robosyncabc"}) {
    source().file(name, "mine");
    target().file(std::string(name) + "-target", "mine too");
  }
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  for (const char* name : {".robosync", ".robosync-notes.txt", ".robosync-", ".robosyncabc"}) {
    EXPECT_EQ("mine", read_file(target().at(name)));
    EXPECT_TRUE(exists(target().at(std::string(name) + "-target"))) << name;
  }
}

TEST_F(DataSafety, Row11_NamesAreBytes) {
  const std::vector<std::string> names = {"\xff\xfe",     "caf\xc3\xa9", "cafe\xcc\x81",
                                          "\xed\xa0\x80", "a\nb",        "\x01\x02\x1b[31m",
                                          "tab\there",    "\xc3",        "\xf0\x9f\x98\x80"};
  for (const std::string& name : names) source().file(name, name).file("d" + name + "/x", name);
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(DataSafety, Row11_NamesThatAreNotTextAreBase64InJson) {
  source().file("\xff\xfe", "x").file("plain", "x");
  const Finished finished = copy({"--json", "-v"});
  ROBOSYNC_ASSERT_EXIT(kExitOk, finished);
  bool found = false;
  for (const nlohmann::json& event : parse_json_output(finished.out).events) {
    for (const auto& [key, value] : event.items()) {
      found = found || (value.is_string() && value.get<std::string>() == "//4=");
    }
  }
  EXPECT_TRUE(found) << finished.out;
}

TEST_F(DataSafety, Row11_NoControlCharacterReachesTheTerminal) {
  source().file("evil\x1b[2Jname\nforged line", "x");
  for (const Arguments& options :
       {Arguments{"-v"}, Arguments{"-i", "-I"}, Arguments{"-n", "-I"}, Arguments{"-vv", "-I"}}) {
    const Finished finished = copy(options);
    EXPECT_EQ(std::string::npos, finished.out.find('\x1b')) << options[0];
    EXPECT_EQ(std::string::npos, finished.out.find("\nforged line")) << finished.out;
  }
}

// lowntfs-3g shows every name in lower case, so that the two names change places in a later
// listing.
TEST_F(DataSafety, Row12_CollidingNamesAreReportedAndNothingIsHalfOverwritten) {
  if (!is_root()) GTEST_SKIP() << "mounting a case-insensitive file system needs root";
  source().file("A.txt", "upper").file("a.txt", "lower case").file("other", "o");
  source().file("Dir/x", "x").file("dir/y", "y");
  const bool ran = with_private_mounts([this] {
    target().directory("");
    run_or_throw({"truncate", "-s", "16M", at("image")});
    run_or_throw({"mkntfs", "-q", "-F", "-s", "512", "-p", "0", "-H", "0", "-S", "0", at("image")});
    // In a session of its own: what runs a program ends all that is left of its group afterwards.
    run_or_throw({"setsid", "--wait", "lowntfs-3g", "-o", "ignore_case,permissions", at("image"),
                  target_path()});
    int round = 0;
    for (const char* verb : {"copy", "mirror", "copy"}) {
      const Finished finished = robosync({verb, source_slash(), target_path()});
      ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
      EXPECT_NE(std::string::npos, (finished.out + finished.err).find(".txt"))
          << finished.describe();
      const std::vector<std::string> names = names_in(target_path());
      EXPECT_EQ(1, std::ranges::count(names, "a.txt")) << ::testing::PrintToString(names);
      EXPECT_EQ(1, std::ranges::count(names, "dir")) << ::testing::PrintToString(names);
      const std::string content = read_file(target().at("a.txt"));
      EXPECT_TRUE(content == "upper" || content == "lower case") << content;
      // On a new volume the first of the two stays.
      EXPECT_TRUE(round++ > 0 || content == "upper") << finished.describe();
      EXPECT_EQ("o", read_file(target().at("other")));
    }
    unmount(target_path());
  });
  ASSERT_TRUE(ran) << "no mount namespace";
}

}  // namespace
}  // namespace robosync::e2e
