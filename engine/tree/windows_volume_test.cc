// What volumes of Windows cannot tell or keep.
#include "engine/tree/windows_volume.h"

#include <gtest/gtest.h>

#include <limits>

namespace robosync::tree {
namespace {

TEST(WindowsVolume, ANumberThatIsNoneMakesNoTwoFilesOne) {
  EXPECT_FALSE((Identity{1, windows_inode(0)}.is_known()));
  EXPECT_FALSE((Identity{1, windows_inode(-1)}.is_known()));
  EXPECT_EQ(windows_inode(-2), 0xFFFFFFFFFFFFFFFEU);
  EXPECT_EQ(windows_inode(5), 5U);
}

TEST(WindowsVolume, WithoutANumberNothingSaysThatAFileIsAnother) {
  EXPECT_TRUE(may_be_same({1, 5}, {1, 5}));
  EXPECT_FALSE(may_be_same({1, 5}, {1, 6}));
  EXPECT_TRUE(may_be_same({1, 0}, {1, 6}));
  EXPECT_TRUE(may_be_same({1, 5}, {1, 0}));
  EXPECT_FALSE(may_be_same({1, 0}, {2, 0}));
}

TEST(WindowsVolume, OnlyFatHasNoLargeFiles) {
  EXPECT_EQ(windows_file_bytes_max(u"FAT32"), 0xFFFF'FFFFU);
  EXPECT_EQ(windows_file_bytes_max(u"FAT"), 0xFFFF'FFFFU);
  EXPECT_GT(windows_file_bytes_max(u"exFAT"), 0xFFFF'FFFFU);
  EXPECT_GT(windows_file_bytes_max(u"NTFS"), 0xFFFF'FFFFU);
}

TEST(WindowsVolume, TimesThatFatCannotHoldBecomeTheNearest) {
  const Time first = kept_by_fat({-5, 7});
  const Time last = kept_by_fat({std::numeric_limits<std::int64_t>::max(), 7});
  EXPECT_EQ(first, (Time{315'619'200, 0}));
  EXPECT_EQ(last, (Time{4'354'732'800, 0}));
  for (const Time kept : {first, last, Time{1'000'000'000, 999'999'999}}) {
    EXPECT_EQ(kept_by_fat(kept), kept);
  }
}

}  // namespace
}  // namespace robosync::tree
