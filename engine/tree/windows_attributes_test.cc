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

}  // namespace
}  // namespace robosync::tree
