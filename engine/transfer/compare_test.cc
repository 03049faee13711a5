// Comparing two files and taking digests, piece by piece.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/transfer/copy.h"
#include "engine/transfer/copy_cases_testing.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;
using fs::Operation;

constexpr std::uint64_t kPiece = std::uint64_t{256} * 1024;

class Compare : public testing::Test {
 protected:
  Compare() {
    memory.build("/d", "");
    directory = *faulty.open_root("/d");
  }
  fs::FilePtr file(const std::string& name, std::uint64_t size) {
    make_file(*directory, name, size, Pattern::kDense);
    return *directory->open_file(name, fs::Access::kReadWrite);
  }
  static void flip(fs::File& file, std::uint64_t at) {
    std::byte byte{};
    ASSERT_TRUE(file.read_at({&byte, 1}, at));
    byte ^= std::byte{0x80};
    ASSERT_TRUE(file.write_at({&byte, 1}, at));
  }

  fs::MemoryFileSystem memory;
  fs::FaultFileSystem faulty{memory};
  fs::DirectoryPtr directory;
  base::Cancellation cancellation;
  std::uint64_t read_bytes = 0;
};

TEST_F(Compare, EveryFlippedByteIsFound) {
  constexpr std::uint64_t kSize = 2 * kPiece + 3;
  const auto a = file("a", kSize);
  const auto b = file("b", kSize);
  EXPECT_TRUE(*same_content(*a, *b, kSize, cancellation, read_bytes));
  EXPECT_EQ(read_bytes, 2 * kSize);
  for (const std::uint64_t at : {std::uint64_t{0}, std::uint64_t{1}, kPiece - 1, kPiece, kPiece + 1,
                                 2 * kPiece - 1, 2 * kPiece, kSize - 1}) {
    flip(*b, at);
    EXPECT_FALSE(*same_content(*a, *b, kSize, cancellation, read_bytes)) << at;
    EXPECT_EQ(*equal_prefix(*a, *b, kSize, cancellation, read_bytes), at / kPiece * kPiece);
    flip(*b, at);
  }
}

TEST_F(Compare, AShorterFileIsNotTheSame) {
  const auto a = file("a", kPiece + 10);
  const auto b = file("b", kPiece + 9);
  EXPECT_FALSE(*same_content(*a, *b, kPiece + 10, cancellation, read_bytes));
  EXPECT_FALSE(*same_content(*b, *a, kPiece + 10, cancellation, read_bytes));
  EXPECT_EQ(*equal_prefix(*a, *b, kPiece + 9, cancellation, read_bytes), kPiece + 9);
  EXPECT_TRUE(*same_content(*a, *b, 0, cancellation, read_bytes));
}

TEST_F(Compare, ErrorsAndCancellationAreNoAnswers) {
  const auto a = file("a", kPiece);
  const auto b = file("b", kPiece);
  faulty.add({.operation = Operation::kRead, .path = "/d/b", .error = fs::fault(EIO)});
  EXPECT_EQ(same_content(*a, *b, kPiece, cancellation, read_bytes).error().kind, ErrorKind::kIo);
  cancellation.request();
  EXPECT_EQ(same_content(*a, *b, kPiece, cancellation, read_bytes).error().kind,
            ErrorKind::kCancelled);
  EXPECT_EQ(digest_of(*a, kPiece, base::DigestKind::kSha256, cancellation, read_bytes).error().kind,
            ErrorKind::kCancelled);
}

TEST_F(Compare, DigestsOfFiles) {
  make_file(*directory, "empty", 0, Pattern::kDense);
  ASSERT_TRUE(fs::write_whole(*directory, "abc", "abc"));
  const auto digest = [&](const char* name, std::uint64_t size, base::DigestKind kind) {
    const auto opened = directory->open_file(name);
    const auto result = digest_of(**opened, size, kind, cancellation, read_bytes);
    return result ? result->hex() : std::string(base::to_string(result.error().kind));
  };
  EXPECT_EQ(digest("abc", 3, base::DigestKind::kSha256),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest("empty", 0, base::DigestKind::kSha256),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest("abc", 4, base::DigestKind::kSha256), "changed");
  EXPECT_EQ(digest("abc", 2, base::DigestKind::kXxh3_128).size(), 32U);
}

}  // namespace
}  // namespace robosync::transfer
