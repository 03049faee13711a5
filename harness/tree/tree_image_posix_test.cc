#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "harness/tree/tree_image.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ReadTreeImage : public ::testing::Test {
 protected:
  ReadTreeImage() {
    std::string pattern = (fs::temp_directory_path() / "tree-image-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~ReadTreeImage() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  std::string at(const std::string& path) const { return root_ + "/" + path; }
  void write(const std::string& path, const std::string& text) {
    std::ofstream(at(path), std::ios::binary) << text;
  }
  void set_time(const std::string& path, time_t seconds, long ns) {
    const timespec times[2] = {{seconds, ns}, {seconds, ns}};
    ASSERT_EQ(::utimensat(AT_FDCWD, at(path).c_str(), times, AT_SYMLINK_NOFOLLOW), 0);
  }
  TreeImage read(unsigned threads = 2, Content content = Content::kDigest) {
    auto image = read_tree_image(root_, threads, content);
    EXPECT_TRUE(image.has_value()) << image.error().message();
    return image ? *image : TreeImage{};
  }

  std::string root_;
};

TEST_F(ReadTreeImage, KnowsEveryKindAndItsValues) {
  fs::create_directory(at("d"));
  write("d/f", "hello");
  ASSERT_EQ(::chmod(at("d/f").c_str(), 04751), 0);
  fs::create_symlink("d/f", at("l"));
  ASSERT_EQ(::mkfifo(at("p").c_str(), 0600), 0);
  set_time("d/f", -2, 123'456'789);
  set_time("l", 4'102'444'800, 1);
  set_time("d", 1000, 999'999'999);

  const TreeImage image = read();
  ASSERT_EQ(image.nodes.size(), 5U);
  EXPECT_EQ(image.files, 1U);
  EXPECT_EQ(image.directories, 1U);
  EXPECT_EQ(image.bytes, 5U);
  EXPECT_EQ(image.nodes.at("").kind, NodeKind::kDirectory);
  const Node& file = image.nodes.at("d/f");
  EXPECT_EQ(file.kind, NodeKind::kFile);
  EXPECT_EQ(file.mode, 04751U);
  EXPECT_EQ(file.size, 5U);
  EXPECT_EQ(file.mtime_s, -2);
  EXPECT_EQ(file.mtime_ns, 123'456'789U);
  EXPECT_EQ(file.owner, ::getuid());
  EXPECT_EQ(file.link_group, "");
  // XXH3-128 of "hello", canonical form.
  EXPECT_EQ(file.content.hex(), "b5e9c1ad071b3e7fc779cfaa5e523818");
  const Node& link = image.nodes.at("l");
  EXPECT_EQ(link.kind, NodeKind::kSymlink);
  EXPECT_EQ(link.link_target, "d/f");
  EXPECT_EQ(link.mtime_s, 4'102'444'800);
  EXPECT_EQ(link.mtime_ns, 1U);
  EXPECT_EQ(image.nodes.at("p").kind, NodeKind::kFifo);
  EXPECT_EQ(image.nodes.at("d").mtime_ns, 999'999'999U);
}

TEST_F(ReadTreeImage, IsTheSameForAnyNumberOfThreads) {
  for (int d = 0; d < 5; ++d) {
    fs::create_directory(at("d" + std::to_string(d)));
    for (unsigned f = 0; f < 300; ++f)
      write("d" + std::to_string(d) + "/" + std::to_string(f),
            std::string(std::size_t{f} * 7, 'x'));
  }
  const TreeImage one = read(1);
  const TreeImage four = read(4);
  EXPECT_EQ(one.files, 1500U);
  EXPECT_THAT(differences(one, four, {.hard_links = true, .owners = true}), testing::IsEmpty());
  EXPECT_EQ(tree_digest(one, {}), tree_digest(four, {}));
}

TEST_F(ReadTreeImage, SeesOneByteAtTheEndOfALargeFile) {
  std::string text(1'000'000, 'a');
  write("f", text);
  const TreeImage before = read();
  text.back() = 'b';
  write("f", text);
  EXPECT_THAT(differences(before, read(), {.file_times = false}),
              ElementsAre(HasSubstr("content of f")));
}

TEST_F(ReadTreeImage, GroupsTheNamesOfOneFile) {
  write("b", "x");
  fs::create_hard_link(at("b"), at("a"));
  fs::create_hard_link(at("b"), at("c"));
  write("d", "x");
  const TreeImage image = read();
  EXPECT_EQ(image.nodes.at("a").link_group, "a");
  EXPECT_EQ(image.nodes.at("b").link_group, "a");
  EXPECT_EQ(image.nodes.at("c").link_group, "a");
  EXPECT_EQ(image.nodes.at("d").link_group, "");
}

TEST_F(ReadTreeImage, ANameOutsideTheTreeMakesNoGroup) {
  fs::create_directory(at("in"));
  write("in/f", "x");
  fs::create_hard_link(at("in/f"), at("out"));
  const auto image = read_tree_image(at("in"));
  ASSERT_TRUE(image);
  EXPECT_EQ(image->nodes.at("f").link_group, "");
}

TEST_F(ReadTreeImage, ALinkToATreeIsNotThatTree) {
  const std::string link = testing::TempDir() + "link-to-a-tree";
  std::filesystem::remove(link);
  std::filesystem::create_directory_symlink(testing::TempDir(), link);
  EXPECT_FALSE(read_tree_image(link));
  std::filesystem::remove(link);
}

TEST_F(ReadTreeImage, SkipsContentWhereItIsNotAskedFor) {
  write("f", "hello");
  const TreeImage image = read(2, Content::kSkip);
  EXPECT_EQ(image.nodes.at("f").content.size, 0U);
  EXPECT_EQ(image.nodes.at("f").size, 5U);
}

TEST_F(ReadTreeImage, FailsWithThePathOfWhatCannotBeRead) {
  const auto none = read_tree_image(at("none"));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, base::ErrorKind::kNotFound);
  EXPECT_THAT(none.error().message(), HasSubstr("none"));
  write("f", "x");
  EXPECT_EQ(read_tree_image(at("f")).error().kind, base::ErrorKind::kNotDirectory);
}

TEST_F(ReadTreeImage, FollowsADeepTree) {
  std::string path = "d";
  for (int i = 0; i < 100; ++i) {
    fs::create_directory(at(path));
    path += "/directory";
  }
  EXPECT_EQ(read().directories, 100U);
}

}  // namespace
}  // namespace robosync::parity
