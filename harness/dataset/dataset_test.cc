// What holds on every system: the native profile's tree has its digest, and mutation keeps
// read-only files what they are.
#include "harness/dataset/dataset.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "engine/base/random.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;

class NativeDataset : public ::testing::Test {
 protected:
  NativeDataset()
      : root_(fs::temp_directory_path() / ("dataset-" + std::to_string(base::random64()))) {}
  ~NativeDataset() override { remove(); }

  // Read-only files have to be made writable before they can be removed.
  void remove() {
    std::error_code ignored;
    for (fs::recursive_directory_iterator at(root_, ignored), end; at != end; at.increment(ignored))
      fs::permissions(at->path(), fs::perms::owner_write, fs::perm_options::add, ignored);
    fs::remove_all(root_, ignored);
  }

  fs::path root_;
};

TEST_F(NativeDataset, TreesHaveTheDigestsOfTheirSpecs) {
  const auto spec = find_dataset("tiny");
  ASSERT_TRUE(spec) << spec.error().message();
  const auto made = generate(*spec, {.out = root_.string()});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->profile, to_string(native_profile()));
  EXPECT_EQ(made->digest_matches_spec, true) << made->digest;
  const auto again = generate(*spec, {.out = root_.string()});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, base::ErrorKind::kNotEmpty);
}

TEST_F(NativeDataset, MutationChangesTheTreeAndItsReadOnlyFiles) {
  const auto spec = find_dataset("tiny");
  ASSERT_TRUE(spec) << spec.error().message();
  const auto made = generate(*spec, {.out = root_.string()});
  ASSERT_TRUE(made) << made.error().message();
  DatasetSpec everything = *spec;
  everything.mutation = {};
  everything.mutation.changed.per_million = 1'000'000;
  const auto done = mutate(everything, root_.string(), 4, 2);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_GT(done->changed, 100U);
  const fs::perms mode = fs::status(root_ / "read-only" / "file-000000.txt").permissions();
  EXPECT_EQ(mode & fs::perms::owner_write, fs::perms::none);
  const auto image = read_tree_image(root_.string());
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_NE(tree_digest(*image, aspects_of(native_profile())), made->digest);
  EXPECT_EQ(image->files, made->files);
}

}  // namespace
}  // namespace robosync::parity
