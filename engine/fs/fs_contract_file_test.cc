// Contents: reading, writing, sizes, holes, and copies made inside the kernel.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1024} * 1024;

std::string pattern(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) out[i] = static_cast<char>((i * 31 + i / 251) & 0xff);
  return out;
}

TEST_P(FsContract, ReadsAtAnyOffsetAndShortOnlyAtTheEnd) {
  const std::string text = pattern(3 * 4096 + 17);
  ASSERT_TRUE(succeeds(write_whole(root(), "f", text)));
  const FilePtr f = file("f");
  for (const std::size_t offset :
       std::vector<std::size_t>{0, 1, 4095, 4096, 8192, text.size() - 1}) {
    for (const std::size_t size : std::vector<std::size_t>{1, 100, 4096, 4097, text.size()}) {
      EXPECT_EQ(*read_text(*f, offset, size), text.substr(offset, size)) << offset << " " << size;
    }
  }
  EXPECT_EQ(*read_text(*f, text.size(), 10), "");
  EXPECT_EQ(*read_text(*f, text.size() + 100000, 10), "");
  EXPECT_EQ(*read_text(*f, 0, 0), "");
}

TEST_P(FsContract, ReadingAnEmptyFileGivesNothing) {
  build("f");
  EXPECT_EQ(*read_text(*file("f"), 0, 100), "");
}

TEST_P(FsContract, WritesAtAnyOffset) {
  const FilePtr f = new_file("f");
  ASSERT_TRUE(succeeds(f->write_at(bytes_of("world"), 6)));
  ASSERT_TRUE(succeeds(f->write_at(bytes_of("hello"), 0)));
  EXPECT_EQ(*read_text(*f, 0, 100), std::string("hello\0world", 11));
  ASSERT_TRUE(succeeds(f->write_at(bytes_of(""), 1000)));
  EXPECT_EQ(f->stat()->size, 11U) << "writing nothing writes nothing";
  const std::string big = pattern(static_cast<std::size_t>(2 * kMiB) + 3);
  ASSERT_TRUE(succeeds(f->write_at(bytes_of(big), 5000)));
  EXPECT_EQ(f->stat()->size, 5000 + big.size());
  EXPECT_EQ(*read_text(*f, 5000, big.size() + 1), big);
  EXPECT_EQ(*read_text(*f, 11, 4989), std::string(4989, '\0'));
}

TEST_P(FsContract, AHandleForReadingDoesNotWrite) {
  build("f = text");
  const FilePtr f = file("f");
  EXPECT_FALSE(f->write_at(bytes_of("x"), 0));
  EXPECT_FALSE(f->resize(0));
  EXPECT_EQ(content("f"), "text");
}

TEST_P(FsContract, ResizesBothWaysAndGrowsByZeros) {
  build("f = 0123456789");
  const FilePtr f = file("f", Access::kReadWrite);
  ASSERT_TRUE(succeeds(f->resize(4)));
  EXPECT_EQ(*read_text(*f, 0, 100), "0123");
  ASSERT_TRUE(succeeds(f->resize(8)));
  EXPECT_EQ(*read_text(*f, 0, 100), std::string("0123\0\0\0\0", 8)) << "what was cut off is gone";
  ASSERT_TRUE(succeeds(f->resize(0)));
  EXPECT_EQ(f->stat()->size, 0U);
  ASSERT_TRUE(succeeds(f->resize(100000)));
  EXPECT_EQ(*read_text(*f, 0, 200000), std::string(100000, '\0'));
}

TEST_P(FsContract, SizesBeyondWhatAFileSystemHoldsFailAndChangeNothing) {
  build("f = text");
  const FilePtr f = file("f", Access::kReadWrite);
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  for (const std::uint64_t size : {kMost, std::uint64_t{1} << 63}) {
    EXPECT_FALSE(f->resize(size)) << size;
    EXPECT_FALSE(f->write_at(bytes_of("xy"), size - 1)) << size;
  }
  EXPECT_EQ(content("f"), "text");
}

TEST_P(FsContract, TwoHandlesSeeTheSameBytes) {
  build("f = text");
  const FilePtr writer = file("f", Access::kReadWrite);
  const FilePtr reader = file("f");
  ASSERT_TRUE(succeeds(writer->write_at(bytes_of("TEXT more"), 0)));
  EXPECT_EQ(*read_text(*reader, 0, 100), "TEXT more");
}

TEST_P(FsContract, SeveralThreadsWriteAndReadOneHandle) {
  constexpr std::size_t kPieces = 64;
  constexpr std::size_t kPieceBytes = 10000;
  const std::string text = pattern(kPieces * kPieceBytes);
  const FilePtr f = new_file("f");
  const auto write_some = [&](std::size_t first) {
    for (std::size_t i = first; i < kPieces; i += 2) {
      const auto piece = bytes_of(text).subspan(i * kPieceBytes, kPieceBytes);
      ASSERT_TRUE(succeeds(f->write_at(piece, i * kPieceBytes)));
      ASSERT_EQ(*read_text(*f, i * kPieceBytes, kPieceBytes),
                text.substr(i * kPieceBytes, kPieceBytes));
    }
  };
  std::thread other(write_some, 1);
  write_some(0);
  other.join();
  EXPECT_EQ(content("f"), text);
}

// All extents of a file, checked to ascend, not to overlap and to end within `size`.
std::vector<Extent> extents_of(const File& f, std::uint64_t size) {
  std::vector<Extent> out;
  std::uint64_t at = 0;
  while (at <= size) {
    const auto next = f.next_extent(at);
    EXPECT_TRUE(succeeds(next));
    if (!next || !*next) break;
    EXPECT_GE((*next)->offset, at);
    EXPECT_GT((*next)->length, 0U);
    out.push_back(**next);
    at = (*next)->offset + (*next)->length;
  }
  EXPECT_LE(out.empty() ? 0 : at, size);
  return out;
}

TEST_P(FsContract, FindsWhatAFileStoresBetweenItsHoles) {
  const FilePtr f = new_file("f");
  ASSERT_TRUE(succeeds(f->write_at(bytes_of("in the middle"), 4 * kMiB)));
  ASSERT_TRUE(succeeds(f->resize(9 * kMiB)));
  if (!supported(f->next_extent(0), traits().holes)) return;
  const std::vector<Extent> extents = extents_of(*f, 9 * kMiB);
  ASSERT_EQ(extents.size(), 1U);
  // A file system stores whole blocks, never less than was written.
  EXPECT_LE(extents[0].offset, 4 * kMiB);
  EXPECT_GT(extents[0].offset, 3 * kMiB);
  EXPECT_GE(extents[0].offset + extents[0].length, 4 * kMiB + 13);
  EXPECT_LT(extents[0].length, kMiB);
  EXPECT_LT(f->stat()->allocated_bytes, 2 * kMiB);
  // From inside the extent, and behind it.
  const auto inside = f->next_extent(4 * kMiB + 1);
  ASSERT_TRUE(succeeds(inside));
  EXPECT_EQ((*inside)->offset, 4 * kMiB + 1);
  EXPECT_FALSE(f->next_extent(5 * kMiB)->has_value());
  EXPECT_FALSE(f->next_extent(9 * kMiB)->has_value());
  EXPECT_FALSE(f->next_extent(100 * kMiB)->has_value());
}

TEST_P(FsContract, FindsExtentsInFilesWithoutHolesAndWithNothingElse) {
  build("empty\nfull = text\nhole size=1048576");
  if (!supported(file("full")->next_extent(0), traits().holes)) return;
  EXPECT_FALSE(file("empty")->next_extent(0)->has_value());
  EXPECT_FALSE(file("hole")->next_extent(0)->has_value());
  EXPECT_EQ(metadata("hole").allocated_bytes, 0U);
  const std::vector<Extent> extents = extents_of(*file("full"), 4);
  ASSERT_EQ(extents.size(), 1U);
  EXPECT_EQ(extents[0].offset, 0U);
  EXPECT_EQ(extents[0].length, 4U);
}

TEST_P(FsContract, OffsetsGoBeyondFourGiB) {
  // Where holes are stored, what lies in front of the offset is real.
  const std::uint64_t far = traits().holes == Support::kNo ? 3 * kMiB : 5 * 1024 * kMiB + 1;
  const FilePtr f = new_file("f");
  ASSERT_TRUE(succeeds(f->write_at(bytes_of("far"), far)));
  EXPECT_EQ(f->stat()->size, far + 3);
  EXPECT_EQ(*read_text(*f, far - 2, 10), std::string("\0\0far", 5));
  const FilePtr copy = new_file("copy");
  if (supported(copy->copy_range_from(*f, far, 100), traits().copy_range)) {
    EXPECT_EQ(*read_text(*copy, far, 10), "far");
  }
  if (supported(f->next_extent(0), traits().holes)) {
    const auto extent = f->next_extent(far);
    ASSERT_TRUE(succeeds(extent));
    ASSERT_TRUE(extent->has_value());
    EXPECT_EQ((*extent)->offset, far);
    EXPECT_EQ((*extent)->length, 3U);
  }
  ASSERT_TRUE(succeeds(f->resize(far)));
  EXPECT_EQ(metadata("f").size, far);
}

TEST_P(FsContract, PreallocatesWithoutChangingTheSize) {
  build("f = text");
  const FilePtr f = file("f", Access::kReadWrite);
  if (!supported(f->preallocate(kMiB), traits().preallocate)) {
    EXPECT_EQ(f->stat()->size, 4U);
    return;
  }
  EXPECT_EQ(f->stat()->size, 4U);
  EXPECT_GE(f->stat()->allocated_bytes, kMiB);
  EXPECT_EQ(content("f"), "text");
  EXPECT_TRUE(succeeds(f->preallocate(0)));
  ASSERT_TRUE(succeeds(f->resize(100)));
  EXPECT_EQ(content("f"), "text" + std::string(96, '\0'));
}

TEST_P(FsContract, CopiesRangesInsideTheKernel) {
  const std::string text = pattern(static_cast<std::size_t>(kMiB) + 12345);
  ASSERT_TRUE(succeeds(write_whole(root(), "from", text)));
  const FilePtr from = file("from");
  const FilePtr to = new_file("to");
  if (!supported(to->copy_range_from(*from, 0, 1), traits().copy_range)) {
    EXPECT_EQ(to->stat()->size, 0U);
    return;
  }
  // From the same offset to the same offset; in as many steps as it takes.
  std::uint64_t at = 1000;
  while (at < text.size()) {
    const auto copied = to->copy_range_from(*from, at, 700000);
    ASSERT_TRUE(succeeds(copied));
    ASSERT_GT(*copied, 0U);
    ASSERT_LE(*copied, 700000U);
    at += *copied;
  }
  EXPECT_EQ(at, text.size());
  EXPECT_EQ(*to->copy_range_from(*from, text.size(), 10), 0U) << "the end of the source";
  EXPECT_EQ(*to->copy_range_from(*from, 10 * kMiB, 10), 0U);
  EXPECT_EQ(content("to"), text.substr(0, 1) + std::string(999, '\0') + text.substr(1000));
  EXPECT_EQ(content("from"), text);
}

TEST_P(FsContract, ClonesWholeFilesThatThenGoTheirOwnWays) {
  const std::string text = pattern(100000);
  ASSERT_TRUE(succeeds(write_whole(root(), "from", text)));
  const FilePtr from = file("from", Access::kReadWrite);
  const FilePtr to = new_file("to");
  if (!supported(to->clone_from(*from), traits().clone)) {
    EXPECT_EQ(to->stat()->size, 0U);
    return;
  }
  EXPECT_EQ(content("to"), text);
  EXPECT_EQ(to->stat()->size, text.size());
  ASSERT_TRUE(succeeds(from->write_at(bytes_of("FROM"), 0)));
  ASSERT_TRUE(succeeds(to->write_at(bytes_of("TO"), 50000)));
  EXPECT_EQ(content("from"), "FROM" + text.substr(4));
  EXPECT_EQ(content("to"), text.substr(0, 50000) + "TO" + text.substr(50002));
  EXPECT_EQ(metadata("to").link_count, 1U);
}

}  // namespace
}  // namespace robosync::fs
