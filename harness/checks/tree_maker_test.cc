#include "harness/checks/tree_maker.h"

#include <gtest/gtest.h>

#include <optional>

#include "harness/run/scratch.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {
namespace {

class TreeMakerTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = Scratch::make(testing::TempDir(), 0);
    ASSERT_TRUE(made) << made.error().message();
    scratch_.emplace(std::move(*made));
    tree_.emplace(scratch_->path() + "/tree");
  }

  TreeImage image() {
    EXPECT_TRUE(tree_->status()) << tree_->status().error().message();
    auto read = read_tree_image(tree_->root());
    EXPECT_TRUE(read) << read.error().message();
    return read ? std::move(*read) : TreeImage();
  }

  std::string traces() {
    auto text = traces_of_writing(tree_->root());
    EXPECT_TRUE(text) << text.error().message();
    return text ? *text : "";
  }

  std::optional<Scratch> scratch_;
  std::optional<TreeMaker> tree_;
};

TEST_F(TreeMakerTest, FilesAndFoldersHaveTheTimesAskedFor) {
  tree_->file("d/f", "content").directory("e").settle();
  tree_->time("d/f", -631'152'000, 500'000'000).time("e", 4'102'444'800, 700);
  const TreeImage made = image();
  EXPECT_EQ(made.nodes.at("d/f").size, 7U);
  EXPECT_EQ(made.nodes.at("d/f").mtime_s, -631'152'000);
  EXPECT_EQ(made.nodes.at("d/f").mtime_ns, 500'000'000U);
  EXPECT_EQ(made.nodes.at("e").mtime_s, 4'102'444'800);
  EXPECT_EQ(made.nodes.at("e").mtime_ns, 700U);
  for (const char* settled : {"", "d"}) EXPECT_EQ(made.nodes.at(settled).mtime_s, kOldTimeS);
}

TEST_F(TreeMakerTest, MakesTheParentsOfAFurtherName) {
  tree_->file("z", "one file").hard_link("a/b/c", "z").settle();
  const TreeImage made = image();
  EXPECT_EQ(made.nodes.at("z").link_group, "a/b/c");
  EXPECT_EQ(made.nodes.at("z").mtime_s, kOldTimeS);
}

TEST_F(TreeMakerTest, MakesPathsOfAnyLength) {
  std::string path;
  for (int level = 0; level < 30; ++level) path += "a-name-of-some-length/";
  tree_->file(path + "f", "x").mode(path + "f", 0444).settle();
  EXPECT_EQ(image().files, 1U);
}

TEST_F(TreeMakerTest, TracesTellWhatWasWrittenAgain) {
  tree_->file("d/f", "x").file("g", "y").settle();
  const std::string before = traces();
  EXPECT_EQ(traces(), before);
  tree_->file("g", "y");
  EXPECT_NE(traces(), before);
  EXPECT_TRUE(tree_->status());
}

TEST_F(TreeMakerTest, TheFirstFaultIsKept) {
  tree_->time("missing", kOldTimeS).file("f", "x");
  EXPECT_FALSE(tree_->status());
  EXPECT_FALSE(traces_of_writing(tree_->root())) << "f was made";
}

}  // namespace
}  // namespace robosync::parity
