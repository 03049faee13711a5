// Windows' attributes as bits, as letters and as a stored value.
#include "engine/tree/windows_attributes.h"

#include <gtest/gtest.h>

namespace robosync::tree {
namespace {

TEST(WindowsAttributes, LettersInAnyOrderAndCase) {
  EXPECT_EQ(*parse_windows_attributes(""), 0U);
  EXPECT_EQ(*parse_windows_attributes("R"), kAttributeReadOnly);
  EXPECT_EQ(*parse_windows_attributes("shS"), kAttributeHidden | kAttributeSystem);
  EXPECT_EQ(*parse_windows_attributes("OTENCHSAR"), kLetteredAttributes);
  EXPECT_EQ(*parse_windows_attributes("N"), kAttributeNotIndexed);
}

TEST(WindowsAttributes, AnUnknownLetterIsNamed) {
  const auto parsed = parse_windows_attributes("AQ");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, base::ErrorKind::kUsage);
  EXPECT_NE(parsed.error().message().find("'Q'"), std::string::npos);
}

TEST(WindowsAttributes, StoredOnesComeBack) {
  EXPECT_EQ(stored_attributes(kLetteredAttributes), "RHSAI");
  EXPECT_EQ(stored_attributes(kAttributeTemporary), "");
  for (const char* value : {"", "H", "SA", "RHSAI"}) {
    EXPECT_EQ(stored_attributes(*parse_stored_attributes(value)), value);
  }
  EXPECT_FALSE(parse_stored_attributes("T"));
}

TEST(WindowsAttributes, WhereThereAreNoneTheModeSaysWhetherAFileIsReadOnly) {
  Metadata file;
  file.mode = 0644;
  EXPECT_EQ(windows_attributes_of(file), 0U);
  file.mode = 0444;
  EXPECT_EQ(windows_attributes_of(file), kAttributeReadOnly);
  file.windows_attributes = kAttributeHidden;
  EXPECT_EQ(windows_attributes_of(file), kAttributeHidden);
}

// Taken for one hole, the file would be copied as zeros without ever being read.
TEST(WindowsAttributes, AFileWhoseContentIsElsewhereHasNoHoles) {
  constexpr std::uint64_t kSize = 1 << 20;
  constexpr WindowsAttributes kOnlineOnly = 0x501620;  // as OneDrive has it
  for (const WindowsAttributes elsewhere :
       {kOnlineOnly, kAttributeSparse | kAttributeReparsePoint,
        kAttributeSparse | kAttributeOffline, kAttributeSparse | kAttributeRecallOnOpen,
        kAttributeSparse | kAttributeRecallOnDataAccess}) {
    EXPECT_FALSE(is_stored_in_blocks(elsewhere)) << elsewhere;
    EXPECT_EQ(allocated_for_holes(elsewhere, 0, kSize), kSize) << elsewhere;
  }
  EXPECT_TRUE(is_stored_in_blocks(kAttributeSparse | kAttributeArchive));
  EXPECT_EQ(allocated_for_holes(kAttributeSparse, 4096, kSize), 4096U);
  EXPECT_EQ(allocated_for_holes(kAttributeCompressed, 4096, kSize), kSize);
  EXPECT_EQ(allocated_for_holes(0, 2 * kSize, kSize), 2 * kSize);
}

}  // namespace
}  // namespace robosync::tree
