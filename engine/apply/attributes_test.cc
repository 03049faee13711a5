// Which extended attributes are kept, and what it takes to make two lists equal.
#include "engine/apply/attributes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <string>

#include "engine/fs/fault_fs_testing.h"
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

// One entry of an access control list: tag, permissions, nobody in particular.
std::string entry(char tag, char permissions) {
  return {tag, 0, permissions, 0, '\xff', '\xff', '\xff', '\xff'};
}
constexpr char kOwner = 0x01;
constexpr char kUserOne = 0x02;
constexpr char kGroup = 0x04;
constexpr char kMask = 0x10;
constexpr char kOthers = 0x20;
const std::string kVersion("\x02\0\0\0", 4);

std::string given_mode(const std::string& list, std::uint32_t mode) {
  return with_mode({{kAcl.name, list}}, mode).front().value;
}

TEST(Attributes, AModeChangesAListAsChmodDoes) {
  EXPECT_EQ(given_mode(kVersion + entry(kOwner, 7) + entry(kUserOne, 6) + entry(kGroup, 5) +
                           entry(kMask, 7) + entry(kOthers, 5),
                       02640),
            kVersion + entry(kOwner, 6) + entry(kUserOne, 6) + entry(kGroup, 5) + entry(kMask, 4) +
                entry(kOthers, 0));
  EXPECT_EQ(given_mode(kVersion + entry(kOwner, 7) + entry(kGroup, 5) + entry(kOthers, 5), 0624),
            kVersion + entry(kOwner, 6) + entry(kGroup, 2) + entry(kOthers, 4));
}

TEST(Attributes, WhatIsNoListOrAnotherOneIsLeftAlone) {
  const std::string full = kVersion + entry(kOwner, 7);
  for (std::size_t size = 0; size < full.size(); ++size) {
    EXPECT_EQ(given_mode(full.substr(0, size), 0), full.substr(0, size)) << size;
  }
  const std::string other_version = std::string("\x03\0\0\0", 4) + entry(kOwner, 7);
  EXPECT_EQ(given_mode(other_version, 0), other_version);
  const fs::Xattr inherited{"system.posix_acl_default", full};
  EXPECT_THAT(with_mode({inherited}, 0), ElementsAre(inherited));
}

class ReadOnly : public testing::Test {
 protected:
  ReadOnly() { memory.build("/", "f mode=444\nd/ mode=555\n"); }
  // Sets kUser on an entry of `mode` where the system refuses the first `refusals` attempts.
  [[nodiscard]] bool sets(fs::Node& node, std::size_t refusals) {
    faulty.clear();
    faulty.add(
        {.operation = fs::Operation::kSetXattr, .times = refusals, .error = fs::fault(EACCES)});
    AttributeChange change;
    change.set = {kUser};
    return set_attributes(node, change).has_value();
  }

  fs::MemoryFileSystem memory;
  fs::FaultFileSystem faulty{memory};
  fs::DirectoryPtr root = *faulty.open_root("/");
};

TEST_F(ReadOnly, IsMadeWritableMeanwhile) {
  const auto file = *root->open_file("f");
  ASSERT_TRUE(sets(*file, 1));
  EXPECT_THAT(*attributes_of(*file), ElementsAre(kUser));
  EXPECT_EQ(file->stat()->mode, 0444U);
  const auto directory = *root->open_directory("d");
  ASSERT_TRUE(sets(*directory, 1));
  EXPECT_EQ(directory->stat()->mode, 0555U);
}

TEST_F(ReadOnly, ComesOutAsItWasWhenThatDoesNotHelp) {
  const auto file = *root->open_file("f");
  EXPECT_FALSE(sets(*file, 2));
  EXPECT_EQ(file->stat()->mode, 0444U);
}

}  // namespace
}  // namespace robosync::apply
