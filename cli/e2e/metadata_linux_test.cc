// Requirements 14, 16 and 17: what an entry carries arrives with it, directories get theirs last,
// a second run finds nothing to do; a single file is a source like any other.
#include <gtest/gtest.h>

#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/generated_tree_linux_testing.h"

namespace robosync::e2e {
namespace {

class Metadata : public DataSafety {
 protected:
  // Fails unless a further run of `verb` finds nothing to do.
  void expect_settled(const std::string& verb, const Arguments& options = {}) {
    Arguments arguments = {verb, "--json", "-v"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(source_slash());
    arguments.push_back(target_path());
    const Finished again = robosync(arguments);
    ROBOSYNC_EXPECT_EXIT(kExitOk, again);
    const JsonOutput output = parse_json_output(again.out);
    EXPECT_TRUE(output.events.empty()) << ::testing::PrintToString(output.event_lines());
    EXPECT_EQ(0, output.summary["written_bytes"]) << again.out;
  }
};

TEST_F(Metadata, Row16_AGeneratedTreeArrivesAsItIsAndSettles) {
  for (std::uint64_t seed = test_seed(); seed < test_seed() + (full_run() ? 20 : 2); ++seed) {
    source().remove("");
    generate_tree(source().root(), seed);
    remove_tree(target_path());
    ROBOSYNC_ASSERT_EXIT(kExitOk, copy({"-H", "-A", "-X"}));
    Aspects aspects = all_aspects();
    aspects.holes = false;
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
    expect_settled("mirror", {"-H", "-A", "-X"});
    ROBOSYNC_EXPECT_EXIT(kExitOk, verify({"-H", "-A", "-X"}));
  }
}

TEST_F(Metadata, Row16_TimesToTheNanosecondOfFilesDirectoriesAndLinks) {
  int number = 0;
  for (const timespec& time :
       {timespec{.tv_sec = 0, .tv_nsec = 0}, timespec{.tv_sec = -1, .tv_nsec = 999999999},
        timespec{.tv_sec = -2000000000, .tv_nsec = 1}, timespec{.tv_sec = 2147483648, .tv_nsec = 5},
        timespec{.tv_sec = 10000000000, .tv_nsec = 123456789},
        timespec{.tv_sec = 1600000000, .tv_nsec = 0}}) {
    const std::string n = std::to_string(number++);
    source().file("f" + n, "x", 0644, time).symlink("l" + n, "x").time("l" + n, time);
    source().file("d" + n + "/inside", "i").time("d" + n, time).fifo("p" + n).time("p" + n, time);
  }
  for (const char* path : {"none", "staged-dirs", "all"}) {
    remove_tree(target_path());
    Arguments options;
    if (std::string(path) != "none") options = {std::string("--no-fast-path=") + path};
    ROBOSYNC_ASSERT_EXIT(kExitOk, copy(options));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
    expect_settled("copy");
  }
}

TEST_F(Metadata, Row16_ADifferenceOfOneNanosecondIsSeen) {
  source().file("f", "new!", 0644, timespec{.tv_sec = 1000, .tv_nsec = 2});
  target().file("f", "old!", 0644, timespec{.tv_sec = 1000, .tv_nsec = 1});
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  EXPECT_EQ("new!", read_file(target().at("f")));
}

TEST_F(Metadata, Row16_EveryModeArrives) {
  for (const unsigned mode : {0U, 0444U, 0600U, 0755U, 0777U, 01644U, 02755U, 04755U, 07777U}) {
    source().file("f" + std::to_string(mode), "x", mode);
    source().file("d" + std::to_string(mode) + "/inside", "x");
    if ((mode & 0300U) == 0300U || is_root()) source().mode("d" + std::to_string(mode), mode);
  }
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  expect_settled("mirror");
}

TEST_F(Metadata, Row16_ReadOnlyDirectoriesComeOutRight) {
  source().file("locked/a", "a").file("locked/deeper/b", "b").file("gone/c", "c");
  for (const char* path : {"locked/deeper", "locked"}) source().mode(path, 0555);
  ROBOSYNC_ASSERT_EXIT(kExitOk, unprivileged({"copy", source_slash(), target_path()}));
  Aspects aspects;
  aspects.owner = aspects.root = false;
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
  // Changes inside, and deletions from inside.
  source().mode("locked", 0755).mode("locked/deeper", 0755);
  source().file("locked/a", "changed", 0644, kNewTime).remove("locked/deeper/b");
  source().file("locked/deeper/new", "n");
  for (const char* path : {"locked/deeper", "locked"}) source().mode(path, 0555);
  ROBOSYNC_ASSERT_EXIT(kExitOk, unprivileged({"mirror", source_slash(), target_path()}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), aspects);
  source().mode("locked", 0755).remove("locked");
  ROBOSYNC_ASSERT_EXIT(kExitOk, unprivileged({"mirror", source_slash(), target_path()}));
  EXPECT_FALSE(exists(target().at("locked")));
}

TEST_F(Metadata, Row16_OwnersArriveWithSetIdBits) {
  if (!is_root()) GTEST_SKIP() << "giving files away needs root";
  source().file("f", "x").owner("f", 1234, 2345).mode("f", 06755);
  source().directory("d").owner("d", 3, 4).mode("d", 02775);
  source().symlink("l", "f").owner("l", 5, 6).fifo("p").owner("p", 7, 8);
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  source().owner("f", 99, 98).mode("f", 06711);
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Metadata, Row16_MetadataAloneIsUpdatedWithoutCopying) {
  source().file("f", noise(100'000, 1), 0600).directory("d", 0700).symlink("l", "f");
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  source().mode("f", 0640).mode("d", 0711).time("l", kNewTime);
  const Finished finished = copy({"--json"});
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  EXPECT_EQ(0, parse_json_output(finished.out).summary["written_bytes"]);
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Metadata, Row16_AnUnprivilegedRunKeepsWhatItMay) {
  source().file("f", "x", 04711).directory("d", 01777).symlink("l", "f").fifo("p");
  source().file("d/inside", "i", 0400);
  ROBOSYNC_ASSERT_EXIT(kExitOk, unprivileged({"copy", source_slash(), target_path()}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), Aspects{.root = false});
}

TEST_F(Metadata, Row16_TheUmaskDoesNotMatter) {
  source().file("f", "x", 0666).directory("d", 0777).fifo("p", 0666);
  umask(077);
  const Finished finished = copy();
  umask(022);
  ROBOSYNC_EXPECT_EXIT(kExitOk, finished);
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Metadata, Row17_AnOlderSourceOfTheSameSizeIsCopiedToo) {
  source().file("f", "older", 0644, kOldTime);
  target().file("f", "newer", 0644, kNewTime);
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  EXPECT_EQ("older", read_file(target().at("f")));
  target().file("f", "newer", 0644, kNewTime);
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy({"--update"}));
  EXPECT_EQ("newer", read_file(target().at("f")));
}

TEST_F(Metadata, Row17_TheSameSizeAndTimeIsUnchangedUntilAsked) {
  source().file("f", "AAAA");
  target().file("f", "BBBB");
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  EXPECT_EQ("BBBB", read_file(target().at("f")));
  ROBOSYNC_EXPECT_EXIT(kExitDifferent, verify());
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy({"--checksum"}));
  EXPECT_EQ("AAAA", read_file(target().at("f")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify());
}

class SingleFile : public DataSafety {};

TEST_F(SingleFile, Row14_ToAFileAndToADirectory) {
  source().file("one", "content", 0640);
  TreeBuilder into(at("into"));
  into.file("bystander", "b");
  ROBOSYNC_ASSERT_EXIT(kExitOk, robosync({"copy", source().at("one"), at("new-name")}));
  ROBOSYNC_EXPECT_SAME_TREE(source().at("one"), at("new-name"));
  ROBOSYNC_ASSERT_EXIT(kExitOk, robosync({"copy", source().at("one"), at("into")}));
  ROBOSYNC_EXPECT_SAME_TREE(source().at("one"), into.at("one"));
  EXPECT_EQ("b", read_file(into.at("bystander")));
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"verify", source().at("one"), at("into")}));
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"verify", source().at("one"), at("new-name")}));
  into.file("one", "different");
  ROBOSYNC_EXPECT_EXIT(kExitDifferent, robosync({"verify", source().at("one"), at("into")}));
}

TEST_F(SingleFile, Row14_AMirrorOfOneFileDeletesNothingBesideIt) {
  source().file("one", "content");
  TreeBuilder into(at("into"));
  into.file("bystander", "b").file("sub/bystander", "b");
  ROBOSYNC_EXPECT_EXIT(kExitOk, robosync({"mirror", source().at("one"), at("into")}));
  EXPECT_EQ("b", read_file(into.at("bystander")));
  EXPECT_EQ("b", read_file(into.at("sub/bystander")));
  EXPECT_EQ("content", read_file(into.at("one")));
}

TEST_F(SingleFile, Row14_NothingChangedNothingThereAndNothingMatchedAreToldApart) {
  source().file("one", "content");
  ROBOSYNC_ASSERT_EXIT(kExitOk, robosync({"copy", source().at("one"), at("copy")}));
  const auto last_words = [](const Finished& finished) {
    EXPECT_EQ(kExitOk, finished.exit_code) << finished.describe();
    return finished.out + finished.err;
  };
  EXPECT_NE(std::string::npos,
            last_words(robosync({"copy", source().at("one"), at("copy")})).find("up to date"));
  const TreeBuilder empty(at("empty"));
  EXPECT_NE(std::string::npos,
            last_words(robosync({"copy", at("empty/"), at("x")})).find("source is empty"));
  EXPECT_NE(std::string::npos,
            last_words(robosync({"copy", "--exclude=*", source_slash(), at("y")}))
                .find("nothing matched"));
}

TEST_F(SingleFile, Row14_EveryKindOfSingleEntry) {
  source().symlink("link", "nowhere").fifo("fifo", 0640);
  for (const char* name : {"link", "fifo"}) {
    const std::string to = at(std::string("copy-of-") + name);
    ROBOSYNC_ASSERT_EXIT(kExitOk, robosync({"copy", source().at(name), to}));
    ROBOSYNC_EXPECT_SAME_TREE(source().at(name), to);
    ROBOSYNC_ASSERT_EXIT(kExitOk, robosync({"move", source().at(name), at("moved/")}));
    EXPECT_FALSE(exists(source().at(name)));
    EXPECT_TRUE(exists(at("moved/") + name));
  }
}

}  // namespace
}  // namespace robosync::e2e
