// Deletions: last, only on the strength of a complete scan, never what is protected or guarded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using fs::Operation;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

tree::FilterArgument rule(const std::string& text) {
  return {tree::FilterArgument::Form::kRule, text};
}

class Mirror : public SyncTest {
 protected:
  Mirror() {
    memory.build("/src", "a = 1\nd/b = 2\n");
    memory.build("/dst", "x = extra\nd/y = extra\ngone/w = extra\ngone/sub/v = extra\n");
  }
};

TEST_F(Mirror, DeletionsComeAfterTheLastWrite) {
  memory.build("/src", "late/z = written by the last directory\n");
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "ok");
  bool deleting = false;
  for (const fs::OperationRecord& record : faulty.log().records()) {
    const bool removes = record.operation == Operation::kRemoveFile ||
                         record.operation == Operation::kRemoveDirectory;
    deleting |= removes;
    if (!deleting || !fs::is_change(record.operation) || removes) continue;
    EXPECT_EQ(record.operation, Operation::kSetMetadata) << record.text();
  }
  EXPECT_TRUE(deleting);
  EXPECT_EQ(target(), source());
}

TEST_F(Mirror, TwiceChangesNothing) {
  (void)run(Verb::kMirror);
  memory.log().clear();
  const Report report = run(Verb::kMirror);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  EXPECT_EQ(report.counters.deleted.total(), 0U);
  EXPECT_THAT(observer.asked, IsEmpty());
}

TEST_F(Mirror, NotConfirmedDeletesNothing) {
  observer.confirm = false;
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "guarded");
  ASSERT_EQ(observer.asked.size(), 1U);
  EXPECT_EQ(observer.asked[0].entries, 6U);
  EXPECT_GE(observer.asked[0].target_entries, 6U);
  EXPECT_EQ(report.counters.deleted.total(), 0U);
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("gone/sub/v = extra"));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("d/b = 2"));
}

TEST_F(Mirror, TheLimitCountsSubtreesAndIsAllOrNothing) {
  Request request = this->request(Verb::kMirror);
  request.delete_limit.count = 5;  // there are six
  const Report stopped = run(request);
  EXPECT_EQ(to_string(stopped.outcome), "guarded");
  EXPECT_EQ(stopped.counters.deleted.total(), 0U);
  EXPECT_THAT(observer.warnings, Contains(HasSubstr("--max-delete")));
  EXPECT_THAT(observer.asked, IsEmpty());
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("x = extra"));
  request.dry_run = true;
  EXPECT_EQ(to_string(run(request).outcome), "guarded");
  EXPECT_THAT(observer.lines, Not(Contains(HasSubstr("deleted"))));
  request.dry_run = false;
  request.delete_limit.count = 6;
  const Report done = run(request);
  EXPECT_EQ(to_string(done.outcome), "ok");
  EXPECT_EQ(done.counters.deleted.total(), 6U);
}

TEST_F(Mirror, TheLimitMayBeNone) {
  Request request = this->request(Verb::kMirror);
  request.delete_limit.count = 0;
  EXPECT_EQ(to_string(run(request).outcome), "guarded");
  remove("/dst", "x");
  remove("/dst/d", "y");
  remove("/dst/gone/sub", "v");
  remove("/dst/gone", "w");
  ASSERT_TRUE((*memory.open_root("/dst/gone"))->remove_directory("sub"));
  ASSERT_TRUE((*memory.open_root("/dst"))->remove_directory("gone"));
  EXPECT_EQ(to_string(run(request).outcome), "ok") << "nothing to delete is no more than none";
}

TEST_F(Mirror, TheLimitInPercentAtItsEdge) {
  fs::MemoryFileSystem fresh;
  fresh.build("/src", "k0\nk1\nk2\nk3\nk4\nk5\n");
  for (const auto& [percent, outcome] :
       {std::pair{39.9, "guarded"}, std::pair{40.0, "ok"}, std::pair{0.0, "ok"}}) {
    if (percent != 0.0) {
      fresh.build("/dst" + std::to_string(static_cast<int>(percent)),
                  "k0\nk1\nk2\nk3\nk4\nk5\ne0\ne1\ne2\ne3\n");
    }
    Request request = this->request(Verb::kMirror);
    // The last round finds the target without extras.
    request.target = "/dst" + std::to_string(percent == 0.0 ? 40 : static_cast<int>(percent));
    request.delete_limit.percent = percent;
    Recorder silent;
    const auto report = sync_on(fresh, request, silent, cancellation);
    ASSERT_TRUE(report);
    EXPECT_EQ(to_string(report->outcome), outcome) << percent;
  }
}

TEST_F(Mirror, AnEmptySourceIsNotTakenAtItsWord) {
  memory.build("/empty", "");
  Request request = this->request(Verb::kMirror);
  request.sources = {"/empty/"};
  const std::string before = target();
  for (const bool dry : {true, false}) {
    request.dry_run = dry;
    const Report report = run(request);
    EXPECT_EQ(to_string(report.outcome), "guarded");
    EXPECT_THAT(observer.warnings, Contains(HasSubstr("--allow-empty-source")));
    EXPECT_EQ(target(), before);
  }
  request.allow_empty_source = true;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target(), "");
}

TEST_F(Mirror, AnEmptyNamedSourceIsNotTakenAtItsWordEither) {
  memory.build("/empty", "");
  memory.build("/dst/empty", "precious = 1\n");
  Request request = this->request(Verb::kMirror);
  request.sources = {"/empty"};
  EXPECT_EQ(to_string(run(request).outcome), "guarded");
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("precious"));
}

TEST_F(Mirror, AnEmptyVolumeInPlaceOfTheSource) {
  memory.build("/mnt", "");
  memory.mount("/mnt", {});
  Request request = this->request(Verb::kMirror);
  request.sources = {"/mnt/"};
  EXPECT_EQ(to_string(run(request).outcome), "guarded");
}

TEST_F(Mirror, ExcludedEntriesAreProtected) {
  memory.build("/dst", "keep.o = excluded\nrest/deep/keep.o = excluded\nrest/other = extra\n");
  Request request = this->request(Verb::kMirror);
  request.filters = {rule("- *.o")};
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(target(kNamesAndContents),
            "a = 1\nd/\nd/b = 2\nkeep.o = excluded\nrest/\nrest/deep/\nrest/deep/keep.o = "
            "excluded\n");
  request.delete_excluded = true;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target(), source());
}

TEST_F(Mirror, WhatLiesBeneathAFollowedLinkIsInTheSource) {
  memory.build("/elsewhere", "in.txt = text\nin.log = log\n");
  memory.build("/src", "docs -> /elsewhere\nlost -> /nowhere\n");
  memory.build("/dst", "docs/in.txt = text\ndocs/gone.txt = g\nlost/there.txt = t\n");
  Request request = this->request(Verb::kMirror);
  request.links = LinkPolicy::kFollow;
  request.filters = {rule("+ */"), rule("+ *.txt"), rule("- *")};
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(target(kNamesAndContents),
            "d/\nd/y = extra\ndocs/\ndocs/in.txt = text\ngone/\ngone/sub/\ngone/sub/v = extra\n"
            "gone/w = extra\nlost/\nlost/there.txt = t\nx = extra\n");
}

TEST_F(Mirror, AFilterFileThatCannotBeReadMeansNoDeletion) {
  memory.build("/src/d", ".rules = - secret\n");
  memory.build("/dst/d", "secret = protected\n");
  Request request = this->request(Verb::kMirror);
  request.filters = {rule(": .rules")};
  faulty.add({.operation = Operation::kOpenFile,
              .path = "/src/d/.rules",
              .times = fs::kEveryTime,
              .error = fs::fault(EACCES)});
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_TRUE(report.deletions_withheld);
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("d/secret = protected"));
}

TEST_F(Mirror, ADirectoryInTheWayWithAProtectedEntryStays) {
  memory.build("/dst", "a/keep.o = protected\n");
  Request request = this->request(Verb::kMirror);
  request.filters = {rule("- *.o")};
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("a"));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("a/keep.o = protected"));
  EXPECT_TRUE(adds_up(report.counters));
}

// The same where there is nothing else to delete.
TEST_F(Mirror, ADirectoryInTheWayIsToldAlsoWhenNothingIsDeleted) {
  fs::MemoryFileSystem fresh;
  fresh.build("/src", "a = 1\n");
  fresh.build("/dst", "a/keep.o = protected\n");
  Request request = this->request(Verb::kMirror);
  request.filters = {rule("- *.o")};
  Recorder seen;
  const auto report = sync_on(fresh, request, seen, cancellation);
  ASSERT_TRUE(report);
  EXPECT_EQ(to_string(report->outcome), "partial");
  EXPECT_TRUE(adds_up(report->counters));
}

TEST_F(Mirror, ADirectoryInTheWayStaysWhenDeletionsAreGuardedOrWithheld) {
  memory.build("/dst", "a/inner = 1\n");
  observer.confirm = false;
  Report report = run(Verb::kMirror);
  EXPECT_NE(to_string(report.outcome), "ok") << "an entry was not transferred";
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("a/inner = 1"));
  observer.confirm = true;
  faulty.add({.operation = Operation::kList, .path = "/src/d", .error = fs::fault(EIO)});
  report = run(Verb::kMirror);
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("a/inner = 1"));
}

TEST_F(Mirror, ADirectoryInTheWayComesBackWhenItsSuccessorFails) {
  memory.build("/dst", "a/inner/deep = 1\n");
  faulty.add({.operation = Operation::kOpenFile,
              .path = "/src/a",
              .times = fs::kEveryTime,
              .error = fs::fault(EACCES)});
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("a/inner/deep = 1"));
  EXPECT_FALSE(has_staging(target()));
  EXPECT_THAT(observer.lines, Not(Contains("deleted directory a")));
}

TEST_F(Mirror, AFailingDeletionIsReportedAndTheRestGoesOn) {
  faulty.add(
      {.operation = Operation::kRemoveFile, .path = "/dst/gone/sub/v", .error = fs::fault(EPERM)});
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("gone/sub/v = extra"));
  EXPECT_THAT(target(kNamesAndContents), Not(HasSubstr("gone/w")));
  EXPECT_EQ(report.counters.deleted.files, 3U);
}

TEST_F(Mirror, DirectoriesTheOwnerMayNotReadAreDeletedAndCounted) {
  memory.set_privileges(fs::ordinary_user(0));
  run_cleanly(request(Verb::kMirror));
  memory.build("/dst", "closed/f1 = 1\nclosed/f2 = 1\n");
  ASSERT_TRUE((*memory.open_root("/dst"))->set_entry_metadata("closed", {.mode = 0}));
  Request request = this->request(Verb::kMirror);
  request.delete_limit.count = 2;
  EXPECT_EQ(to_string(run(request).outcome), "guarded") << "there are three";
  request.delete_limit.count = 3;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(report.counters.deleted.total(), 3U);
  EXPECT_EQ(target(kNamesAndContents), source(kNamesAndContents));
}

// A target that takes names for one that the source tells apart.
class Collision : public SyncTest {
 protected:
  Collision() {
    memory.build("/src", "");
    memory.build("/dst", "");
    memory.mount("/dst", {.name_case = fs::NameCase::kInsensitive});
  }
};

TEST_F(Collision, TwoNamesOfTheSource) {
  memory.build("/src", "A.txt = upper\na.txt = lower\nd/B = upper\nd/b = lower\n");
  for (int round = 0; round < 2; ++round) {
    const Report report = run(Verb::kMirror);
    EXPECT_EQ(to_string(report.outcome), "partial");
    EXPECT_THAT(problem_paths(), ElementsAre("a.txt", "d/b"));
    EXPECT_EQ(target(kNamesAndContents), "A.txt = upper\nd/\nd/B = upper\n");
    EXPECT_EQ(report.counters.deleted.total(), 0U);
    EXPECT_TRUE(adds_up(report.counters));
  }
}

TEST_F(Collision, AnExistingFileIsNeitherOverwrittenNorDeleted) {
  memory.build("/src", "Name = new\nother\n");
  memory.build("/dst", "name = old\n");
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(target(kNamesAndContents), "name = old\nother\n");
}

// Where the target says that it ignores case, what answers to a name is what has it.
class IgnoredCase : public SyncTest {
 protected:
  IgnoredCase() {
    memory.build("/src", "");
    memory.build("/dst", "");
    memory.mount("/dst", {.name_case = fs::NameCase::kInsensitive, .tells_case = true});
  }
};

TEST_F(IgnoredCase, AnotherSpellingIsTheSameEntry) {
  memory.build("/src", "Dir/f = new\nName = changed\nSame\nextra/");
  memory.build("/dst", "DIR/F = old\nname = before\nSAME\ngone\n");
  for (const Verb verb : {Verb::kCopy, Verb::kMirror}) {
    const Report report = run(verb);
    EXPECT_EQ(to_string(report.outcome), "ok");
    EXPECT_EQ(report.counters.deleted.total(), verb == Verb::kMirror ? 1U : 0U);
  }
  const std::string after = target(kNamesAndContents);
  EXPECT_NE(after.find(" = changed"), std::string::npos) << after;
  EXPECT_NE(after.find(" = new"), std::string::npos) << after;
  EXPECT_EQ(after.find("gone"), std::string::npos) << after;
  const Report again = run(Verb::kMirror);
  EXPECT_EQ(again.counters.updated.total() + again.counters.deleted.total(), 0U);
}

TEST_F(IgnoredCase, TwoNamesOfTheSourceAreStillTwo) {
  memory.build("/src", "A.txt = upper\na.txt = lower\n");
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "partial");
  // Over a connection several appliers write: which of the two comes first is not decided.
  ASSERT_EQ(problem_paths().size(), 1U);
  const bool upper = problem_paths()[0] == "a.txt";
  EXPECT_EQ(problem_paths()[0], upper ? "a.txt" : "A.txt");
  EXPECT_EQ(target(kNamesAndContents), upper ? "A.txt = upper\n" : "a.txt = lower\n");
}

// A share that says so may hold names that differ in case only all the same: deleting one of them
// by its name might hit another.
TEST_F(IgnoredCase, OfTwoNamesOfTheTargetTheExactOneIsMeantAndTheOtherStays) {
  memory.build("/share", "");
  memory.mount("/share", {.tells_case = true});
  memory.build("/src", "a = new\n");
  memory.build("/share", "a = old\nA = other\ngone\n");
  Request request = this->request(Verb::kMirror);
  request.target = "/share";
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("A"));
  EXPECT_EQ(report.counters.deleted.total(), 1U) << "what nobody asks for goes";
  EXPECT_EQ(memory.dump("/share", kNamesAndContents), "A = other\na = new\n");
}

TEST_F(IgnoredCase, OfTwoNamesOfTheTargetNeitherIsMeantByAThird) {
  memory.build("/share", "");
  memory.mount("/share", {.tells_case = true});
  memory.build("/src", "ab = new\n");
  memory.build("/share", "aB = one\nAb = other\n");
  Request request = this->request(Verb::kMirror);
  request.target = "/share";
  EXPECT_EQ(to_string(run(request).outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("Ab", "aB"));
  EXPECT_EQ(memory.dump("/share", kNamesAndContents), "Ab = other\naB = one\nab = new\n");
}

// As macOS does: no rule that is known here tells that the two are one name.
class Normalised : public SyncTest {};

TEST_F(Normalised, AnotherEncodingIsTheSameEntry) {
  memory.build("/src", "\\xc3\\xa9 = changed\n");
  for (const bool tells_case : {false, true}) {
    SCOPED_TRACE(tells_case);
    memory.build(tells_case ? "/other" : "/dst", "");
    Request request = this->request(Verb::kMirror);
    request.target = tells_case ? "/other" : "/dst";
    memory.mount(request.target, {.tells_case = tells_case, .normalises = true});
    memory.build(request.target, "e\\xcc\\x81 = old\ngone\n");
    EXPECT_EQ(to_string(run(request).outcome), "ok");
    EXPECT_NE(memory.dump(request.target, kNamesAndContents).find(" = changed\n"),
              std::string::npos);
    const Report again = run(request);
    EXPECT_EQ(to_string(again.outcome), "ok");
    EXPECT_EQ(again.counters.updated.total() + again.counters.deleted.total(), 0U);
  }
}

TEST_F(Normalised, AnotherEncodingOfWhatIsLeftOutStays) {
  memory.build("/src", "\\xc3\\xa9 size=100\n");
  memory.build("/dst", "");
  memory.mount("/dst", {.normalises = true});
  memory.build("/dst", "e\\xcc\\x81 = kept\n");
  Request request = this->request(Verb::kMirror);
  request.size_max = 10;
  request.allow_empty_source = true;
  run(request);
  EXPECT_EQ(target(kNamesAndContents), "e\\xcc\\x81 = kept\n");
}

TEST_F(Normalised, TwoNamesOfTheSourceAreStillTwo) {
  memory.build("/src", "\\xc3\\xa9 = composed\ne\\xcc\\x81 = decomposed\n");
  memory.build("/dst", "");
  memory.mount("/dst", {.tells_case = true, .normalises = true});
  memory.build("/dst", "e\\xcc\\x81 = old\n");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(to_string(run(Verb::kMirror).outcome), "partial");
    EXPECT_EQ(problem_paths(), std::vector<std::string>{"\xc3\xa9"});
    EXPECT_EQ(target(kNamesAndContents), "e\\xcc\\x81 = decomposed\n");
  }
}

TEST_F(Collision, AnExistingDirectoryIsNotDeleted) {
  memory.build("/src", "Dir/f = new\nother\n");
  memory.build("/dst", "dir/f = old\n");
  for (const bool staged : {true, false}) {
    Request request = this->request(Verb::kMirror);
    request.fast_paths.staged_directories = staged;
    const Report report = run(request);
    EXPECT_EQ(to_string(report.outcome), "partial");
    EXPECT_EQ(target(kNamesAndContents), "dir/\ndir/f = old\nother\n");
    EXPECT_FALSE(has_staging(target()));
  }
}

TEST_F(Collision, LinksNodesAndHardLinksToo) {
  memory.build("/src", "L -> x\nP |\nh1 = linked\nH2 => h1\n");
  memory.build("/dst", "l -> y\np = file\nh2 = file\n");
  Request request = this->request(Verb::kMirror);
  request.keep_hard_links = true;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("H2", "L", "P"));
  EXPECT_EQ(target(kNamesAndContents), "h1 = linked\nh2 = file\nl -> y\np = file\n");
}

}  // namespace
}  // namespace robosync
