#include "engine/tree/filter_ancestors.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace robosync::tree {
namespace {

// "PATH>WAY PATH>WAY ..."
std::string show(std::string_view root, std::string_view directory,
                 AncestorRange range = AncestorRange::kAboveRoot) {
  std::string text;
  for (const Ancestor& ancestor : ancestors(root, directory, range)) {
    if (!text.empty()) text += ' ';
    text += ancestor.path + ">" + ancestor.way_to_root;
  }
  return text;
}

TEST(Ancestors, FromAnAbsoluteDirectoryDown) {
  EXPECT_EQ(show("/a/b/c", "/"), "/>a/b/c/ /a/>b/c/ /a/b/>c/");
  EXPECT_EQ(show("/a/b/c", "/a/"), "/a/>b/c/ /a/b/>c/");
  EXPECT_EQ(show("/a/b/c/", "/a/b/"), "/a/b/>c/");
  EXPECT_EQ(show("/a/b/c", "/a/b/c/"), "");
  EXPECT_EQ(show("/", "/"), "");
}

TEST(Ancestors, RelativeToTheRoot) {
  EXPECT_EQ(show("/a/b/c", "../"), "/a/b/>c/");
  EXPECT_EQ(show("/a/b/c", "../../"), "/a/>b/c/ /a/b/>c/");
  EXPECT_EQ(show("/a/b/c", "./"), "");
  EXPECT_EQ(show("/a/b/c", "../../../../"), "/>a/b/c/ /a/>b/c/ /a/b/>c/");
  EXPECT_EQ(show("/a/b/c", "../x/../"), "/a/b/>c/");
}

TEST(Ancestors, NoneWhereTheDirectoryIsElsewhere) {
  EXPECT_EQ(show("/a/b/c", "/x/"), "");
  EXPECT_EQ(show("/a/b/c", "/a/bb/"), "");
  EXPECT_EQ(show("/a/b/c", "sub/"), "");
  EXPECT_EQ(show("/a/b/c", "/a/b/c/d/"), "");
}

TEST(Ancestors, TheRootItselfWhereAsked) {
  EXPECT_EQ(show("/a/b", "/a/", AncestorRange::kUpToRoot), "/a/>b/ /a/b/>");
  EXPECT_EQ(show("/a/b", "./", AncestorRange::kUpToRoot), "/a/b/>");
  EXPECT_EQ(show("/", "/", AncestorRange::kUpToRoot), "/>");
}

TEST(Ancestors, NothingIsAboveADrive) {
  EXPECT_EQ(show("C:/a/b", "/"), "C:/>a/b/ C:/a/>b/");
  EXPECT_EQ(show("C:/a/b", "../"), "C:/a/>b/");
}

}  // namespace
}  // namespace robosync::tree
