// Hard links: one file of the source is one file at the target, whatever goes wrong in between.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using fs::Operation;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

class HardLinks : public SyncTest {
 protected:
  HardLinks() { memory.build("/dst", ""); }

  static Request linked(Verb verb) {
    Request request = SyncTest::request(verb);
    request.keep_hard_links = true;
    return request;
  }

  // Runs, with every way of making directories, and expects equal trees.
  void check(Verb verb) {
    for (const bool staged : {true, false}) {
      Request request = linked(verb);
      request.fast_paths.staged_directories = staged;
      const Report report = run(request);
      EXPECT_EQ(to_string(report.outcome), "ok");
      EXPECT_TRUE(adds_up(report.counters));
      EXPECT_EQ(target(), source());
      memory.log().clear();
      const Report again = run(request);
      EXPECT_THAT(memory.log().changes(), IsEmpty());
      EXPECT_EQ(again.counters.unchanged.total(), again.counters.scanned.total());
    }
  }
};

TEST_F(HardLinks, InOneDirectory) {
  memory.build("/src", "a = x\nb => a\nc => a\nalone = y\n");
  check(Verb::kCopy);
}

TEST_F(HardLinks, AcrossDirectoriesInEveryOrder) {
  memory.build("/src",
               "a/1 = x\nz/1 => a/1\nm/n/o/1 => a/1\ntop => a/1\n"
               "z/2 = y\na/2 => z/2\n"
               "a/3 = w\na/3b => a/3\nz/3 => a/3\n");
  check(Verb::kMirror);
}

TEST_F(HardLinks, LinksToSymlinksAndNodes) {
  memory.build("/src", "l -> x\nl2 => l\np |\nd/p2 => p\n");
  check(Verb::kCopy);
}

TEST_F(HardLinks, WithoutTheOptionEachIsAFileOfItsOwn) {
  memory.build("/src", "a = x\nb => a\n");
  EXPECT_EQ(to_string(run(Verb::kCopy).outcome), "ok");
  EXPECT_THAT(target(kNamesAndContents), testing::Not(HasSubstr("=>")));
}

TEST_F(HardLinks, ThoseOutsideTheTreeDoNotMatter) {
  memory.build("/", "all/src/a = x\nall/src/b => all/src/a\nall/outside => all/src/a\n");
  Request request = linked(Verb::kCopy);
  request.sources = {"/all/src/"};
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target(kNamesAndContents), "a = x\nb => a\n");
}

TEST_F(HardLinks, ExistingNamesBecomeLinks) {
  memory.build("/src", "a t=5.000000000 = x\nb => a\nc => a\n");
  memory.build("/dst", "a t=5.000000000 = x\nb t=5.000000000 = x\nc -> a\n");
  const Report report = run(linked(Verb::kCopy));
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(target(), source());
  EXPECT_THAT(observer.lines, Contains("linked file b"));
  EXPECT_THAT(observer.lines, Contains("linked file c"));
  EXPECT_FALSE(has_staging(target()));
}

TEST_F(HardLinks, ThatAreNoneAnyMoreAreSplit) {
  memory.build("/src", "a = one\nb = two\n");
  memory.build("/dst", "a t=1.000000000 = old\nb => a\n");
  EXPECT_EQ(to_string(run(linked(Verb::kCopy)).outcome), "ok");
  EXPECT_EQ(target(), source());
}

TEST_F(HardLinks, AFailingLeaderDoesNotTakeTheOthersWithIt) {
  memory.build("/src", "a = x\nd/b => a\nd/c => a\n");
  faulty.add({.operation = Operation::kOpenFile,
              .path = "/src/a",
              .times = fs::kEveryTime,
              .error = fs::fault(EACCES)});
  const Report report = run(linked(Verb::kCopy));
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(report.counters.failed.files, 1U);
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("d/b = x"));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("d/c"));
  faulty.clear();
  EXPECT_EQ(to_string(run(linked(Verb::kCopy)).outcome), "ok");
  EXPECT_EQ(target(), source());
}

TEST_F(HardLinks, ALeaderWhoseDirectoryDoesNotLand) {
  memory.build("/src", "a/1 = x\nz/1 => a/1\n");
  faulty.add({.operation = Operation::kRename, .path = "/dst/a", .error = fs::fault(EIO)});
  const Report report = run(linked(Verb::kCopy));
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("z/1 = x"));
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_FALSE(has_staging(target()));
}

TEST_F(HardLinks, WhereThereAreNoneEachIsCopied) {
  memory.build("/src", "a = x\nd/b => a\n");
  memory.build("/plain", "");
  memory.mount("/plain", {.has_hard_links = false});
  Request request = linked(Verb::kCopy);
  request.target = "/plain";
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(memory.dump("/plain", kNamesAndContents), "a = x\nd/\nd/b = x\n");
}

TEST_F(HardLinks, BeyondTheNumberThatOneFileMayHave) {
  memory.build("/src", "a = x\nb => a\nc => a\nd => a\n");
  memory.build("/few", "");
  memory.mount("/few", {.link_count_max = 2});
  Request request = linked(Verb::kCopy);
  request.target = "/few";
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  const std::string text = memory.dump("/few", {.modes = false, .hard_links = false});
  EXPECT_EQ(text, "a = x\nb = x\nc = x\nd = x\n");
}

TEST_F(HardLinks, ManyOnManyThreads) {
  std::string spec = "leader = x\n";
  for (int i = 0; i < 40; ++i) {
    for (int k = 0; k < 10; ++k) {
      const std::string name = "d" + std::to_string(i) + "/f" + std::to_string(k);
      spec += name + (k % 2 == 0 ? " => leader\n" : " = own " + name + "\n");
    }
  }
  memory.build("/src", spec);
  Request request = linked(Verb::kCopy);
  request.threads = 8;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_EQ(target(), source());
}

TEST_F(HardLinks, VerifyTellsLinksFromCopies) {
  memory.build("/src", "a = x\nb => a\n");
  run_cleanly(request(Verb::kCopy));
  EXPECT_EQ(to_string(run(request(Verb::kVerify)).outcome), "ok");
  EXPECT_EQ(to_string(run(linked(Verb::kVerify)).outcome), "different");
  EXPECT_THAT(observer.lines, Contains("different file b"));
}

}  // namespace
}  // namespace robosync
