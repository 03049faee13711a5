// The same trees on Windows: the digest of the Windows profile is computed on POSIX systems as
// well.
#include <windows.h>
#include <gmock/gmock.h>

#include <filesystem>

#include "harness/dataset/dataset.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;

class WindowsDataset : public ::testing::Test {
 protected:
  WindowsDataset()
      : root_(fs::temp_directory_path() /
              (std::string("dataset-") +
               ::testing::UnitTest::GetInstance()->current_test_info()->name())) {
    remove();
  }
  ~WindowsDataset() override { remove(); }

  // Read-only files have to be made writable before they can be removed.
  void remove() {
    std::error_code ignored;
    for (fs::recursive_directory_iterator at(root_, ignored), end; at != end; at.increment(ignored))
      fs::permissions(at->path(), fs::perms::owner_write, fs::perm_options::add, ignored);
    fs::remove_all(root_, ignored);
  }

  fs::path root_;
};

TEST_F(WindowsDataset, TreesHaveTheDigestsOfTheirSpecs) {
  const auto spec = find_dataset("tiny");
  ASSERT_TRUE(spec) << spec.error().message();
  const auto made = generate(*spec, {.out = root_.string()});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(made->profile, "windows");
  EXPECT_EQ(made->digest_matches_spec, true) << made->digest;
  const auto again = generate(*spec, {.out = root_.string()});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, base::ErrorKind::kNotEmpty);
}

TEST_F(WindowsDataset, MutationChangesTheTreeAndItsReadOnlyFiles) {
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
  const DWORD attributes = ::GetFileAttributesW((root_ / "read-only/file-000000.txt").c_str());
  EXPECT_NE(attributes & FILE_ATTRIBUTE_READONLY, 0U);
  const auto image = read_tree_image(root_.string());
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_NE(tree_digest(*image, aspects_of(Profile::kWindows)), made->digest);
  EXPECT_EQ(image->files, made->files);
}

}  // namespace
}  // namespace robosync::parity
