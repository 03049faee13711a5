#include "engine/fs/tree_text_testing.h"

#include <gtest/gtest.h>

#include <string>

#include "engine/fs/memory_fs_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;

// Built on one file system and dumped.
std::string round_trip(std::string_view spec, const TreeTextOptions& options) {
  MemoryFileSystem memory;
  memory.build("/", spec);
  return memory.dump("/", options);
}

TEST(TreeText, DumpsWhatItBuilt) {
  const std::string spec =
      "a/ mode=700 uid=5 gid=6 t=1000000000.000000001 x:user.k=v\\x20w\n"
      "a/devices/ mode=755 uid=0 gid=0 t=7.000000000\n"
      "a/devices/disk mode=644 uid=0 gid=0 t=7.000000000 b=2048\n"
      "a/devices/tty mode=620 uid=0 gid=5 t=7.000000000 c=1281\n"
      "a/link uid=0 gid=0 t=-5.500000000 -> ../no where\n"
      "a/pipe mode=600 uid=0 gid=0 t=1.000000000 |\n"
      "a/sock mode=600 uid=0 gid=0 t=1.000000000 ~\n"
      "a/text mode=4755 uid=0 gid=0 t=2.000000000 =  two\\nlines \n"
      "a/twin => a/text\n"
      "empty mode=0 uid=0 gid=0 t=3.000000000\n";
  EXPECT_EQ(round_trip(spec, {.times = true, .owners = true, .xattrs = true}), spec);
}

TEST(TreeText, AddsDirectoriesOnTheWay) {
  EXPECT_EQ(round_trip("a/b/c = x", {}), "a/ mode=755\na/b/ mode=755\na/b/c mode=644 = x\n");
}

TEST(TreeText, SkipsEmptyLinesCommentsAndIndentation) {
  EXPECT_EQ(round_trip("\n# nothing\n   f = x\n\n", {.modes = false}), "f = x\n");
}

TEST(TreeText, EscapesEveryByteThatCouldBeMisread) {
  MemoryFileSystem memory;
  const DirectoryPtr root = *memory.open_root("/");
  for (unsigned byte = 1; byte < 256; ++byte) {
    if (byte == '/') continue;
    const std::string name = std::string("n") + static_cast<char>(byte);
    ASSERT_TRUE(write_whole(*root, name, std::string(2, static_cast<char>(byte))));
  }
  ASSERT_TRUE(write_whole(*root, "#", "#"));
  ASSERT_TRUE(write_whole(*root, "=", "="));
  const std::string text = memory.dump("/");
  EXPECT_EQ(round_trip(text, {}), text);
  EXPECT_NE(text.find("n\\xff mode=644 = \\xff\\xff\n"), std::string::npos);
}

TEST(TreeText, ShowsLongContentsAsSizeAndSum) {
  const std::string at_limit(kTextContentBytesMax, 'x');
  EXPECT_EQ(round_trip("f = " + at_limit, {.modes = false}), "f = " + at_limit + "\n");
  const std::string one_more = round_trip("f = " + at_limit + "x", {.modes = false});
  EXPECT_TRUE(one_more.starts_with("f size=257 sum=")) << one_more;
  EXPECT_NE(one_more, round_trip("f = " + at_limit + "y", {.modes = false}));
}

TEST(TreeText, ShowsHolesWhenAsked) {
  const TreeTextOptions options{.modes = false, .allocation = true};
  EXPECT_TRUE(
      round_trip("hole size=1048576", options).starts_with("hole allocated=0 size=1048576"));
  EXPECT_EQ(round_trip("data = x", options), "data allocated=4096 = x\n");
}

TEST(TreeText, ShowsWhatItCannotRead) {
  MemoryFileSystem memory;
  memory.build("/", "open/ mode=755\nopen/secret mode=0 = x\nshut/ mode=0");
  memory.set_privileges(ordinary_user(1000));
  EXPECT_EQ(dump_tree(*memory.open_root("/"), {}),
            "open/ mode=755\nopen/secret mode=0\nshut/ mode=0\n"
            "shut !permission\nopen/secret !permission\n");
}

TEST(TreeText, HardLinksCanBeShownAsFiles) {
  EXPECT_EQ(round_trip("a = x\nb => a", {.modes = false}), "a = x\nb => a\n");
  EXPECT_EQ(round_trip("a = x\nb => a", {.modes = false, .hard_links = false}), "a = x\nb = x\n");
}

TEST(TreeText, RefusesLinesItCannotRead) {
  for (const char* line : {"a mode=9", "a mode=", "a wrong=1", "a t=1.5", "a = \\q", "a = \\x1",
                           "../a = x", "/a = x", "a b", "a\\x00b", "./", "a = x\na = y"}) {
    MemoryFileSystem memory;
    const auto built = build_tree(*memory.open_root("/"), line);
    ASSERT_FALSE(built.has_value()) << line;
    EXPECT_EQ(built.error().kind, ErrorKind::kInvalid) << line;
    EXPECT_EQ(memory.dump("/"), "") << line;
  }
}

}  // namespace
}  // namespace robosync::fs
