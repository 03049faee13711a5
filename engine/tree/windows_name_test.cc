#include "engine/tree/windows_name.h"

#include <gtest/gtest.h>

#include <string>

namespace robosync::tree {
namespace {

std::string complaint(std::string_view name) {
  const auto valid = validate_windows_name(name);
  return valid ? "" : valid.error().message();
}

TEST(WindowsName, OrdinaryNamesAreFine) {
  for (const char* name :
       {"a",    "a.b.c", ".hidden", "...x",   " leading", "Grüße 😀", "\xED\xA0\xBD",
        "com",  "com10", "COM0",    "lpt",    "console",  "con1",     "nul_",
        "aux-", "a~1",   "%2e",     "[x]{y}", "prnt",     "\x7f"}) {
    EXPECT_EQ(complaint(name), "") << name;
  }
}

TEST(WindowsName, StreamsMayBeCalledWhatFilesMayNot) {
  for (const char* name : {"\x05SummaryInformation", "a*?<>|\"", "CON", "end.", "...", " "}) {
    EXPECT_TRUE(validate_stream_name(name)) << name;
  }
  for (const std::string_view name : {"", "a:b", "a/b", "..\\b", "caf\xE9"}) {
    EXPECT_FALSE(validate_stream_name(name)) << name;
  }
  EXPECT_FALSE(validate_stream_name(std::string_view("a\0b", 3)));
  EXPECT_TRUE(validate_stream_name(std::string(kWindowsNameUnitsMax, 'x')));
  EXPECT_FALSE(validate_stream_name(std::string(kWindowsNameUnitsMax + 1, 'x')));
}

TEST(WindowsName, AliasesHaveUpToTwelveUnitsAndATilde) {
  for (const char* name : {"PROGRA~1", "LONGNA~1.TXT", "長い名前です~1.TXT", "a~"}) {
    EXPECT_TRUE(may_be_windows_alias(name)) << name;
  }
  for (const char* name : {"PROGRAM1", "LONGNAM~1.TXT", "長い名前ですよ~1.TXT"}) {
    EXPECT_FALSE(may_be_windows_alias(name)) << name;
  }
}

TEST(WindowsName, TheCharacterAndItsPositionAreTold) {
  EXPECT_EQ(complaint("a:b"), "illegal name on Windows: ':' at position 2");
  EXPECT_EQ(complaint("ü?"), "illegal name on Windows: '?' at position 2");
  EXPECT_EQ(complaint("x\ty"), "illegal name on Windows: byte 0x09 at position 2");
  EXPECT_EQ(complaint("caf\xE9"), "illegal name on Windows: byte 0xE9 at position 4 is not UTF-8");
  EXPECT_EQ(complaint("end."), "illegal name on Windows: '.' at position 4, the end");
  EXPECT_EQ(complaint("end "), "illegal name on Windows: ' ' at position 4, the end");
  for (const char c : std::string("<>:\"\\|?*\x01\x1F")) {
    EXPECT_NE(complaint(std::string("a") + c), "") << c;
    EXPECT_FALSE(validate_windows_characters(std::string("a") + c).has_value()) << c;
  }
}

TEST(WindowsName, DevicesAreInEveryDirectory) {
  for (const char* name : {"con", "CON", "Con.txt", "nul.tar.gz", "aux ", "prn .x", "com1", "LPT9",
                           "com\xC2\xB9", "lpt\xC2\xB3.log", "conin$", "CONOUT$.x"}) {
    EXPECT_NE(complaint(name), "") << name;
  }
  EXPECT_EQ(complaint("nul.txt"), "illegal name on Windows: 'nul.txt' means a device");
  EXPECT_TRUE(validate_windows_characters("nul.txt")) << "what is there can be read";
  EXPECT_TRUE(validate_windows_characters("dot."));
}

TEST(WindowsName, LengthIsCountedInUnitsOfUtf16) {
  EXPECT_TRUE(validate_windows_name(std::string(255, 'x')));
  EXPECT_EQ(validate_windows_name(std::string(256, 'x')).error().kind, base::ErrorKind::kLimit);
  std::string wide;
  for (int i = 0; i < 255; ++i) wide += "\xE4\xB8\xAD";
  EXPECT_TRUE(validate_windows_name(wide)) << "765 bytes";
  std::string pairs;
  for (int i = 0; i < 128; ++i) pairs += "\xF0\x9F\x98\x80";
  EXPECT_FALSE(validate_windows_name(pairs).has_value()) << "256 units";
}

// No other answer keeps a system from asking another machine.
TEST(WindowsLink, LeadsBelowItsDirectoryOnlyWithoutDriveRootAndDots) {
  for (const char* target : {"a", "a/b", "a\\b", ".", "./a", "...", "a..b", "..a/b"}) {
    EXPECT_TRUE(is_below_windows_link(target)) << target;
  }
  for (const char* target :
       {"", "//evil/x", "\\\\evil\\x", "/\\evil/x", "\\??\\UNC\\evil\\x", "\\x", "/x", "C:/x",
        "C:x", "a/C:x", "..", "../a", "a/..", "a\\..\\b", "a:stream"}) {
    EXPECT_FALSE(is_below_windows_link(target)) << target;
  }
}

TEST(WindowsNameMapping, EachByteThatIsIllegalGetsAStandIn) {
  EXPECT_EQ(mapped_windows_name("a:b"),
            "a\xEF\x80\xBA"
            "b");
  EXPECT_EQ(mapped_windows_name("end."), "end\xEF\x80\xAE");
  EXPECT_EQ(mapped_windows_name("end. "), "end.\xEF\x80\xA0");
  EXPECT_EQ(mapped_windows_name("nul.txt"),
            "\xEF\x81\xAE"
            "ul.txt");
  EXPECT_EQ(mapped_windows_name("caf\xE9"), "caf\xEF\x83\xA9");
  EXPECT_EQ(mapped_windows_name("plain.txt"), "plain.txt");
  EXPECT_EQ(mapped_windows_name("Grüße 😀"), "Grüße 😀");
}

TEST(WindowsNameMapping, ComesBackWhateverTheName) {
  for (const char* name :
       {"a:b", "<>:\"\\|?*", "x\ty", "end.", "end. ", "...", " ", "con", "COM1.log", "caf\xE9",
        "\xFF\xFE", "ü?ß", "\xC3", "a\xEF\x80\xBAz", "\xEF\x80\xBA:", "\xEF\x80", "plain"}) {
    const std::string mapped = mapped_windows_name(name);
    EXPECT_EQ(complaint(mapped), "") << name;
    EXPECT_EQ(unmapped_windows_name(mapped), name);
  }
  for (int byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    const std::string name = std::string("n") + static_cast<char>(byte);
    EXPECT_EQ(complaint(mapped_windows_name(name)), "") << byte;
    EXPECT_EQ(unmapped_windows_name(mapped_windows_name(name)), name) << byte;
  }
}

TEST(WindowsNameMapping, OnlyWhatItMadeIsUndone) {
  // "A" needs no stand-in; "/", "." and NUL are no names.
  for (const char* name : {"\xEF\x81\x81", "x\xEF\x80\xAF", "\xEF\x80\xAE", "\xEF\x80\x80", "a"}) {
    EXPECT_EQ(unmapped_windows_name(name), name);
  }
}

TEST(WindowsNameMapping, WhatWouldBeTooLongStaysIllegal) {
  const std::string fits = std::string(252, 'x') + ":";
  EXPECT_EQ(complaint(mapped_windows_name(fits)), "");
  const std::string too_long = std::string(253, 'x') + ":";
  EXPECT_EQ(mapped_windows_name(too_long), too_long);
}

}  // namespace
}  // namespace robosync::tree
