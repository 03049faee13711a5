// A move removes a source entry only when that very entry is proven to be at the target.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using fs::fault;
using fs::Operation;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Move : public SyncTest {
 protected:
  Move() {
    memory.build("/src", "a t=100.000000000 = alpha\nd/b = beta\nd/l -> b\nd/p |\n");
    memory.build("/dst", "");
  }
};

TEST_F(Move, TheTargetIsSyncedBeforeAnythingIsRemoved) {
  (void)run(Verb::kMove);
  bool synced = false;
  std::size_t removals = 0;
  for (const fs::OperationRecord& record : faulty.log().records()) {
    if (record.operation == Operation::kSyncVolume) synced = true;
    // What is written after it is not covered by it.
    if (fs::is_change(record.operation) && record.path.starts_with("/dst")) synced = false;
    if (record.operation == Operation::kRemoveFile && record.path.starts_with("/src")) {
      EXPECT_TRUE(synced) << record.text();
      ++removals;
    }
  }
  EXPECT_EQ(removals, 4U);
}

TEST_F(Move, ADirectoryThatIsPrunedStays) {
  memory.build("/src", "hollow/inner/\nthere/\n");
  memory.build("/dst", "there/\n");
  Request request = this->request(Verb::kMove);
  request.prune_empty_directories = true;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(source(kNamesAndContents), "hollow/\nhollow/inner/\n");
}

TEST_F(Move, NothingIsRemovedWithoutASync) {
  faulty.add({.operation = Operation::kSyncVolume, .times = fs::kEveryTime, .error = fault(EIO)});
  const std::string before = source();
  const Report report = run(Verb::kMove);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(source(), before);
  EXPECT_EQ(report.counters.removed_from_source, 0U);
}

TEST_F(Move, AFileThatOnlyLooksTheSameIsKept) {
  memory.build("/dst", "a t=100.000000000 = ALPHA\n");
  const Report report = run(Verb::kMove);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("a"));
  EXPECT_EQ(source(kNamesAndContents), "a = alpha\n");
}

TEST_F(Move, AFileThatWasThereAlreadyIsRemoved) {
  memory.build("/dst", "a t=100.000000000 = alpha\n");
  EXPECT_EQ(to_string(run(Verb::kMove).outcome), "ok");
  EXPECT_EQ(source(), "");
  EXPECT_THAT(observer.lines, Contains("unchanged file a"));
  EXPECT_THAT(observer.lines, Contains("removed file a"));
}

TEST_F(Move, AFileThatChangedAfterItWasCopiedIsKept) {
  for (const Operation operation : {Operation::kSyncVolume, Operation::kStatEntry}) {
    faulty.clear();
    int n = 0;
    faulty.add({.operation = operation,
                .path = operation == Operation::kStatEntry ? "/dst/a" : "/dst",
                .before = [this, &n] {
                  if (n++ == 0) write("/src", "a", "newer");
                }});
    const Report report = run(Verb::kMove);
    EXPECT_EQ(to_string(report.outcome), "partial");
    EXPECT_EQ(source(kNamesAndContents), "a = newer\n");
    EXPECT_EQ(faulty.unused(), "");
    memory.build("/src", "d/\n");
    write("/src", "a", "alpha");
  }
}

TEST_F(Move, AFileThatChangesWhileItIsComparedIsKept) {
  faulty.add({.operation = Operation::kOpenFile, .path = "/src/a", .nth = 2, .after = [this] {
                const auto root = memory.open_root("/src");
                const tree::Time time = (*root)->stat_entry("a")->metadata.mtime;
                write("/src", "a", "ALPHA");
                // Even one that hides it: the change time tells.
                ASSERT_TRUE((*root)->set_entry_metadata("a", {.mtime = time}));
              }});
  EXPECT_EQ(to_string(run(Verb::kMove).outcome), "partial");
  EXPECT_EQ(source(kNamesAndContents), "a = ALPHA\n");
  EXPECT_EQ(faulty.unused(), "");
}

TEST_F(Move, AFileReplacedByAnotherIsKept) {
  faulty.add({.operation = Operation::kSyncVolume, .before = [this] {
                const auto root = memory.open_root("/src");
                ASSERT_TRUE(fs::write_whole(**root, "n", "alpha"));
                ASSERT_TRUE((*root)->set_entry_metadata("n", {.mtime = tree::Time{100, 0}}));
                ASSERT_TRUE((*root)->rename("n", **root, "a", fs::Replace::kYes));
              }});
  EXPECT_EQ(to_string(run(Verb::kMove).outcome), "partial");
  EXPECT_THAT(source(kNamesAndContents), HasSubstr("a = alpha\n"));
}

TEST_F(Move, WhatWasWrittenWrongIsNotRemovedFromTheSource) {
  faulty.add({.operation = Operation::kWrite, .path = "/dst/*", .corrupt = true});
  EXPECT_EQ(to_string(run(Verb::kMove).outcome), "partial");
  EXPECT_EQ(source(kNamesAndContents), "a = alpha\n");
}

TEST_F(Move, AFailingEntryKeepsItsSourceAndItsDirectory) {
  faulty.add({.operation = Operation::kOpenFile,
              .path = "/src/d/b",
              .times = fs::kEveryTime,
              .error = fault(EACCES)});
  const Report report = run(Verb::kMove);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(source(kNamesAndContents), "d/\nd/b = beta\n");
  EXPECT_EQ(target(kNamesAndContents), "a = alpha\nd/\nd/l -> b\nd/p |\n");
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Move, AFailingRemovalIsReported) {
  faulty.add({.operation = Operation::kRemoveFile, .path = "/src/a", .error = fault(EPERM)});
  const Report report = run(Verb::kMove);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("a"));
  EXPECT_THAT(observer.lines, Not(Contains("removed file a")));
}

TEST_F(Move, WhatIsLeftOutIsKept) {
  memory.build("/src/d", "keep.o = excluded\n");
  memory.build("/src", "large = " + std::string(200, 'x') + "\n");
  memory.build("/dst", "d/b t=9999999999.000000000 = newer\n");
  Request request = this->request(Verb::kMove);
  request.filters = {{tree::FilterArgument::Form::kExclude, "*.o"}};
  request.size_max = 100;
  request.update_only_newer = true;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(source(kNamesAndContents),
            "d/\nd/b = beta\nd/keep.o = excluded\nlarge = " + std::string(200, 'x') + "\n");
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Move, ANewFileInAMovedDirectoryIsKept) {
  faulty.add({.operation = Operation::kRemoveDirectory, .path = "/src/d", .before = [this] {
                write("/src/d", "late", "x");
              }});
  EXPECT_EQ(to_string(run(Verb::kMove).outcome), "ok");
  EXPECT_EQ(source(kNamesAndContents), "d/\nd/late = x\n");
}

TEST_F(Move, TheSameFileUnderBothNamesIsNotLost) {
  // /dst/a is another name of /src/a: removing one of the two leaves the other.
  const auto src = memory.open_root("/src");
  const auto dst = memory.open_root("/dst");
  ASSERT_TRUE((*dst)->make_link(**src, "a", "a"));
  EXPECT_EQ(to_string(run(Verb::kMove).outcome), "ok");
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("a = alpha\n"));
}

TEST_F(Move, ALinkThatWasFollowedIsKept) {
  memory.build("/src", "link -> a\n");
  Request request = this->request(Verb::kMove);
  request.links = LinkPolicy::kFollow;
  (void)run(request);
  EXPECT_THAT(source(kNamesAndContents), HasSubstr("link -> a"));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("link = alpha"));
}

TEST_F(Move, HardLinksStayTogetherAcrossDirectories) {
  memory.build("/src", "h = linked\ne/h2 => h\nz/h3 => h\n");
  Request request = this->request(Verb::kMove);
  request.keep_hard_links = true;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(source(), "");
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("h => e/h2\n"));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("z/h3 => e/h2\n"));
}

TEST_F(Move, ADryRunRemovesNothingAndSaysWhatWould) {
  Request request = this->request(Verb::kMove);
  request.dry_run = true;
  memory.log().clear();
  const Report predicted = run(request);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  const auto lines = observer.sorted();
  request.dry_run = false;
  const Report real = run(request);
  EXPECT_EQ(observer.sorted(), lines);
  EXPECT_EQ(predicted.counters.removed_from_source, real.counters.removed_from_source);
}

}  // namespace
}  // namespace robosync
