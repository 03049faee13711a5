// Alternate data streams in whole runs on one machine: what cannot land is neither lost in a move
// nor passed over in silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr fs::TreeTextOptions kWithStreams{.modes = false, .times = true, .xattrs = true};

class SyncStreams : public WindowsSyncTest {
 protected:
  // A target as FAT is.
  void mount_without_streams(const std::string& path) {
    memory.build(path, "");
    memory.mount(path, {.has_streams = false});
  }
  [[nodiscard]] std::string streams(const std::string& directory) const {
    return memory.dump(directory, kWithStreams);
  }
};

constexpr std::string_view kSome =
    "d/ x:windows.stream.s=of-a-directory\nf x:windows.stream.s=of-a-file = 1\nplain = 2\n";

TEST_F(SyncStreams, AMoveKeepsWhatHasThemWhereTheTargetCannot) {
  mount_without_streams("/dst");
  build(kSome);
  const Report report = run(Verb::kMove);
  EXPECT_EQ(report.outcome, Outcome::kPartial);
  ASSERT_THAT(problem_paths(), ElementsAre("d", "f"));
  EXPECT_THAT(observer.problems.front().error.message(),
              HasSubstr("has alternate data streams that the target cannot keep"));
  EXPECT_THAT(observer.warnings, IsEmpty());
  EXPECT_THAT(streams("/src"), HasSubstr("of-a-directory"));
  EXPECT_THAT(streams("/src"), HasSubstr("of-a-file"));
  EXPECT_EQ(target(kNamesAndContents), "d/\nf = 1\nplain = 2\n");
  EXPECT_EQ(source(kNamesAndContents), "d/\nf = 1\n");
}

TEST_F(SyncStreams, ACopyTellsOnceThatTheTargetCannotKeepThem) {
  build(kSome);
  for (const Verb verb : {Verb::kCopy, Verb::kMirror}) {
    Request request = this->request(verb);
    request.target = verb == Verb::kCopy ? "/copy" : "/mirror";
    mount_without_streams(request.target);
    EXPECT_EQ(run(request).outcome, Outcome::kOk);
    EXPECT_THAT(observer.warnings, ElementsAre(HasSubstr("alternate data streams")));
  }
}

TEST_F(SyncStreams, AMoveWithoutThemKeepsNothingForThem) {
  mount_without_streams("/dst");
  build(kSome);
  Request request = this->request(Verb::kMove);
  request.keep_streams = false;
  EXPECT_EQ(run(request).outcome, Outcome::kOk);
  EXPECT_EQ(source(), "");
}

TEST_F(SyncStreams, AMoveGivesThemToWhatIsThereAlready) {
  build(
      "d/ x:windows.stream.s=of-a-directory t=100.000000000\n"
      "f x:windows.stream.s=of-a-file t=100.000000000 = 1\n",
      "d/ t=100.000000000\nf x:windows.stream.own=stays t=100.000000000 = 1\n");
  EXPECT_EQ(run(Verb::kMove).outcome, Outcome::kOk);
  EXPECT_EQ(source(), "");
  EXPECT_THAT(streams("/dst"), HasSubstr("of-a-directory"));
  EXPECT_THAT(streams("/dst"), HasSubstr("of-a-file"));
  EXPECT_THAT(streams("/dst"), HasSubstr("stays"));
}

TEST_F(SyncStreams, AMoveKeepsADirectoryWithThemThatIsPruned) {
  build("d/ x:windows.stream.s=text\n");
  Request request = this->request(Verb::kMove);
  request.prune_empty_directories = true;
  EXPECT_EQ(run(request).outcome, Outcome::kPartial);
  EXPECT_THAT(problem_paths(), ElementsAre("d"));
  EXPECT_THAT(streams("/src"), HasSubstr("s=text"));
}

// Writing to one moves the time and changes no content.
TEST_F(SyncStreams, ThatHaveChangedAreSeenWhereContentsAreEqual) {
  build(
      "d/ x:windows.stream.s=new t=200.000000000\nf x:windows.stream.s=new t=200.000000000 = 1\n");
  for (const Comparison comparison : {Comparison::kDigest, Comparison::kSizeOnly}) {
    Request request = this->request(Verb::kCopy);
    request.comparison = comparison;
    request.target = comparison == Comparison::kDigest ? "/digest" : "/size";
    memory.build(request.target,
                 "d/ x:windows.stream.s=old t=100.000000000\n"
                 "f x:windows.stream.s=old t=100.000000000 = 1\n");
    EXPECT_EQ(run(request).outcome, Outcome::kOk);
    EXPECT_EQ(streams(request.target), streams("/src"));
  }
}

TEST_F(SyncStreams, ADirectoryThatWasThereKeepsItsLetters) {
  build("d/ x:windows.stream.s=new x:windows.attributes=HS t=200.000000000\n",
        "d/ x:windows.stream.s=old x:windows.attributes= t=100.000000000\n");
  EXPECT_EQ(run(Verb::kCopy).outcome, Outcome::kOk);
  EXPECT_EQ(streams("/dst"), "d/ t=200.000000000 x:windows.attributes= x:windows.stream.s=new\n");
}

TEST_F(SyncStreams, ThatAreSetLeaveTheTimeAndTheLettersAsTheyWere) {
  build(
      "d/ x:windows.stream.s=text x:windows.attributes=H t=100.000000000\n"
      "f x:windows.stream.s=text x:windows.attributes=H t=100.000000000 = 1\n",
      "d/ x:windows.attributes=H t=100.000000000\n"
      "f x:windows.attributes=H t=100.000000000 = 1\n");
  Request request = this->request(Verb::kCopy);
  request.keep_xattrs = true;
  EXPECT_EQ(run(request).outcome, Outcome::kOk);
  EXPECT_EQ(streams("/dst"), streams("/src"));
  memory.log().clear();
  run(request);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
}

}  // namespace
}  // namespace robosync
