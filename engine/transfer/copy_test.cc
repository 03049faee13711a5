// The Copier in memory: every fast path on and off gives the same bytes, faults fail the file.
#include "engine/transfer/copy.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <string>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/transfer/copy_cases_testing.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;
using fs::Operation;

constexpr std::uint64_t kMebi = 1024 * 1024;
constexpr FastPaths kPlainOnly{.clone = false,
                               .copy_range = false,
                               .parallel_ranges = false,
                               .staged_directories = false,
                               .holes = false};

class Copy : public testing::Test {
 protected:
  Copy() {
    memory.build("/d", "");
    directory = *faulty.open_root("/d");
  }
  // Copies "from" to a new "to".
  base::Result<Copied> copy(CopyBench& bench, const Existing& existing = {},
                            std::optional<std::uint64_t> declared = {}) {
    from = *directory->open_file("from");
    to = *directory->create_file("to", 0600);
    return bench.copy(*from, *to, existing, declared);
  }

  fs::MemoryFileSystem memory;
  fs::FaultFileSystem faulty{memory};
  fs::DirectoryPtr directory;
  fs::FilePtr from;
  fs::FilePtr to;
};

TEST_F(Copy, EverySizePatternAndFastPath) {
  for (const FastPaths& paths : all_fast_paths()) {
    for (const Pattern pattern : {Pattern::kDense, Pattern::kHoles, Pattern::kZeros}) {
      for (const std::uint64_t size : threshold_sizes()) {
        // The largest only where it makes a difference.
        if (size > kMebi && (paths.clone || paths.parallel_ranges || pattern == Pattern::kZeros)) {
          continue;
        }
        for (const bool sparse : {false, true}) {
          SCOPED_TRACE(to_string(paths) + std::string(to_string(pattern)) + " " +
                       std::to_string(size) + (sparse ? " sparse" : ""));
          Options options;
          options.fast_paths = paths;
          options.sparse = sparse;
          (void)check_copy(*directory, size, pattern, options);
          if (HasFailure()) return;
        }
      }
    }
  }
}

TEST_F(Copy, LargeFilesInParallel) {
  for (const std::uint64_t size : parallel_sizes()) {
    for (const bool kernel : {true, false}) {
      if (!kernel && size % 2 == 0) continue;
      Options options;
      options.fast_paths.clone = false;
      options.fast_paths.copy_range = kernel;
      const Copied copied = check_copy(*directory, size, Pattern::kDense, options, 4);
      EXPECT_EQ(copied.parallel, size >= 64 * kMebi) << size;
      EXPECT_EQ(copied.written_bytes, size);
    }
  }
}

TEST_F(Copy, TheFastPathsAreTaken) {
  constexpr std::uint64_t kSize = 300'000;
  Options options;
  EXPECT_EQ(check_copy(*directory, kSize, Pattern::kDense, options).method, Method::kCloned);
  options.fast_paths.clone = false;
  EXPECT_EQ(check_copy(*directory, kSize, Pattern::kDense, options).method, Method::kKernel);
  options.fast_paths.copy_range = false;
  EXPECT_EQ(check_copy(*directory, kSize, Pattern::kDense, options).method, Method::kPlain);
  const Copied small = check_copy(*directory, 1000, Pattern::kDense, Options());
  EXPECT_EQ(small.method, Method::kPlain) << "for little, plain reading and writing is cheapest";
}

TEST_F(Copy, HolesStayHoles) {
  for (const bool ask : {true, false}) {
    memory.build("/h" + std::to_string(int{ask}), "");
    const auto holes = *memory.open_root("/h" + std::to_string(int{ask}));
    make_file(*holes, "from", 4 * kMebi, Pattern::kHoles);
    const auto source = *holes->open_file("from");
    const auto target = *holes->create_file("to", 0600);
    Options options;
    options.fast_paths = kPlainOnly;
    options.fast_paths.holes = ask;
    options.sparse = !ask;
    CopyBench bench(options);
    const auto copied = bench.copy(*source, *target);
    ASSERT_TRUE(copied);
    EXPECT_TRUE(copied->sparse);
    EXPECT_LE(target->stat()->allocated_bytes, source->stat()->allocated_bytes);
    EXPECT_TRUE(holds(*target, 4 * kMebi, Pattern::kHoles));
  }
}

// One byte that is not zero, first or last of a block or of the file, is content.
TEST_F(Copy, ALoneByteAtTheEdgeOfABlockOfZerosArrives) {
  constexpr std::uint64_t kSize = 5 * 4096 + 10;
  for (const std::uint64_t place : {0U, 1U, 4095U, 4096U, 8191U, 5U * 4096U, 5U * 4096U + 9U}) {
    SCOPED_TRACE(place);
    {
      const auto file = *directory->create_file("from", 0644);
      ASSERT_TRUE(file->resize(kSize));
      ASSERT_TRUE(file->write_at(std::vector<std::byte>(1, std::byte{7}), place));
    }
    Options options;
    options.fast_paths = kPlainOnly;
    options.sparse = true;
    CopyBench bench(options);
    ASSERT_TRUE(copy(bench));
    std::vector<std::byte> there(kSize);
    ASSERT_EQ(*to->read_at(there, 0), kSize);
    for (std::uint64_t i = 0; i < kSize; ++i) {
      ASSERT_EQ(there[i], i == place ? std::byte{7} : std::byte{0}) << "at " << i;
    }
    ASSERT_TRUE(directory->remove_file("from"));
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

TEST_F(Copy, WrittenZerosBecomeHolesOnlyWhenAsked) {
  make_file(*directory, "from", kMebi, Pattern::kZeros);
  Options options;
  options.fast_paths = kPlainOnly;
  CopyBench keep(options);
  ASSERT_TRUE(copy(keep));
  EXPECT_GE(to->stat()->allocated_bytes, kMebi);
  ASSERT_TRUE(directory->remove_file("to"));
  options.sparse = true;
  CopyBench drop(options);
  ASSERT_TRUE(copy(drop));
  EXPECT_LT(to->stat()->allocated_bytes, kMebi / 2);
}

TEST_F(Copy, ASourceThatIsShorterThanDeclared) {
  for (const Pattern pattern : {Pattern::kDense, Pattern::kHoles}) {
    for (const FastPaths& paths : all_fast_paths()) {
      if (paths.clone) continue;  // whole by contract; the size is checked by who commits
      for (const std::uint64_t size : {std::uint64_t{1000}, std::uint64_t{300'000}}) {
        make_file(*directory, "from", size, pattern);
        Options options;
        options.fast_paths = paths;
        CopyBench bench(options);
        const auto copied = copy(bench, {}, size + 9000);
        EXPECT_FALSE(copied) << to_string(paths) << to_string(pattern) << " " << size;
        if (!copied) EXPECT_EQ(copied.error().kind, ErrorKind::kChanged);
        ASSERT_TRUE(directory->remove_file("from"));
        ASSERT_TRUE(directory->remove_file("to"));
      }
    }
  }
}

TEST_F(Copy, ASourceThatIsLongerIsCutAtWhatWasDeclared) {
  make_file(*directory, "from", 300'000, Pattern::kDense);
  for (const bool kernel : {true, false}) {
    Options options;
    options.fast_paths = kPlainOnly;
    options.fast_paths.copy_range = kernel;
    CopyBench bench(options);
    ASSERT_TRUE(copy(bench, {}, 200'000));
    EXPECT_TRUE(holds(*to, 200'000, Pattern::kDense));
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

TEST_F(Copy, ShortAnswersAreContinued) {
  make_file(*directory, "from", 700'000, Pattern::kDense);
  for (const Operation operation : {Operation::kCopyRange, Operation::kRead}) {
    faulty.clear();
    faulty.add({.operation = operation, .times = 20, .cut_to = 777});
    Options options;
    options.fast_paths = kPlainOnly;
    options.fast_paths.copy_range = operation == Operation::kCopyRange;
    CopyBench bench(options);
    ASSERT_TRUE(copy(bench));
    EXPECT_TRUE(holds(*to, 700'000, Pattern::kDense));
    EXPECT_EQ(faulty.unused(), "");
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

TEST_F(Copy, AKernelThatCopiesNothingLeavesItToReading) {
  make_file(*directory, "from", 300'000, Pattern::kDense);
  faulty.add({.operation = Operation::kCopyRange, .nth = 2, .times = fs::kEveryTime, .cut_to = 0});
  Options options;
  options.fast_paths.clone = false;
  CopyBench bench(options);
  const auto copied = copy(bench);
  ASSERT_TRUE(copied);
  EXPECT_TRUE(holds(*to, 300'000, Pattern::kDense));
  EXPECT_EQ(copied->written_bytes, 300'000U);
}

TEST_F(Copy, ErrorsFailTheFile) {
  make_file(*directory, "from", 300'000, Pattern::kDense);
  for (const Operation operation : {Operation::kCopyRange, Operation::kRead, Operation::kWrite}) {
    faulty.clear();
    faulty.add({.operation = operation, .error = fs::fault(EIO)});
    Options options;
    options.fast_paths.clone = false;
    options.fast_paths.copy_range = operation == Operation::kCopyRange;
    CopyBench bench(options);
    const auto copied = copy(bench);
    ASSERT_FALSE(copied);
    EXPECT_EQ(copied.error().kind, ErrorKind::kIo);
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

// ReFS refuses to share a block once more (EIO), macOS to take an attribute from a clone (EACCES).
TEST_F(Copy, WhatCannotBeClonedForAnyOtherReasonIsCopied) {
  make_file(*directory, "from", 300'000, Pattern::kDense);
  for (const int error : {EIO, EACCES, EMFILE, EBUSY}) {
    faulty.clear();
    faulty.add({.operation = Operation::kClone, .error = fs::fault(error)});
    CopyBench bench{Options()};
    const auto copied = copy(bench);
    ASSERT_TRUE(copied) << copied.error().message();
    EXPECT_EQ(copied->method, Method::kKernel);
    EXPECT_TRUE(holds(*to, 300'000, Pattern::kDense));
    ASSERT_TRUE(directory->remove_file("to"));
    // It was these files, not their devices.
    EXPECT_EQ(copy(bench)->method, Method::kCloned);
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

TEST_F(Copy, AnErrorThatCopyingWouldMeetTooEndsTheClone) {
  make_file(*directory, "from", 300'000, Pattern::kDense);
  for (const ErrorKind kind : {ErrorKind::kNoSpace, ErrorKind::kDeviceGone, ErrorKind::kChanged}) {
    faulty.clear();
    faulty.add({.operation = Operation::kClone, .error = base::make_error(kind, "")});
    CopyBench bench{Options()};
    const auto copied = copy(bench);
    ASSERT_FALSE(copied);
    EXPECT_EQ(copied.error().kind, kind);
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

TEST_F(Copy, AnErrorInOneOfSeveralRanges) {
  make_file(*directory, "from", 65 * kMebi, Pattern::kDense);
  for (std::size_t nth = 1; nth <= 9; nth += 4) {
    faulty.clear();
    faulty.add({.operation = Operation::kCopyRange, .nth = nth, .error = fs::fault(ENOSPC)});
    Options options;
    options.fast_paths.clone = false;
    CopyBench bench(options, 4);
    const auto copied = copy(bench);
    ASSERT_FALSE(copied);
    EXPECT_EQ(copied.error().kind, ErrorKind::kNoSpace);
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

TEST_F(Copy, WhatDoesNotWorkIsTriedOncePerPairOfDevices) {
  memory.build("/plain", "");
  memory.mount("/plain", {.can_clone = false, .can_copy_range = false});
  directory = *faulty.open_root("/plain");
  make_file(*directory, "from", 300'000, Pattern::kDense);
  CopyBench bench{Options()};
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(copy(bench));
    EXPECT_TRUE(holds(*to, 300'000, Pattern::kDense));
    ASSERT_TRUE(directory->remove_file("to"));
  }
  EXPECT_EQ(faulty.log().count(Operation::kClone), 1U);
  EXPECT_EQ(faulty.log().count(Operation::kCopyRange), 1U);
}

TEST_F(Copy, ReflinkAlwaysAndNever) {
  make_file(*directory, "from", 300'000, Pattern::kDense);
  Options options;
  options.reflink = Reflink::kNever;
  CopyBench never(options);
  ASSERT_TRUE(copy(never));
  EXPECT_EQ(faulty.log().count(Operation::kClone), 0U);
  EXPECT_EQ(faulty.log().count(Operation::kCopyRange), 0U) << "may share blocks as well";
  ASSERT_TRUE(directory->remove_file("to"));
  options.reflink = Reflink::kAlways;
  options.fast_paths.clone = false;
  CopyBench always(options);
  EXPECT_EQ(copy(always)->method, Method::kCloned);
  ASSERT_TRUE(directory->remove_file("to"));
  faulty.add(
      {.operation = Operation::kClone, .error = base::make_error(ErrorKind::kCrossDevice, "")});
  const auto refused = copy(always);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnsupported);
}

TEST_F(Copy, CancelledInTheMiddle) {
  make_file(*directory, "from", 3 * kMebi, Pattern::kDense);
  for (const Operation operation : {Operation::kCopyRange, Operation::kRead}) {
    faulty.clear();
    Options options;
    options.fast_paths = kPlainOnly;
    options.fast_paths.copy_range = operation == Operation::kCopyRange;
    CopyBench bench(options);
    faulty.add(
        {.operation = operation, .nth = 3, .before = [&] { bench.cancellation().request(); }});
    const auto copied = copy(bench);
    ASSERT_FALSE(copied);
    EXPECT_EQ(copied.error().kind, ErrorKind::kCancelled);
    EXPECT_LT(bench.progressed(), 3 * kMebi);
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

TEST_F(Copy, TheThrottleHoldsAllWaysBack) {
  make_file(*directory, "from", 300'000, Pattern::kDense);
  for (const bool kernel : {true, false}) {
    Options options;
    options.fast_paths.clone = false;
    options.fast_paths.copy_range = kernel;
    CopyBench bench(options, 2, 1'000'000);
    const auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(copy(bench));
    // The last tenth of a second's worth need not be waited for.
    EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(150));
    EXPECT_TRUE(holds(*to, 300'000, Pattern::kDense));
    ASSERT_TRUE(directory->remove_file("to"));
  }
}

TEST_F(Copy, PreallocationMayBeUnsupportedButNotFail) {
  make_file(*directory, "from", 300'000, Pattern::kDense);
  Options options;
  options.preallocate = true;
  options.fast_paths.clone = false;
  CopyBench bench(options);
  faulty.add({.operation = Operation::kPreallocate,
              .error = base::make_error(ErrorKind::kUnsupported, "")});
  ASSERT_TRUE(copy(bench));
  ASSERT_TRUE(directory->remove_file("to"));
  faulty.add({.operation = Operation::kPreallocate, .error = fs::fault(ENOSPC)});
  const auto full = copy(bench);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().kind, ErrorKind::kNoSpace);
}

TEST_F(Copy, ResumesBehindAnEqualPrefix) {
  constexpr std::uint64_t kSize = 1'000'000;
  make_file(*directory, "from", kSize, Pattern::kDense);
  for (const std::uint64_t equal : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{262'144},
                                    std::uint64_t{600'000}, kSize}) {
    for (const FastPaths& paths : all_fast_paths()) {
      from = *directory->open_file("from");
      make_file(*directory, "to", equal, Pattern::kDense);
      to = *directory->open_file("to", fs::Access::kReadWrite);
      Options options;
      options.fast_paths = paths;
      CopyBench bench(options);
      const auto copied = bench.copy(*from, *to, {.equal_bytes = equal});
      ASSERT_TRUE(copied);
      EXPECT_TRUE(holds(*to, kSize, Pattern::kDense));
      EXPECT_EQ(copied->method == Method::kCloned, equal == 0 && paths.clone);
      if (equal > 0) EXPECT_EQ(copied->written_bytes, kSize - equal);
      ASSERT_TRUE(directory->remove_file("to"));
    }
  }
}

TEST_F(Copy, OverwritesOldContentToTheLastByte) {
  for (const Pattern pattern : {Pattern::kDense, Pattern::kHoles, Pattern::kZeros}) {
    for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{100'000}}) {
      for (const std::uint64_t old_size : {std::uint64_t{1}, std::uint64_t{500'000}}) {
        for (const FastPaths& paths : all_fast_paths()) {
          make_file(*directory, "from", size, pattern);
          make_file(*directory, "to", old_size, Pattern::kDense);
          from = *directory->open_file("from");
          to = *directory->open_file("to", fs::Access::kReadWrite);
          Options options;
          options.fast_paths = paths;
          options.sparse = true;
          CopyBench bench(options);
          ASSERT_TRUE(bench.copy(*from, *to, {.old_content = true}));
          EXPECT_TRUE(holds(*to, size, pattern))
              << to_string(paths) << to_string(pattern) << " " << size << " over " << old_size;
          ASSERT_TRUE(directory->remove_file("from"));
          ASSERT_TRUE(directory->remove_file("to"));
        }
      }
    }
  }
}

}  // namespace
}  // namespace robosync::transfer
