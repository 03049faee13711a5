// The data of reparse points as links.
#include "engine/tree/windows_link.h"

#include <gtest/gtest.h>

#include <cstring>

namespace robosync::tree {
namespace {

// As the system writes it, whatever the names say.
std::string reparse_point(std::uint32_t tag, std::u16string_view substitute,
                          std::u16string_view print) {
  ReparseHeader header{.tag = tag};
  header.substitute_bytes = static_cast<std::uint16_t>(substitute.size() * sizeof(char16_t));
  header.print_offset = header.substitute_bytes;
  header.print_bytes = static_cast<std::uint16_t>(print.size() * sizeof(char16_t));
  const std::u16string names = std::u16string(substitute) + std::u16string(print);
  std::string bytes(sizeof(header), '\0');
  std::memcpy(bytes.data(), &header, sizeof(header));
  if (tag == kTagSymlink) bytes.append(4, '\0');
  return bytes.append(reinterpret_cast<const char*>(names.data()), names.size() * 2);
}

TEST(WindowsLink, TheNameForPeopleIsTheTarget) {
  const auto link = parse_reparse_point(reparse_point(kTagSymlink, u"\\??\\C:\\a", u"C:\\a"));
  ASSERT_TRUE(link);
  EXPECT_EQ(link->target, "C:/a");
  EXPECT_EQ(link->kind, LinkKind::kUnknown);
  EXPECT_EQ(parse_reparse_point(reparse_point(kTagSymlink, u"..\\b", u""))->target, "../b");
}

TEST(WindowsLink, WhereAMountPointLeadsDecidesWhatItIs) {
  const auto volume =
      parse_reparse_point(reparse_point(kTagMountPoint, u"\\??\\Volume{1}\\", u"D:\\"));
  ASSERT_TRUE(volume);
  EXPECT_EQ(volume->kind, LinkKind::kMountPoint) << "whatever it is called";
  const auto junction =
      parse_reparse_point(reparse_point(kTagMountPoint, u"\\??\\D:\\x", u"Volume{1}"));
  ASSERT_TRUE(junction);
  EXPECT_EQ(junction->kind, LinkKind::kJunction);
}

TEST(WindowsLink, AShareIsTheShare) {
  EXPECT_EQ(parse_reparse_point(reparse_point(kTagSymlink, u"\\??\\UNC\\srv\\x", u""))->target,
            "//srv/x");
}

TEST(WindowsLink, OfTheSubsystemForLinux) {
  std::string bytes("\x1D\0\0\xA0\x09\0\0\0\2\0\0\0", 12);
  EXPECT_FALSE(parse_reparse_point(bytes));
  EXPECT_EQ(parse_reparse_point(bytes + "../a\\b")->target, "../a\\b");
}

TEST(WindowsLink, WhatIsNotWholeIsNone) {
  const std::string whole = reparse_point(kTagSymlink, u"ab", u"cd");
  ASSERT_TRUE(parse_reparse_point(whole));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(parse_reparse_point(whole.substr(0, size))) << size;
  }
  EXPECT_FALSE(parse_reparse_point(reparse_point(0x80000013, u"ab", u"cd")));
  std::string odd = whole;
  odd[10] = 3;
  EXPECT_FALSE(parse_reparse_point(odd));
}

}  // namespace
}  // namespace robosync::tree
