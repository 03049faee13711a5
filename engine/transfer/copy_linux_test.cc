// The Copier on the machine's own file systems, each fast path on and off.
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "engine/transfer/copy_cases_testing.h"

namespace robosync::transfer {
namespace {

// A directory of this test's own on disk or in memory, gone when it goes.
class Scratch {
 public:
  explicit Scratch(const std::string& parent) {
    std::string pattern = parent + "/robosync-copy-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) return;
    path_ = pattern;
    auto opened = fs::native_file_system().open_root(path_);
    if (opened) directory_ = *opened;
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] fs::Directory* directory() const { return directory_.get(); }

 private:
  std::string path_;
  fs::DirectoryPtr directory_;
};

class NativeCopy : public testing::TestWithParam<const char*> {
 protected:
  Scratch scratch{GetParam()};
};

TEST_P(NativeCopy, EverySizePatternAndFastPath) {
  ASSERT_NE(scratch.directory(), nullptr);
  for (const FastPaths& paths : all_fast_paths()) {
    for (const Pattern pattern : {Pattern::kDense, Pattern::kHoles, Pattern::kZeros}) {
      for (const std::uint64_t size : threshold_sizes()) {
        if (size > 1'000'000 && (paths.clone || paths.parallel_ranges)) continue;
        SCOPED_TRACE(to_string(paths) + std::string(to_string(pattern)) + " " +
                     std::to_string(size));
        Options options;
        options.fast_paths = paths;
        options.sparse = pattern == Pattern::kZeros;
        (void)check_copy(*scratch.directory(), size, pattern, options);
        if (HasFailure()) return;
      }
    }
  }
}

TEST_P(NativeCopy, LargeFilesInParallel) {
  ASSERT_NE(scratch.directory(), nullptr);
  for (const std::uint64_t size : parallel_sizes()) {
    Options options;
    options.fast_paths.clone = false;
    options.fast_paths.copy_range = size % 2 == 0;
    const Copied copied = check_copy(*scratch.directory(), size, Pattern::kDense, options, 4);
    EXPECT_EQ(copied.parallel, size >= std::uint64_t{64} * 1024 * 1024);
    // In the kernel one thread would wait for the other.
    if (copied.parallel) EXPECT_EQ(copied.method, Method::kPlain) << size;
  }
}

TEST_P(NativeCopy, LargeSparseFiles) {
  ASSERT_NE(scratch.directory(), nullptr);
  // Longer than 32 bits can count, nearly all of it hole.
  constexpr std::uint64_t kSize = (std::uint64_t{5} << 30) + 12345;
  auto from = scratch.directory()->create_file("from", 0600);
  ASSERT_TRUE(from);
  const std::string island = "island";
  const auto bytes = std::as_bytes(std::span(island));
  const std::uint64_t places[] = {0, (std::uint64_t{1} << 31) - 3, (std::uint64_t{1} << 32) - 3,
                                  kSize - 6};
  for (const std::uint64_t at : places) ASSERT_TRUE((*from)->write_at(bytes, at));
  auto to = scratch.directory()->create_file("to", 0600);
  ASSERT_TRUE(to);
  Options options;
  options.fast_paths.clone = false;
  CopyBench bench(options);
  const auto copied = bench.copy(**from, **to);
  ASSERT_TRUE(copied);
  EXPECT_TRUE(copied->sparse);
  EXPECT_EQ((*to)->stat()->size, kSize);
  EXPECT_LT((*to)->stat()->allocated_bytes, std::uint64_t{16} << 20);
  for (const std::uint64_t at : places) {
    std::string seen(island.size(), '\0');
    ASSERT_TRUE((*to)->read_at(std::as_writable_bytes(std::span(seen)), at));
    EXPECT_EQ(seen, island) << at;
  }
}

TEST_P(NativeCopy, BetweenFileSystems) {
  ASSERT_NE(scratch.directory(), nullptr);
  const Scratch other(std::string(GetParam()) == "/tmp" ? "/dev/shm" : "/tmp");
  ASSERT_NE(other.directory(), nullptr);
  make_file(*scratch.directory(), "from", 3'000'000, Pattern::kHoles);
  const auto from = scratch.directory()->open_file("from");
  for (const FastPaths& paths : all_fast_paths()) {
    auto to = other.directory()->create_file("to", 0600);
    ASSERT_TRUE(from && to);
    Options options;
    options.fast_paths = paths;
    CopyBench bench(options);
    ASSERT_TRUE(bench.copy(**from, **to));
    EXPECT_TRUE(holds(**to, 3'000'000, Pattern::kHoles));
    ASSERT_TRUE(other.directory()->remove_file("to"));
  }
}

INSTANTIATE_TEST_SUITE_P(Volumes, NativeCopy, testing::Values("/tmp", "/dev/shm"),
                         [](const auto& info) {
                           return std::string(info.param) == "/tmp" ? "disk" : "memory";
                         });

}  // namespace
}  // namespace robosync::transfer
