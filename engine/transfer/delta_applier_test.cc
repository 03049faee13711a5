#include "engine/transfer/delta_applier.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

#include "engine/transfer/delta_testing.h"

namespace robosync::transfer {
namespace {

using base::DigestKind;
using base::ErrorKind;
using base::Result;

// An applier over old bytes and a new file in memory, both of which can be made to fail.
class Applier : public testing::Test {
 protected:
  static constexpr std::uint32_t kBlock = 100;

  DeltaApplier make(std::uint64_t new_bytes) {
    return {BlockLayout{.old_bytes = old.size(), .block_bytes = kBlock}, new_bytes,
            DigestKind::kXxh3_128,
            [this](std::uint64_t offset, std::span<std::byte> out) -> Result<std::size_t> {
              ++reads;
              if (read_error) return base::fail(base::make_error(*read_error, "read"));
              const std::size_t there = std::min<std::size_t>(old_there, old.size());
              const std::size_t count =
                  offset < there ? std::min<std::size_t>(out.size(), there - offset) : 0;
              std::copy_n(old.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
              return count;
            },
            [this](std::span<const std::byte> bytes) -> Result<void> {
              if (write_error) return base::fail(base::make_error(*write_error, "write"));
              written.insert(written.end(), bytes.begin(), bytes.end());
              return {};
            }};
  }

  static base::Digest digest(std::span<const std::byte> bytes) {
    const auto hasher = base::make_hasher(DigestKind::kXxh3_128);
    hasher->add(bytes);
    return hasher->finish();
  }

  Bytes old = random_bytes(1050, 1);
  std::size_t old_there = 1U << 30;  // how much of it can still be read
  std::optional<ErrorKind> read_error;
  std::optional<ErrorKind> write_error;
  Bytes written;
  int reads = 0;
};

TEST_F(Applier, BuildsFromCopiesAndLiterals) {
  const Bytes fresh = random_bytes(33, 2);
  const Bytes expected =
      concat(concat(std::span(old).subspan(900), fresh), std::span(old).first(200));
  DeltaApplier applier = make(expected.size());
  ASSERT_TRUE(applier.copy({.first = 9, .count = 2}));  // with the short last block
  ASSERT_TRUE(applier.literal(fresh));
  ASSERT_TRUE(applier.copy({.first = 0, .count = 2}));
  EXPECT_TRUE(applier.finish(digest(expected)));
  EXPECT_EQ(written, expected);
  EXPECT_EQ(applier.written_bytes(), expected.size());
  EXPECT_EQ(applier.copied_bytes(), 350U);
}

TEST_F(Applier, CopiesLongerThanItsBuffer) {
  old = random_bytes(3 * DeltaApplier::kReadBytes + 1, 3);
  DeltaApplier applier = make(old.size());
  const auto blocks = static_cast<std::uint32_t>((old.size() + kBlock - 1) / kBlock);
  ASSERT_TRUE(applier.copy({.first = 0, .count = blocks}));
  EXPECT_TRUE(applier.finish(digest(old)));
  EXPECT_EQ(written, old);
}

TEST_F(Applier, RefusesBlocksOutsideTheOldFileWithoutReading) {
  DeltaApplier applier = make(1'000'000);
  EXPECT_TRUE(applier.copy({.first = 10, .count = 1}));
  const int before = reads;
  for (const BlockRun run :
       {BlockRun{.first = 11, .count = 1}, BlockRun{.first = 10, .count = 2},
        BlockRun{.first = 0, .count = 0}, BlockRun{.first = 0xffffffff, .count = 1},
        BlockRun{.first = 1, .count = 0xffffffff}}) {
    EXPECT_EQ(applier.copy(run).error().kind, ErrorKind::kProtocol);
  }
  EXPECT_EQ(reads, before);
}

TEST_F(Applier, RefusesOneByteMoreThanDeclared) {
  DeltaApplier exact = make(1050);
  EXPECT_TRUE(exact.copy({.first = 0, .count = 11}));
  EXPECT_EQ(exact.literal(random_bytes(1, 4)).error().kind, ErrorKind::kProtocol);
  EXPECT_EQ(exact.copy({.first = 10, .count = 1}).error().kind, ErrorKind::kProtocol);
  written.clear();
  DeltaApplier short_of = make(1049);
  EXPECT_EQ(short_of.copy({.first = 0, .count = 11}).error().kind, ErrorKind::kProtocol);
  EXPECT_EQ(short_of.literal(random_bytes(1050, 4)).error().kind, ErrorKind::kProtocol);
  EXPECT_TRUE(written.empty());
  EXPECT_TRUE(short_of.literal(random_bytes(1049, 4)));
}

TEST_F(Applier, RefusesAFileWithBytesMissingOrOtherContent) {
  DeltaApplier missing = make(101);
  ASSERT_TRUE(missing.copy({.first = 0, .count = 1}));
  EXPECT_EQ(missing.finish(digest(std::span(old).first(100))).error().kind, ErrorKind::kProtocol);
  DeltaApplier other = make(100);
  ASSERT_TRUE(other.copy({.first = 1, .count = 1}));
  EXPECT_EQ(other.finish(digest(std::span(old).first(100))).error().kind, ErrorKind::kCorrupt);
}

TEST_F(Applier, NoticesThatTheOldFileBecameShorter) {
  DeltaApplier applier = make(1050);
  old_there = 1049;
  EXPECT_EQ(applier.copy({.first = 0, .count = 11}).error().kind, ErrorKind::kChanged);
}

TEST_F(Applier, PassesErrorsOfReadingAndWritingOn) {
  DeltaApplier applier = make(1050);
  read_error = ErrorKind::kIo;
  EXPECT_EQ(applier.copy({.first = 0, .count = 1}).error().kind, ErrorKind::kIo);
  read_error.reset();
  write_error = ErrorKind::kNoSpace;
  EXPECT_EQ(applier.copy({.first = 0, .count = 1}).error().kind, ErrorKind::kNoSpace);
  EXPECT_EQ(applier.literal(old).error().kind, ErrorKind::kNoSpace);
  EXPECT_EQ(applier.written_bytes(), 0U);
}

}  // namespace
}  // namespace robosync::transfer
