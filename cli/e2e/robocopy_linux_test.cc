// `robosync robocopy` on real trees: what is copied, deleted and moved, and the exit codes.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {
namespace {

using Names = std::vector<std::string>;

class Robocopy : public EndToEnd {
 protected:
  Finished robocopy(const Arguments& switches) {
    Arguments arguments = {"robocopy", source().root(), target_path()};
    arguments.insert(arguments.end(), switches.begin(), switches.end());
    return robosync(arguments);
  }
  void fill() {
    source().file("a.txt", "1").file("b.log", "22").file("sub/c.txt", "333");
    source().file("sub/deep/d.log", "4").directory("hollow");
  }
};

TEST_F(Robocopy, CopiesTheTopDirectoryAlone) {
  fill();
  ROBOSYNC_EXPECT_EXIT(1, robocopy({}));
  EXPECT_EQ((Names{"a.txt", "b.log"}), names_in(target_path()));
  ROBOSYNC_EXPECT_EXIT(0, robocopy({}));
}

TEST_F(Robocopy, SLeavesOutEmptyDirectoriesAndEDoesNot) {
  fill();
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/S"}));
  EXPECT_FALSE(exists(target().at("hollow")));
  EXPECT_TRUE(exists(target().at("sub/deep/d.log")));
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/e", "/dcopy:dat"}));
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
}

TEST_F(Robocopy, LevCopiesTheTopLevels) {
  fill();
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/S", "/LEV:2"}));
  EXPECT_EQ((Names{"a.txt", "b.log", "sub", "sub/c.txt"}), names_in(target_path()));
}

TEST_F(Robocopy, MirDeletesAndReportsExtras) {
  fill();
  target().file("old.txt", "o").file("gone/x", "x");
  const Finished finished = robocopy({"/MIR"});
  ROBOSYNC_EXPECT_EXIT(3, finished);
  EXPECT_EQ(names_in(source().root()), names_in(target_path()));
  EXPECT_NE(finished.out.find("*EXTRA File"), std::string::npos) << finished.out;
  EXPECT_NE(finished.out.find("*EXTRA Dir"), std::string::npos) << finished.out;
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/MIR"}));
  target().file("old.txt", "o");
  ROBOSYNC_EXPECT_EXIT(2, robocopy({"/MIR"}));
}

TEST_F(Robocopy, AnEmptySourceEmptiesNoTarget) {
  target().file("a.txt", "1");
  ROBOSYNC_EXPECT_EXIT(8, robocopy({"/MIR"}));
  EXPECT_EQ((Names{"a.txt"}), names_in(target_path()));
}

TEST_F(Robocopy, ARunWithoutPurgeDeletesNothing) {
  fill();
  target().file("old.txt", "o");
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E"}));
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/MIR", "/XX"}));
  EXPECT_TRUE(exists(target().at("old.txt")));
}

TEST_F(Robocopy, PurgeAloneLooksAtTheTopDirectoryOnly) {
  fill();
  target().file("old.txt", "o").file("sub/kept", "k").file("other/kept", "k");
  ROBOSYNC_EXPECT_EXIT(3, robocopy({"/PURGE"}));
  EXPECT_EQ((Names{"a.txt", "b.log", "other", "other/kept", "sub", "sub/kept"}),
            names_in(target_path()));
}

TEST_F(Robocopy, NocopyAndPurgeOnlyDelete) {
  fill();
  target().file("old.txt", "o").file("a.txt", "another");
  ROBOSYNC_EXPECT_EXIT(2, robocopy({"/NOCOPY", "/PURGE", "/E"}));
  EXPECT_EQ((Names{"a.txt"}), names_in(target_path()));
  EXPECT_EQ("another", read_file(target().at("a.txt")));
}

TEST_F(Robocopy, XfAndXdLeaveOutAndProtect) {
  fill();
  target().file("mine.log", "m").file("deep/x", "x");
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/MIR", "/XF", "*.log", "/XD", "deep", "hollow"}));
  EXPECT_EQ((Names{"a.txt", "deep", "deep/x", "mine.log", "sub", "sub/c.txt"}),
            names_in(target_path()));
}

TEST_F(Robocopy, XdTakesPathsOfTheSource) {
  fill();
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E", "/XD", source().at("sub/deep"), "hollow"}));
  EXPECT_EQ((Names{"a.txt", "b.log", "sub", "sub/c.txt"}), names_in(target_path()));
}

TEST_F(Robocopy, FileNamesSelect) {
  fill();
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"*.txt", "/S"}));
  EXPECT_EQ((Names{"a.txt", "sub", "sub/c.txt"}), names_in(target_path()));
}

// Lines of the output that name an extra, by name.
Names extras_of(const Finished& finished) {
  Names names;
  std::istringstream lines(finished.out);
  for (std::string line; std::getline(lines, line);) {
    if (line.find("*EXTRA") != std::string::npos)
      names.push_back(line.substr(line.rfind('\t') + 1));
  }
  std::ranges::sort(names);
  return names;
}

TEST_F(Robocopy, XShowsExtrasThatAreNotSelectedAndDeletesNoMore) {
  fill();
  target().file("old.txt", "o").file("old.log", "o").file("sub/old.log", "o");
  Finished finished = robocopy({"*.txt", "/S", "/X"});
  ROBOSYNC_EXPECT_EXIT(3, finished);
  EXPECT_EQ((Names{"old.log", "old.txt", "sub/old.log"}), extras_of(finished));
  finished = robocopy({"*.txt", "/MIR", "/X"});
  ROBOSYNC_EXPECT_EXIT(2, finished);
  EXPECT_EQ((Names{"old.log", "old.txt", "sub/old.log"}), extras_of(finished));
  EXPECT_TRUE(exists(target().at("old.log")));
  EXPECT_FALSE(exists(target().at("old.txt")));
  finished = robocopy({"/MOVE", "/S", "/X", "/XD", "deep"});
  ROBOSYNC_EXPECT_EXIT(3, finished);
  EXPECT_EQ((Names{"old.log", "sub/old.log"}), extras_of(finished));
}

TEST_F(Robocopy, FilesBeneathLinksAreSelectedAndNotDeleted) {
  fill();
  TreeBuilder elsewhere(at("elsewhere"));
  elsewhere.file("in.txt", "in").file("in.log", "in");
  source().symlink("docs", elsewhere.root());
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"*.txt", "/S"}));
  EXPECT_EQ((Names{"a.txt", "docs", "docs/in.txt", "sub", "sub/c.txt"}), names_in(target_path()));
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"*.txt", "/MIR", "/XD", "hollow", "deep"}));
  EXPECT_EQ((Names{"a.txt", "docs", "docs/in.txt", "sub", "sub/c.txt"}), names_in(target_path()));
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"*.txt", "/MIR", "/XJD", "/XD", "hollow", "deep"}));
  EXPECT_TRUE(exists(target().at("docs/in.txt"))) << "left out, so not to be deleted";
}

TEST_F(Robocopy, LChangesNothing) {
  fill();
  target().file("old.txt", "o");
  const Finished finished = robocopy({"/MIR", "/L"});
  ROBOSYNC_EXPECT_EXIT(3, finished);
  EXPECT_EQ((Names{"old.txt"}), names_in(target_path()));
  EXPECT_NE(finished.out.find("New File"), std::string::npos) << finished.out;
}

TEST_F(Robocopy, MovMovesFilesAndMoveDirectories) {
  fill();
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/MOV"}));
  EXPECT_EQ((Names{"hollow", "sub", "sub/c.txt", "sub/deep", "sub/deep/d.log"}),
            names_in(source().root()));
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/MOVE", "/E"}));
  EXPECT_EQ(Names{}, names_in(source().root()));
  EXPECT_TRUE(exists(target().at("sub/deep/d.log")) && exists(target().at("hollow")));
}

TEST_F(Robocopy, MoveRemovesWhatHasLandedBefore) {
  source().file("a", "1");
  target().file("a", "1");
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/MOV"}));
  EXPECT_EQ(Names{}, names_in(source().root()));
}

TEST_F(Robocopy, ClassesOfFilesAreToldApart) {
  source().file("newer", "1", 0644, kNewTime).file("older", "1").file("changed", "longer");
  source().file("lonely", "1").file("same", "1");
  target().file("newer", "0").file("older", "0", 0644, kNewTime).file("changed", "0");
  target().file("same", "1");
  const Finished finished = robocopy({"/L", "/V", "/NS", "/NJH", "/NJS", "/NDL"});
  ROBOSYNC_EXPECT_EXIT(1, finished);
  EXPECT_EQ((Names{"\t    Changed   \tchanged", "\t    New File  \tlonely",
                   "\t    Newer     \tnewer", "\t    Older     \tolder", "\t    same      \tsame"}),
            sorted_lines(finished.out));
}

TEST_F(Robocopy, XoXlAndTheThreeClassesTogether) {
  source().file("newer", "1", 0644, kNewTime).file("older", "1").file("lonely", "1");
  target().file("newer", "0").file("older", "0", 0644, kNewTime);
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/XC", "/XN", "/XO", "/XL"}));
  EXPECT_EQ("0", read_file(target().at("newer")));
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/XO", "/XL"}));
  EXPECT_EQ("1", read_file(target().at("newer")));
  EXPECT_EQ("0", read_file(target().at("older")));
  EXPECT_FALSE(exists(target().at("lonely")));
}

TEST_F(Robocopy, EachClassCanBeLeftAlone) {
  source().file("newer", "1", 0644, kNewTime).file("older", "1").file("changed", "longer");
  target().file("newer", "0").file("older", "0", 0644, kNewTime).file("changed", "0");
  const auto contents = [&] {
    return read_file(target().at("newer")) + read_file(target().at("older")) +
           read_file(target().at("changed"));
  };
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/XC", "/XN", "/XO"}));
  EXPECT_EQ("000", contents());
  const Finished listed = robocopy({"/XC", "/XN", "/L", "/V", "/NS", "/NJH", "/NJS", "/NDL"});
  EXPECT_EQ(
      (Names{"\t    Older     \tolder", "\t    changed   \tchanged", "\t    newer     \tnewer"}),
      sorted_lines(listed.out));
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/XC", "/XN"}));
  EXPECT_EQ("010", contents());
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/XC"}));
  EXPECT_EQ("110", contents());
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/XN"}));
  EXPECT_EQ("11longer", contents());
}

TEST_F(Robocopy, DstTakesAnHourForNoDifference) {
  source().file("a", "1", 0644, {kNewTime.tv_sec + 3600, kNewTime.tv_nsec});
  source().file("b", "1", 0644, {kNewTime.tv_sec + 3601, kNewTime.tv_nsec});
  target().file("a", "0", 0644, kNewTime).file("b", "0", 0644, kNewTime);
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/DST"}));
  EXPECT_EQ("0", read_file(target().at("a")));
  EXPECT_EQ("1", read_file(target().at("b")));
  EXPECT_EQ(kNewTime.tv_sec, read_tree(target_path()).at("a").time.tv_sec);
}

TEST_F(Robocopy, LinksToFilesAndToDirectoriesAreLeftOutEachByItself) {
  source().file("a", "1").symlink("link", "a").file("sub/b", "2").symlink("dir", "sub");
  source().symlink("nowhere", "none");
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E", "/XJF"}));
  EXPECT_EQ((Names{"a", "dir", "dir/b", "sub", "sub/b"}), names_in(target_path()));
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E", "/XJD", "/SL"}));
  EXPECT_EQ("a", read_tree(target_path()).at("link").link_target);
  EXPECT_EQ("none", read_tree(target_path()).at("nowhere").link_target);
  EXPECT_TRUE(read_tree(target_path()).at("dir").link_target.empty());
}

TEST_F(Robocopy, CreateMakesEmptyFilesAndTouchesNoOther) {
  fill();
  target().file("a.txt", "mine");
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E", "/CREATE"}));
  EXPECT_EQ("mine", read_file(target().at("a.txt")));
  EXPECT_EQ("", read_file(target().at("sub/c.txt")));
  EXPECT_EQ(read_tree(source().root()).at("sub/c.txt").time.tv_sec,
            read_tree(target_path()).at("sub/c.txt").time.tv_sec);
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/E", "/CREATE"}));
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E"}));
  EXPECT_EQ("333", read_file(target().at("sub/c.txt")));
}

TEST_F(Robocopy, LinksAreFollowedUnlessTold) {
  source().file("a", "1").symlink("link", "a").file("sub/b", "2").symlink("dir", "sub");
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/XJ"}));
  EXPECT_EQ((Names{"a"}), names_in(target_path()));
  // A link to a directory counts as one, and only the top directory is copied.
  ROBOSYNC_EXPECT_EXIT(1, robocopy({}));
  EXPECT_EQ((Names{"a", "link"}), names_in(target_path()));
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E"}));
  EXPECT_EQ((Names{"a", "dir", "dir/b", "link", "sub", "sub/b"}), names_in(target_path()));
}

TEST_F(Robocopy, SlCopiesLinks) {
  source().file("a", "1").symlink("link", "a");
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/SL"}));
  EXPECT_EQ("a", read_tree(target_path()).at("link").link_target);
}

TEST_F(Robocopy, DirectoryTimesAreKeptWithDcopyTOnly) {
  source().file("d/x", "1").time("d", kOldTime);
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E"}));
  EXPECT_NE(kOldTime.tv_sec, read_tree(target_path()).at("d").time.tv_sec);
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/E", "/DCOPY:DAT"}));
  EXPECT_EQ(kOldTime.tv_sec, read_tree(target_path()).at("d").time.tv_sec);
}

TEST_F(Robocopy, FailuresAndMismatchesHaveTheirBits) {
  source().file("a", "1").file("clash", "2");
  target().file("clash/in the way", "x");
  const Finished left = robocopy({});
  ROBOSYNC_EXPECT_EXIT(1 + 4, left);
  EXPECT_NE(left.out.find("\n\t  *Mismatch   \t\t       1\tclash\n"), std::string::npos)
      << left.out;
  EXPECT_NE(left.out.find("   Files :         2         1         0         1         0         0"),
            std::string::npos)
      << left.out;
  EXPECT_EQ("1", read_file(target().at("a")));
  ROBOSYNC_EXPECT_EXIT(4 + 8, robocopy({"/MIR", "/XF", "in the way"}));
  EXPECT_TRUE(exists(target().at("clash/in the way")));
}

TEST_F(Robocopy, ItIncludesFilesOfWhichOnlyMetadataDiffers) {
  source().file("a", "1", 0600);
  target().file("a", "1", 0644);
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/XC", "/XN", "/XO"}));
  EXPECT_EQ(0644U, read_tree(target_path()).at("a").mode);
  const Finished finished = robocopy({"/XC", "/XN", "/XO", "/IT", "/NJH", "/NJS", "/NDL"});
  ROBOSYNC_EXPECT_EXIT(0, finished);
  EXPECT_EQ("\t    Tweaked   \t\t       1\ta\n", finished.out);
  EXPECT_EQ(0600U, read_tree(target_path()).at("a").mode);
}

TEST_F(Robocopy, AWordThatLeavesOutNothingIsSaid) {
  source().file("a", "1");
  const Finished finished = robocopy({"/XD", at("elsewhere")});
  ROBOSYNC_EXPECT_EXIT(1, finished);
  EXPECT_NE(finished.err.find("/XD: '" + at("elsewhere") + "' lies neither in SOURCE nor in"),
            std::string::npos)
      << finished.err;
}

TEST_F(Robocopy, WhatCannotBeginIsFatal) {
  ROBOSYNC_EXPECT_EXIT(16, robosync({"robocopy", at("none"), target_path()}));
  const Finished finished = robocopy({"/B"});
  ROBOSYNC_EXPECT_EXIT(16, finished);
  EXPECT_NE(finished.err.find("/B: not supported"), std::string::npos) << finished.err;
}

TEST_F(Robocopy, OfTheAttributesReadOnlyIsTheOneThatFilesHaveHere) {
  source().file("plain", "1", 0644).file("readonly", "2", 0444).file("sub/readonly", "3", 0400);
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/E", "/IA:RA", "/XA:SH"}));
  EXPECT_EQ("2", read_file(target().at("readonly")));
  EXPECT_EQ("3", read_file(target().at("sub/readonly")));
  EXPECT_FALSE(read_tree(target_path()).contains("plain"));
  remove_tree(target_path());
  ROBOSYNC_EXPECT_EXIT(1, robocopy({"/A+:R", "/A-:SH"}));
  EXPECT_EQ(0444U, read_tree(target_path()).at("plain").mode);
  ROBOSYNC_EXPECT_EXIT(0, robocopy({"/A+:R"}));
  ROBOSYNC_EXPECT_EXIT(16, robocopy({"/A"}));
  const Finished hidden = robocopy({"/A+:H"});
  ROBOSYNC_EXPECT_EXIT(16, hidden);
  EXPECT_NE(hidden.err.find("target's files have no Windows attributes"), std::string::npos);
}

TEST_F(Robocopy, LogIsReplacedOrAppendedTo) {
  fill();
  const std::string log = at("run.log");
  EXPECT_EQ("Log file: " + log + "\n", robocopy({"/LOG:" + log, "/NJH"}).out);
  EXPECT_NE(read_file(log).find("New File"), std::string::npos);
  const Finished teed = robocopy({"/LOG+:" + log, "/TEE", "/V", "/NJH"});
  EXPECT_NE(teed.out.find("same"), std::string::npos) << teed.out;
  EXPECT_NE(read_file(log).find("New File"), std::string::npos);
  EXPECT_NE(read_file(log).find("same"), std::string::npos);
  EXPECT_EQ(0, robocopy({"/LOG:" + log, "/NJH", "/NJS"}).exit_code);
  EXPECT_EQ("", read_file(log));
}

TEST_F(Robocopy, CalledByThatNameItNeedsNoCommand) {
  fill();
  ASSERT_EQ(0, ::symlink(robosync_binary().c_str(), at("RoboCopy.exe").c_str()));
  const Finished finished =
      run({.arguments = {at("RoboCopy.exe"), source().root(), target_path(), "/E"}});
  ROBOSYNC_EXPECT_EXIT(1, finished);
  EXPECT_EQ(names_in(source().root()), names_in(target_path()));
}

}  // namespace
}  // namespace robosync::e2e
