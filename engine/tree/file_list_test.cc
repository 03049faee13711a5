#include "engine/tree/file_list.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace robosync::tree {
namespace {

using Separator = FileList::Separator;

// "a{b* c}": a with b (whole) and c below.
std::string show(const FileList::Node& node) {
  std::string text;
  for (const auto& [name, child] : node.children) {
    if (!text.empty()) text += ' ';
    text += name + (child->whole ? "*" : "");
    if (!child->children.empty()) text += "{" + show(*child) + "}";
  }
  return text;
}

std::string parsed(std::string_view content, Separator separator = Separator::kNewline) {
  const auto list = FileList::parse(content, separator);
  return list ? show(list->root()) : "error: " + list.error().message();
}

TEST(FileList, NamesBecomeATree) {
  EXPECT_EQ(parsed("b\na/c\na/b/d\n"), "a{b{d} c} b");
  EXPECT_EQ(parsed("a\na/b\na\n"), "a{b}");
}

TEST(FileList, ATrailingSlashMeansEverythingBeneath) {
  EXPECT_EQ(parsed("a/b/\n"), "a{b*}");
  EXPECT_EQ(parsed("a/b\na/b/\na/b/c\n"), "a{b*{c}}");
  EXPECT_EQ(parsed("a/.\n"), "a*");
  EXPECT_EQ(parsed("./a//b\n"), "a{b}");
  EXPECT_TRUE(FileList::parse(".\n", Separator::kNewline)->root().whole);
  EXPECT_TRUE(FileList::parse("./", Separator::kNewline)->root().whole);
}

TEST(FileList, LinesCommentsAndEnds) {
  EXPECT_EQ(parsed("# c\r\n;d\r\n\r\na\r\nb"), "a b");
  EXPECT_EQ(parsed(" a \n"), " a ");
  EXPECT_EQ(parsed("a\rb\n"), "a\rb");  // a name may hold CR; only at the end it is a line end
}

TEST(FileList, NulEndedNamesAreTakenAsTheyAre) {
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(parsed("#c\0a\nb\0\0;d\r"sv, Separator::kNul), "#c ;d\r a\nb");
}

TEST(FileList, BytesThatAreNotText) { EXPECT_EQ(parsed("\xff\xfe/\xc3\n"), "\xff\xfe{\xc3}"); }

TEST(FileList, Empty) {
  EXPECT_TRUE(FileList::parse("", Separator::kNewline)->empty());
  EXPECT_TRUE(FileList::parse("# nothing\n\n", Separator::kNewline)->empty());
  EXPECT_FALSE(FileList::parse("a", Separator::kNewline)->empty());
  EXPECT_FALSE(FileList::parse("./", Separator::kNewline)->empty());
}

TEST(FileList, RefusesWhatLeadsOutAndNamesTheLine) {
  EXPECT_EQ(parsed("a\n\n/etc/passwd\n"),
            "error: absolute path '/etc/passwd' (line 3 of the file list)");
  for (const char* name : {"..", "../a", "a/../b", "a/.."}) {
    const auto list = FileList::parse(name, Separator::kNewline);
    ASSERT_FALSE(list) << name;
    EXPECT_EQ(list.error().kind, base::ErrorKind::kInvalid);
  }
  using std::string_view_literals::operator""sv;
  EXPECT_FALSE(FileList::parse("a\0b\n"sv, Separator::kNewline));
}

TEST(FileList, DepthAtItsLimit) {
  std::string path = "a";
  for (std::size_t i = 1; i < kFileListDepthMax; ++i) path += "/a";
  EXPECT_TRUE(FileList::parse(path, Separator::kNewline));
  const auto deeper = FileList::parse(path + "/a", Separator::kNewline);
  ASSERT_FALSE(deeper);
  EXPECT_EQ(deeper.error().kind, base::ErrorKind::kLimit);
}

}  // namespace
}  // namespace robosync::tree
