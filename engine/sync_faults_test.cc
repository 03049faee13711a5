// What goes wrong in a run stays with its entry, is told, and never costs data.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using base::ErrorKind;
using fs::fault;
using fs::Operation;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Faults : public SyncTest {
 protected:
  Faults() {
    memory.build("/src", "a = alpha\nb = beta\nd/c = gamma\nd/e/f = delta\n");
    memory.build("/dst", "x = extra\nd/y = extra\nd/e/z = extra\ngone/w = extra\n");
  }

  // Whether everything that only the target has is still there.
  [[nodiscard]] bool extras_kept() const {
    const std::string text = target(kNamesAndContents);
    for (const char* extra : {"x = extra", "d/y = extra", "d/e/z = extra", "gone/w = extra"}) {
      if (text.find(extra) == text.npos) return false;
    }
    return true;
  }
};

TEST_F(Faults, AnUnreadableDirectoryMeansNoDeletionAtAll) {
  for (const Operation operation : {Operation::kOpenDirectory, Operation::kList}) {
    for (const int number : {EACCES, EIO, ENOMEM}) {
      faulty.clear();
      faulty.add({.operation = operation,
                  .path = "/src/d/e",
                  .times = fs::kEveryTime,
                  .error = fault(number)});
      const Report report = run(Verb::kMirror);
      EXPECT_EQ(to_string(report.outcome), "partial");
      EXPECT_TRUE(report.deletions_withheld);
      EXPECT_TRUE(extras_kept());
      EXPECT_THAT(problem_paths(), ElementsAre("d/e"));
      EXPECT_THAT(observer.warnings, Contains(HasSubstr("nothing was deleted")));
      EXPECT_EQ(faulty.unused(), "");
      EXPECT_TRUE(adds_up(report.counters));
    }
  }
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("d/c = gamma")) << "the rest was copied";
}

TEST_F(Faults, AnUnreadableDirectoryForAnOrdinaryUser) {
  memory.set_privileges(fs::ordinary_user(0));
  ASSERT_TRUE((*memory.open_root("/src/d"))->set_entry_metadata("e", {.mode = 0}));
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_TRUE(extras_kept());
}

TEST_F(Faults, AListingThatBreaksOffMeansNoDeletion) {
  faulty.add(
      {.operation = Operation::kList, .path = "/src", .nth = 2, .error = fault(EIO), .cut_to = 1});
  faulty.add({.operation = Operation::kList, .path = "/src/d", .error = fault(EIO), .cut_to = 1});
  const Report report = run(Verb::kMirror);
  EXPECT_TRUE(extras_kept());
  EXPECT_EQ(to_string(report.outcome), "partial");
}

TEST_F(Faults, AnEntryThatCannotBeLookedAtMeansNoDeletion) {
  faulty.add({.operation = Operation::kListEntry,
              .path = "/src/b",
              .times = fs::kEveryTime,
              .error = fault(EIO)});
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_TRUE(report.deletions_withheld);
  EXPECT_TRUE(extras_kept());
  EXPECT_THAT(problem_paths(), ElementsAre("b"));
}

TEST_F(Faults, ANameThatVanishedIsProtectedAndTheRestGoesOn) {
  memory.build("/dst/d", "c = older\n");
  faulty.add({.operation = Operation::kListEntry, .path = "/src/d/c", .vanish = true});
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "vanished");
  EXPECT_EQ(target(kNamesAndContents),
            "a = alpha\nb = beta\nd/\nd/c = older\nd/e/\nd/e/f = delta\n");
  EXPECT_FALSE(report.deletions_withheld);
}

TEST_F(Faults, AFileThatVanishesBetweenListAndOpen) {
  memory.build("/dst", "b = older\n");
  faulty.add({.operation = Operation::kOpenFile, .path = "/src/b", .vanish = true});
  faulty.add({.operation = Operation::kOpenFile, .path = "/src/d/c", .vanish = true});
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "vanished");
  EXPECT_EQ(target(kNamesAndContents), "a = alpha\nb = older\nd/\nd/e/\nd/e/f = delta\n");
  EXPECT_THAT(problem_paths(), ElementsAre("b", "d/c"));
  EXPECT_EQ(report.counters.failed.files, 2U);
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Faults, ADirectoryThatVanishes) {
  faulty.add({.operation = Operation::kOpenDirectory, .path = "/src/d/e", .vanish = true});
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "vanished");
  EXPECT_EQ(target(kNamesAndContents),
            "a = alpha\nb = beta\nd/\nd/c = gamma\nd/e/\nd/e/z = extra\n");
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Faults, VanishingAndAnErrorIsMoreThanVanished) {
  faulty.add({.operation = Operation::kOpenFile, .path = "/src/b", .vanish = true});
  faulty.add({.operation = Operation::kOpenFile, .path = "/src/a", .error = fault(EACCES)});
  EXPECT_EQ(to_string(run(Verb::kCopy).outcome), "partial");
}

TEST_F(Faults, OneBadFileDoesNotStopTheRun) {
  for (const Operation operation : {Operation::kOpenFile, Operation::kRead}) {
    faulty.clear();
    faulty.add({.operation = operation, .path = "/src/a", .error = fault(EIO)});
    const Report report = run(Verb::kCopy);
    EXPECT_EQ(to_string(report.outcome), "partial");
    EXPECT_THAT(problem_paths(), ElementsAre("a"));
    EXPECT_EQ(report.counters.failed.files, 1U);
    EXPECT_TRUE(adds_up(report.counters));
    EXPECT_THAT(target(kNamesAndContents), Not(HasSubstr("a = ")));
    EXPECT_THAT(target(kNamesAndContents), HasSubstr("d/e/f = delta"));
    EXPECT_FALSE(has_staging(target()));
  }
}

TEST_F(Faults, AVolumeFaultEndsTheRun) {
  for (const auto& [number, kind] :
       {std::pair{ENOSPC, ErrorKind::kNoSpace}, std::pair{EROFS, ErrorKind::kReadOnly},
        std::pair{ENODEV, ErrorKind::kDeviceGone}}) {
    for (const Operation operation :
         {Operation::kCreateFile, Operation::kWrite, Operation::kRename}) {
      faulty.clear();
      faulty.add({.operation = operation, .path = "/dst*", .error = fault(number)});
      const Report report = run(Verb::kMirror);
      EXPECT_EQ(to_string(report.outcome), "aborted");
      ASSERT_TRUE(report.fatal);
      EXPECT_EQ(report.fatal->kind, kind);
      EXPECT_TRUE(extras_kept()) << "deleted although the copy was not complete";
      EXPECT_FALSE(has_staging(target()));
    }
  }
}

TEST_F(Faults, ASmallVolumeFillsUp) {
  memory.build("/src", "huge = " + std::string(100'000, 'x') + "\n");
  memory.build("/small", "");
  memory.mount("/small", {.capacity_bytes = 50'000});
  Request request = this->request(Verb::kMirror);
  request.target = "/small";
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "aborted");
  EXPECT_EQ(report.fatal->kind, ErrorKind::kNoSpace);
  const std::string text = memory.dump("/small", kNamesAndContents);
  EXPECT_THAT(text, Not(HasSubstr("huge")));
  EXPECT_FALSE(has_staging(text));
  EXPECT_EQ(memory.open_handles(), 0U);
}

TEST_F(Faults, AReadOnlyVolume) {
  memory.build("/fixed", "");
  memory.mount("/fixed", {.read_only = true});
  Request request = this->request(Verb::kCopy);
  request.target = "/fixed";
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "aborted");
  EXPECT_EQ(report.fatal->kind, ErrorKind::kReadOnly);
}

// The source file is written to at the moment when its content is read.
class Changing : public Faults {
 protected:
  void change_while_read(const std::function<void()>& change, std::size_t times = 1) {
    for (const Operation operation : {Operation::kRead, Operation::kClone, Operation::kCopyRange}) {
      faulty.add({.operation = operation,
                  .path = operation == Operation::kRead ? "/src/a" : "/dst/*",
                  .times = times,
                  .after = change});
    }
  }
  [[nodiscard]] std::string copied() const {
    const auto root = memory.open_root("/dst");
    const auto content = fs::read_whole(**root, "a");
    return content ? *content : "(none)";
  }
  void check(const std::string& wanted) {
    const Report report = run(Verb::kCopy);
    EXPECT_EQ(to_string(report.outcome), "ok");
    EXPECT_EQ(copied(), wanted);
    EXPECT_GE(report.counters.retries, 1U);
    EXPECT_TRUE(adds_up(report.counters));
    EXPECT_EQ(to_string(run(Verb::kVerify).outcome), "different") << "only the extras";
    EXPECT_THAT(observer.lines, Contains("unchanged file a"));
  }
};

TEST_F(Changing, SameSize) {
  change_while_read([this] { write("/src", "a", "ALPHA"); });
  check("ALPHA");
}

TEST_F(Changing, Longer) {
  change_while_read([this] { write("/src", "a", "alphabet"); });
  check("alphabet");
}

TEST_F(Changing, Shorter) {
  change_while_read([this] { write("/src", "a", "al"); });
  check("al");
}

TEST_F(Changing, Emptied) {
  change_while_read([this] { write("/src", "a", ""); });
  check("");
}

TEST_F(Changing, ReplacedByAnother) {
  change_while_read([this] {
    const auto root = memory.open_root("/src");
    ASSERT_TRUE(fs::write_whole(**root, "new", "gamma"));
    ASSERT_TRUE((*root)->rename("new", **root, "a", fs::Replace::kYes));
  });
  // What was read is the old file, whole and unchanged: either of the two is right.
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_THAT(copied(), testing::AnyOf("alpha", "gamma"));
}

TEST_F(Changing, AllTheTimeIsReportedAndNeverCommitted) {
  int n = 0;
  change_while_read([this, &n] { write("/src", "a", "version " + std::to_string(++n)); },
                    fs::kEveryTime);
  Request request = this->request(Verb::kCopy);
  request.retries = 3;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("a"));
  EXPECT_EQ(report.problems[0].error.kind, ErrorKind::kChanged);
  EXPECT_EQ(copied(), "(none)");
  EXPECT_EQ(n, 4);
  EXPECT_FALSE(has_staging(target()));
}

TEST_F(Changing, BecameADirectory) {
  change_while_read([this] {
    remove("/src", "a");
    memory.build("/src/a", "inner = 1\n");
  });
  faulty.add({.operation = Operation::kOpenFile, .path = "/src/a", .error = fault(EBUSY)});
  const Report report = run(Verb::kCopy);
  EXPECT_THAT(copied(), testing::AnyOf("(none)", "alpha"));
  EXPECT_NE(to_string(report.outcome), "aborted");
}

TEST_F(Faults, TransientFaultsAreTriedAgain) {
  faulty.add(
      {.operation = Operation::kOpenFile, .path = "/src/a", .times = 2, .error = fault(EBUSY)});
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(report.counters.retries, 2U);
  faulty.clear();
  remove("/dst", "a");
  faulty.add(
      {.operation = Operation::kOpenFile, .path = "/src/a", .times = 3, .error = fault(EBUSY)});
  EXPECT_EQ(to_string(run(Verb::kCopy).outcome), "partial");
  faulty.clear();
  faulty.add(
      {.operation = Operation::kOpenFile, .path = "/src/a", .times = 1, .error = fault(EIO)});
  const Report once = run(Verb::kCopy);
  EXPECT_EQ(once.counters.retries, 0U) << "an I/O error does not go away";
}

TEST_F(Faults, TheWaitBeforeARetryDoublesOnlyWhenAsked) {
  faulty.add(
      {.operation = Operation::kOpenFile, .path = "/src/a", .times = 12, .error = fault(EBUSY)});
  Request request = this->request(Verb::kCopy);
  request.retries = 12;
  request.retry_wait = std::chrono::milliseconds(1);
  request.retry_wait_doubles = false;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_LT(report.elapsed, std::chrono::seconds(3)) << "doubled, it comes to four";
}

TEST_F(Faults, ShortKernelCopiesAndReadsAreContinued) {
  memory.build("/src", "big = " + std::string(200'000, 'k') + "\n");
  for (const bool kernel : {true, false}) {
    faulty.clear();
    faulty.add({.operation = kernel ? Operation::kCopyRange : Operation::kRead,
                .path = kernel ? "/dst/*" : "/src/big",
                .times = 5,
                .cut_to = 1000});
    Request request = this->request(Verb::kCopy);
    request.fast_paths.clone = false;
    request.fast_paths.copy_range = kernel;
    const Report report = run(request);
    EXPECT_EQ(to_string(report.outcome), "ok");
    EXPECT_EQ(faulty.unused(), "");
    EXPECT_EQ(to_string(run(Verb::kVerify).outcome), "different");
    EXPECT_THAT(observer.lines, Contains("unchanged file big"));
    remove("/dst", "big");
  }
}

TEST_F(Faults, AReadThatEndsEarlyFailsTheFile) {
  memory.build("/src", "big = " + std::string(200'000, 'k') + "\n");
  faulty.add({.operation = Operation::kRead,
              .path = "/src/big",
              .nth = 2,
              .times = fs::kEveryTime,
              .cut_to = 0});
  Request request = this->request(Verb::kCopy);
  request.fast_paths = {.clone = false, .copy_range = false};
  faulty.add({.operation = Operation::kRead, .path = "/src/big", .cut_to = 10});
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(target(kNamesAndContents), Not(HasSubstr("big")));
}

TEST_F(Faults, VerifyAfterFindsWhatTheVolumeGotWrong) {
  for (const bool corrupt : {true, false}) {
    faulty.clear();
    fs::FaultRule rule{.operation = Operation::kWrite, .path = "/dst/*"};
    if (corrupt) {
      rule.corrupt = true;
    } else {
      rule.cut_to = 2;
    }
    faulty.add(rule);
    Request request = this->request(Verb::kCopy);
    request.verify_after = true;
    const Report report = run(request);
    EXPECT_EQ(to_string(report.outcome), "partial");
    EXPECT_EQ(report.problems.at(0).error.kind, ErrorKind::kCorrupt);
    EXPECT_FALSE(has_staging(target()));
    EXPECT_EQ(faulty.unused(), "");
    // Which file is written first is not decided; the one that was hit has not landed.
    ASSERT_EQ(problem_paths().size(), 1U);
    EXPECT_THAT(target(kNamesAndContents), Not(HasSubstr(problem_paths()[0] + " = ")));
  }
}

TEST_F(Faults, ATargetDirectorySwappedForALinkIsNotFollowed) {
  memory.build("/outside", "secret = untouched\n");
  const std::string before = memory.dump("/outside");
  for (const Operation operation : {Operation::kOpenDirectory, Operation::kList,
                                    Operation::kCreateFile, Operation::kSetMetadata}) {
    faulty.clear();
    faulty.add({.operation = operation, .path = "/dst/d*", .before = [this] {
                  const auto root = memory.open_root("/dst");
                  const auto entry = (*root)->stat_entry("d");
                  if (!entry || !entry->metadata.is_directory()) return;
                  ASSERT_TRUE((*root)->rename("d", **root, "aside", fs::Replace::kNo));
                  ASSERT_TRUE((*root)->make_symlink("d", "/outside"));
                }});
    (void)run(Verb::kMirror);
    EXPECT_EQ(memory.dump("/outside"), before);
  }
}

TEST_F(Faults, ASourceDirectorySwappedForALinkIsNotFollowed) {
  memory.build("/outside", "c = secret\n");
  faulty.add({.operation = Operation::kOpenDirectory, .path = "/src/d", .before = [this] {
                const auto root = memory.open_root("/src");
                ASSERT_TRUE((*root)->rename("d", **root, "aside", fs::Replace::kNo));
                ASSERT_TRUE((*root)->make_symlink("d", "/outside"));
              }});
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_TRUE(extras_kept());
  EXPECT_THAT(target(kNamesAndContents), Not(HasSubstr("secret")));
}

TEST_F(Faults, ADirectoryReplacedBeforeTheDeletionsKeepsItsEntries) {
  faulty.add({.operation = Operation::kRemoveFile, .path = "/dst/d/e/z", .before = [this] {
                const auto root = memory.open_root("/dst");
                ASSERT_TRUE((*root)->rename("gone", **root, "kept", fs::Replace::kNo));
                memory.build("/dst/gone", "w = written meanwhile\n");
              }});
  (void)run(Verb::kMirror);
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("kept/w = extra"));
  EXPECT_EQ(faulty.unused(), "");
}

TEST_F(Faults, AFaultOfTheTargetIsNotCalledVanished) {
  faulty.add({.operation = Operation::kRename, .path = "/dst/a", .error = fault(ENOENT)});
  EXPECT_EQ(to_string(run(Verb::kCopy).outcome), "partial");
}

}  // namespace
}  // namespace robosync
