// Which extended attributes are kept, and what it takes to make two lists equal.
#include "engine/apply/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fs/memory_fs_testing.h"

namespace robosync::apply {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Settings keeping(bool xattrs, bool all, bool acls) {
  Settings settings;
  settings.keep_xattrs = xattrs;
  settings.all_xattrs = all;
  settings.keep_acls = acls;
  return settings;
}

const fs::Xattr kUser{"user.a", "1"};
const fs::Xattr kUserOther{"user.a", "2"};
const fs::Xattr kTrusted{"trusted.t", "1"};
const fs::Xattr kAcl{"system.posix_acl_access", "x"};
const fs::Xattr kSystem{"system.other", "x"};

TEST(Attributes, EqualListsNeedNothing) {
  const std::vector<fs::Xattr> list{kAcl, kTrusted, kUser};
  EXPECT_TRUE(compare_attributes(list, list, keeping(true, true, true)).empty());
}

TEST(Attributes, WhatIsKeptDependsOnTheSettings) {
  const std::vector<fs::Xattr> list{kSystem, kAcl, kTrusted, kUser};
  EXPECT_THAT(compare_attributes(list, {}, keeping(false, false, false)).set, IsEmpty());
  EXPECT_THAT(compare_attributes(list, {}, keeping(true, false, false)).set, ElementsAre(kUser));
  EXPECT_THAT(compare_attributes(list, {}, keeping(true, true, false)).set,
              ElementsAre(kTrusted, kUser));
  EXPECT_THAT(compare_attributes(list, {}, keeping(false, false, true)).set, ElementsAre(kAcl));
}

TEST(Attributes, WhatIsNotKeptIsNotRemovedEither) {
  const std::vector<fs::Xattr> list{kSystem, kAcl, kTrusted, kUser};
  EXPECT_THAT(compare_attributes({}, list, keeping(true, false, false)).remove,
              ElementsAre("user.a"));
  EXPECT_THAT(compare_attributes({}, list, keeping(false, false, true)).remove,
              ElementsAre("system.posix_acl_access"));
}

TEST(Attributes, AnotherValueIsSetNotRemoved) {
  const AttributeChange change =
      compare_attributes({kUser}, {kUserOther}, keeping(true, false, false));
  EXPECT_THAT(change.set, ElementsAre(kUser));
  EXPECT_THAT(change.remove, IsEmpty());
  EXPECT_TRUE(change.xattr);
  EXPECT_FALSE(change.acl);
}

TEST(Attributes, AVolumeWithoutAnyHasNone) {
  fs::MemoryFileSystem memory({.has_xattrs = false});
  memory.build("/", "f\nl -> f\n");
  const auto root = *memory.open_root("/");
  EXPECT_THAT(*attributes_of(**root->open_file("f")), IsEmpty());
  EXPECT_THAT(*entry_attributes(*root, "l"), IsEmpty());
}

TEST(Attributes, SetOnOpenAndOnNamedEntries) {
  fs::MemoryFileSystem memory;
  memory.build("/", "f x:user.old=1\nl -> f\n");
  const auto root = *memory.open_root("/");
  const auto file = *root->open_file("f", fs::Access::kReadWrite);
  const Settings settings = keeping(true, true, true);
  ASSERT_TRUE(set_attributes(*file, compare_attributes({kUser}, *attributes_of(*file), settings)));
  EXPECT_THAT(*attributes_of(*file), ElementsAre(kUser));
  ASSERT_TRUE(set_entry_attributes(*root, "l", compare_attributes({kTrusted}, {}, settings)));
  EXPECT_THAT(*entry_attributes(*root, "l"), ElementsAre(kTrusted));
}

}  // namespace
}  // namespace robosync::apply
