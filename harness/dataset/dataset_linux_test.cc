// Real trees on a real file system: what is generated, that it is the same each time, and what
// mutation does to it. On Linux, because only there any profile can be generated.
#include "harness/dataset/dataset.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "engine/base/encoding.h"
#include "harness/tree/printable.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DatasetTest : public ::testing::Test {
 protected:
  DatasetTest() {
    std::string pattern = (fs::temp_directory_path() / "dataset-test-XXXXXX").string();
    root_ = ::mkdtemp(pattern.data());
  }
  ~DatasetTest() override {
    std::error_code ignored;
    fs::remove_all(root_, ignored);
  }

  // A new path below the test's folder.
  std::string fresh() { return root_ + "/" + std::to_string(++made_); }

  static DatasetSpec spec(std::string_view name) {
    auto found = find_dataset(name);
    EXPECT_TRUE(found) << found.error().message();
    return found ? *found : DatasetSpec{};
  }
  static Generated made(const DatasetSpec& spec, const GenerateOptions& options) {
    auto result = generate(spec, options);
    EXPECT_TRUE(result) << result.error().message();
    return result ? *result : Generated{};
  }
  static TreeImage image(const std::string& path) {
    auto result = read_tree_image(path);
    EXPECT_TRUE(result) << result.error().message();
    return result ? *result : TreeImage{};
  }
  static Mutation mutated(const DatasetSpec& spec, const std::string& path, std::uint64_t seed) {
    auto result = mutate(spec, path, seed, 2);
    EXPECT_TRUE(result) << result.error().message();
    return result ? *result : Mutation{};
  }

  std::string root_;

 private:
  int made_ = 0;
};

// These hold the generator to what it has been: a change of any byte, name or time fails here.
TEST_F(DatasetTest, TreesHaveTheDigestsOfTheirSpecs) {
  for (const char* name : {"tiny", "names", "links"}) {
    const Generated posix = made(spec(name), {.out = fresh(), .profile = Profile::kPosix});
    EXPECT_EQ(posix.digest_matches_spec, true) << name << " " << posix.digest;
  }
  for (const Profile profile : {Profile::kMacos, Profile::kWindows}) {
    const Generated other = made(spec("tiny"), {.out = fresh(), .profile = profile});
    EXPECT_EQ(other.digest_matches_spec, true) << other.profile << " " << other.digest;
  }
}

TEST_F(DatasetTest, AScaledTreeHasADigestToo) {
  const GenerateOptions options{.out = fresh(), .scale = 0.01, .profile = Profile::kPosix};
  const Generated hundredth = made(spec("source-tree"), options);
  EXPECT_EQ(hundredth.files, 200U);
  EXPECT_EQ(hundredth.digest, "f61f8d381407bb1e728f5bd1c71332fc");
  EXPECT_FALSE(hundredth.digest_matches_spec.has_value());
}

TEST_F(DatasetTest, IsTheSameForAnyNumberOfThreadsAndAnyUmask) {
  const std::string one = fresh();
  const std::string four = fresh();
  const std::string strict = fresh();
  made(spec("tiny"), {.out = one, .threads = 1});
  made(spec("tiny"), {.out = four, .threads = 4});
  const mode_t before = ::umask(0077);
  made(spec("tiny"), {.out = strict});
  ::umask(before);
  const Aspects everything = aspects_of(Profile::kPosix);
  EXPECT_THAT(differences(image(one), image(four), everything), IsEmpty());
  EXPECT_THAT(differences(image(one), image(strict), everything), IsEmpty());
}

TEST_F(DatasetTest, AnotherSeedIsAnotherTree) {
  const Generated first = made(spec("tiny"), {.out = fresh()});
  const Generated second = made(spec("tiny"), {.out = fresh(), .seed = first.seed + 1});
  EXPECT_NE(first.digest, second.digest);
  EXPECT_FALSE(second.digest_matches_spec.has_value());
  EXPECT_EQ(first.files, second.files);
}

TEST_F(DatasetTest, ADriftingGeneratorIsCaught) {
  DatasetSpec drifted = spec("tiny");
  drifted.groups.front().mode = 0640;
  const Generated result = made(drifted, {.out = fresh(), .profile = Profile::kPosix});
  EXPECT_EQ(result.digest_matches_spec, false);
}

TEST_F(DatasetTest, TinyHoldsEverything) {
  const std::string path = fresh();
  const Generated result = made(spec("tiny"), {.out = path, .profile = Profile::kPosix});
  const TreeImage tree = image(path);
  EXPECT_GT(tree.nodes.size(), 290U);
  EXPECT_LT(tree.nodes.size(), 350U);
  std::set<std::uint32_t> modes;
  std::size_t odd = 0;
  std::size_t linked = 0;
  std::size_t sparse = 0;
  std::size_t empty = 0;
  for (const auto& [name, node] : tree.nodes) {
    if (node.kind == NodeKind::kFile) modes.insert(node.mode);
    if (!base::is_utf8(name)) ++odd;
    if (!node.link_group.empty()) ++linked;
    if (node.kind == NodeKind::kFile && node.allocated_bytes + 1'000'000 < node.size) ++sparse;
    if (name.starts_with("empty/") && node.kind == NodeKind::kDirectory) ++empty;
    EXPECT_GE(node.mtime_s, 946'684'800) << printable_path(name);
    EXPECT_LT(node.mtime_s, 1'735'689'600) << printable_path(name);
  }
  EXPECT_EQ(modes, (std::set<std::uint32_t>{0444, 0600, 0644, 0755}));
  EXPECT_GT(odd, 5U);
  EXPECT_GE(linked, 9U);  // eight names and what they are names of
  EXPECT_EQ(sparse, 2U);
  EXPECT_EQ(empty, 13U);
  EXPECT_EQ(tree.nodes.at("symlinks/to-directory-0000").link_target, "..");
  EXPECT_EQ(tree.nodes.at("symlinks/loop-0000-a").link_target, "loop-0000-b");
  // Links to files and folders lead there.
  EXPECT_TRUE(fs::is_regular_file(path + "/symlinks/to-file-0003"));
  EXPECT_TRUE(fs::is_directory(path + "/symlinks/to-directory-0002"));
  EXPECT_EQ(result.files, tree.files);
}

TEST_F(DatasetTest, ListsWhatItWouldMake) {
  const DatasetSpec tiny = spec("tiny");
  for (const double scale : {1.0, 0.3, 2.0}) {
    const Generated result = made(tiny, {.out = fresh(), .scale = scale});
    const DatasetSummary summary = summarize(tiny, scale);
    EXPECT_EQ(summary.files, result.files) << scale;
    EXPECT_EQ(summary.bytes, result.bytes) << scale;
  }
}

TEST_F(DatasetTest, ProfilesLeaveOutWhatTheirSystemsRefuse) {
  const std::string posix = fresh();
  const std::string macos = fresh();
  const std::string windows = fresh();
  made(spec("tiny"), {.out = posix, .profile = Profile::kPosix});
  made(spec("tiny"), {.out = macos, .profile = Profile::kMacos});
  made(spec("tiny"), {.out = windows, .profile = Profile::kWindows});
  EXPECT_TRUE(fs::exists(posix + "/odd"));
  EXPECT_FALSE(fs::exists(macos + "/odd"));
  EXPECT_TRUE(fs::exists(macos + "/symlinks"));
  EXPECT_FALSE(fs::exists(windows + "/odd"));
  EXPECT_FALSE(fs::exists(windows + "/symlinks"));
  for (const auto& [name, node] : image(windows).nodes) {
    EXPECT_EQ(node.mtime_ns % 100, 0U) << name;
    EXPECT_TRUE(base::is_utf8(name)) << name;
    EXPECT_NE(node.kind, NodeKind::kSymlink) << name;
  }
  for (const auto& [name, node] : image(macos).nodes) EXPECT_TRUE(base::is_utf8(name)) << name;
}

TEST_F(DatasetTest, CompressibleContentIsText) {
  const auto text = parse_spec(
      R"({"name": "t", "description": "", "seed": 1, "groups": [{"path": "", "files": 1,
          "compressible_percent": 100, "size": {"shape": "fixed", "bytes": 20000}}]})",
      "t.json");
  ASSERT_TRUE(text) << text.error().message();
  const std::string path = fresh();
  made(*text, {.out = path});
  std::ifstream file(path + "/file-000000.txt", std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(file), {}};
  EXPECT_EQ(content.size(), 20000U);
  EXPECT_EQ(content.find_first_not_of("abcdefghijklmnopqrstuvwxyz \n"), std::string::npos);
}

TEST_F(DatasetTest, RefusesAFolderThatHoldsSomething) {
  const auto refused = generate(spec("tiny"), {.out = root_});
  EXPECT_TRUE(refused) << "an empty folder is taken";
  const auto again = generate(spec("tiny"), {.out = root_});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, base::ErrorKind::kNotEmpty);
  EXPECT_THAT(again.error().message(), HasSubstr(root_));
}

TEST_F(DatasetTest, RefusesScalesOutOfRange) {
  for (const double scale : {0.0, -1.0, 1000.1}) {
    const auto refused = generate(spec("tiny"), {.out = fresh(), .scale = scale});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::ErrorKind::kUsage);
  }
}

TEST_F(DatasetTest, EqualTreesAreMutatedAlike) {
  const std::string a = fresh();
  const std::string b = fresh();
  made(spec("tiny"), {.out = a, .profile = Profile::kPosix});
  made(spec("tiny"), {.out = b, .profile = Profile::kPosix});
  mutated(spec("tiny"), a, 5);
  mutated(spec("tiny"), b, 5);
  const Aspects everything = aspects_of(Profile::kPosix);
  EXPECT_THAT(differences(image(a), image(b), everything), IsEmpty());
  EXPECT_EQ(tree_digest(image(a), everything), "affef7ac95c241f3cb94dbbd6f6d7ca1");
  mutated(spec("tiny"), b, 6);
  EXPECT_THAT(differences(image(a), image(b), everything), testing::Not(IsEmpty()));
}

// What tells two images apart, by kind of change.
struct Changes {
  std::uint64_t content = 0;  // of the same size
  std::uint64_t size = 0;
  std::uint64_t time_only = 0;
  std::uint64_t missing = 0;
  std::uint64_t added = 0;
  std::uint64_t renamed = 0;  // an added name with a missing one's content and time
};

Changes changes_between(const TreeImage& before, const TreeImage& after) {
  Changes changes;
  for (const auto& [path, node] : before.nodes) {
    if (node.kind != NodeKind::kFile) continue;
    const auto now = after.nodes.find(path);
    if (now == after.nodes.end()) {
      ++changes.missing;
      continue;
    }
    EXPECT_EQ(node.mode, now->second.mode) << printable_path(path);
    const bool same_time =
        node.mtime_s == now->second.mtime_s && node.mtime_ns == now->second.mtime_ns;
    if (node.size != now->second.size)
      ++changes.size;
    else if (node.content != now->second.content)
      ++changes.content;
    else if (!same_time)
      ++changes.time_only;
    if (node.size != now->second.size || node.content != now->second.content)
      EXPECT_FALSE(same_time) << printable_path(path);
  }
  for (const auto& [path, node] : after.nodes) {
    if (before.nodes.contains(path)) continue;
    ++(path.find("renamed-") != std::string::npos ? changes.renamed : changes.added);
  }
  return changes;
}

TEST_F(DatasetTest, MutationDoesWhatTheRecipeSays) {
  const auto recipe = parse_spec(
      R"({"name": "t", "description": "", "seed": 1, "groups": [
          {"path": "a", "files": 1000, "files_per_directory": 50,
           "size": {"shape": "fixed", "bytes": 100}},
          {"path": "b", "files": 2, "mode": "0444", "size": {"shape": "fixed", "bytes": 50000}}],
          "mutation": {"changed": {"percent": 5}, "touched": {"percent": 4},
                       "grown": {"percent": 3}, "renamed": {"count": 20}, "added": {"count": 7},
                       "deleted": {"percent": 1},
                       "in_place_edits": {"files": 2, "edits": 3, "bytes": 10}}})",
      "t.json");
  ASSERT_TRUE(recipe) << recipe.error().message();
  const std::string path = fresh();
  made(*recipe, {.out = path});
  const TreeImage before = image(path);
  const Mutation done = mutated(*recipe, path, 9);
  const TreeImage after = image(path);

  EXPECT_EQ(done.changed, 50U);
  EXPECT_EQ(done.touched, 40U);
  EXPECT_EQ(done.grown, 30U);
  EXPECT_EQ(done.renamed, 20U);
  EXPECT_EQ(done.added, 7U);
  EXPECT_EQ(done.deleted, 10U);
  EXPECT_EQ(done.edited_in_place, 2U);
  EXPECT_GE(done.bytes_written, 50 * 100 + 2 * 3 * 10 + 30 + 7U);
  const Changes changes = changes_between(before, after);
  EXPECT_EQ(changes.content, 50U + 2U);
  EXPECT_EQ(changes.size, 30U);
  EXPECT_EQ(changes.time_only, 40U);
  EXPECT_EQ(changes.missing, 20U + 10U);
  EXPECT_EQ(changes.renamed, 20U);
  EXPECT_EQ(changes.added, 7U);
  EXPECT_NE(before.nodes.at("b/file-000000.txt").content,
            after.nodes.at("b/file-000000.txt").content);
}

TEST_F(DatasetTest, MutationGoesOnFromWhereTheLastOneEnded) {
  const std::string path = fresh();
  made(spec("tiny"), {.out = path});
  const std::uint64_t before = image(path).files;
  std::uint64_t expected = before;
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Mutation done = mutated(spec("tiny"), path, seed);
    EXPECT_GT(done.changed, 0U);
    expected = expected + done.added - done.deleted;
  }
  EXPECT_EQ(image(path).files, expected);
}

TEST_F(DatasetTest, MutationLeavesHardLinksAlone) {
  const std::string path = fresh();
  made(spec("links"), {.out = path, .scale = 0.1});
  const TreeImage before = image(path);
  mutated(spec("links"), path, 3);
  const TreeImage after = image(path);
  for (const auto& [name, node] : before.nodes) {
    if (node.link_group.empty()) continue;
    ASSERT_TRUE(after.nodes.contains(name)) << name;
    EXPECT_EQ(after.nodes.at(name).content, node.content) << name;
    EXPECT_EQ(after.nodes.at(name).link_group, node.link_group) << name;
  }
}

}  // namespace
}  // namespace robosync::parity
