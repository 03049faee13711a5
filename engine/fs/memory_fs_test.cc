// What the in-memory file system can be told to be; that it answers like a real one is shown by the
// contract suite.
#include "engine/fs/memory_fs_testing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <thread>
#include <utility>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::uint64_t kPage = 4096;

DirectoryPtr open(const FileSystem& in, const std::string& path) {
  auto opened = in.open_root(path);
  EXPECT_TRUE(succeeds(opened)) << path;
  return opened ? *opened : nullptr;
}

TEST(MemoryFileSystem, AFullVolumeStoresWhatFitsAndSaysSo) {
  MemoryFileSystem memory({.capacity_bytes = 3 * kPage});
  const DirectoryPtr root = open(memory, "/");
  const FilePtr f = *root->create_file("f", 0600);
  ASSERT_TRUE(succeeds(f->write_at(bytes_of(std::string(2 * kPage, 'x')), 0)));
  EXPECT_TRUE(
      fails(f->write_at(bytes_of(std::string(2 * kPage, 'y')), 2 * kPage), ErrorKind::kNoSpace));
  EXPECT_EQ(f->stat()->size, 3 * kPage) << "a write may have been done in part";
  EXPECT_EQ(memory.used_bytes("/"), 3 * kPage);
  EXPECT_TRUE(succeeds(f->write_at(bytes_of("over"), 0))) << "overwriting takes nothing new";
  ASSERT_TRUE(succeeds(root->create_file("g", 0600)));
  EXPECT_TRUE(fails(write_whole(*root, "g", "x"), ErrorKind::kNoSpace));
  EXPECT_TRUE(succeeds(f->resize(100 * kPage))) << "a hole takes nothing";
  ASSERT_TRUE(succeeds(f->resize(kPage)));
  EXPECT_TRUE(succeeds(write_whole(*root, "g", "x")));
  memory.set_capacity("/", std::nullopt);
  EXPECT_TRUE(succeeds(f->write_at(bytes_of(std::string(100 * kPage, 'z')), 0)));
}

TEST(MemoryFileSystem, SpaceIsFreeWhenTheLastNameAndHandleAreGone) {
  MemoryFileSystem memory({.capacity_bytes = kPage});
  const DirectoryPtr root = open(memory, "/");
  ASSERT_TRUE(succeeds(write_whole(*root, "f", "x")));
  ASSERT_TRUE(succeeds(root->make_link(*root, "f", "g")));
  FilePtr held = *root->open_file("f");
  ASSERT_TRUE(succeeds(root->remove_file("f")));
  ASSERT_TRUE(succeeds(root->remove_file("g")));
  EXPECT_TRUE(fails(write_whole(*root, "n", "x"), ErrorKind::kNoSpace));
  held.reset();
  EXPECT_TRUE(succeeds(write_whole(*root, "n", "x")));
}

TEST(MemoryFileSystem, PreallocationTakesSpaceOnce) {
  MemoryFileSystem memory({.capacity_bytes = 4 * kPage});
  const DirectoryPtr root = open(memory, "/");
  const FilePtr f = *root->create_file("f", 0600);
  EXPECT_TRUE(fails(f->preallocate(4 * kPage + 1), ErrorKind::kNoSpace));
  EXPECT_EQ(memory.used_bytes("/"), 0U);
  ASSERT_TRUE(succeeds(f->preallocate(3 * kPage + 1)));
  ASSERT_TRUE(succeeds(f->preallocate(2 * kPage)));
  EXPECT_EQ(memory.used_bytes("/"), 4 * kPage);
  EXPECT_EQ(f->stat()->allocated_bytes, 4 * kPage);
  ASSERT_TRUE(succeeds(f->write_at(bytes_of(std::string(4 * kPage, 'x')), 0)));
  EXPECT_EQ(memory.used_bytes("/"), 4 * kPage);
  ASSERT_TRUE(succeeds(f->resize(1)));
  EXPECT_EQ(memory.used_bytes("/"), kPage);
  ASSERT_TRUE(succeeds(f->preallocate(2 * kPage)));
  ASSERT_TRUE(succeeds(root->remove_file("f")));
  EXPECT_EQ(memory.used_bytes("/"), 2 * kPage);
}

TEST(MemoryFileSystem, ClonesShareTheirSpaceUntilOneIsWritten) {
  MemoryFileSystem memory;
  memory.build("/", "to\nfrom = " + std::string(2 * kPage, 'x'));
  const DirectoryPtr root = open(memory, "/");
  const FilePtr to = *root->open_file("to", Access::kReadWrite);
  {
    const FilePtr from = *root->open_file("from");
    ASSERT_TRUE(succeeds(to->clone_from(*from)));
  }
  EXPECT_EQ(memory.used_bytes("/"), 2 * kPage);
  ASSERT_TRUE(succeeds(to->write_at(bytes_of("y"), 0)));
  EXPECT_EQ(memory.used_bytes("/"), 3 * kPage);
  ASSERT_TRUE(succeeds(to->resize(kPage + 1)));
  EXPECT_EQ(memory.used_bytes("/"), 4 * kPage) << "the second page was cut in one of them";
  ASSERT_TRUE(succeeds(root->remove_file("from")));
  EXPECT_EQ(memory.used_bytes("/"), 2 * kPage);
  EXPECT_EQ(*read_whole(*root, "to"), "y" + std::string(kPage, 'x'));
}

TEST(MemoryFileSystem, AReadOnlyVolumeRefusesEveryChange) {
  MemoryFileSystem memory;
  memory.build("/", "f mode=600 = x\nd/\nl -> f");
  const DirectoryPtr root = open(memory, "/");
  const FilePtr opened_before = *root->open_file("f", Access::kReadWrite);
  memory.set_read_only("/", true);
  const std::string before = memory.dump("/", {.times = true});
  for (const auto& [what, result] : {
           std::pair{"mkdir", root->make_directory("n", 0700)},
           {"symlink", root->make_symlink("n", "t")},
           {"node", root->make_node("n", tree::Kind::kFifo, 0600, 0)},
           {"link", root->make_link(*root, "f", "n")},
           {"rename", root->rename("f", *root, "n", Replace::kNo)},
           {"replace", root->rename("f", *root, "l", Replace::kYes)},
           {"exchange", root->exchange("f", *root, "l")},
           {"remove", root->remove_file("f")},
           {"rmdir", root->remove_directory("d")},
           {"metadata", root->set_entry_metadata("f", {.mode = 0644})},
           {"xattr", root->set_entry_xattr("f", {"user.k", "v"})},
           {"remove xattr", root->remove_entry_xattr("f", "user.k")},
           {"write", opened_before->write_at(bytes_of("y"), 0)},
           {"resize", opened_before->resize(0)},
           {"handle metadata", opened_before->set_metadata({.mode = 0644})},
       }) {
    EXPECT_TRUE(fails(result, ErrorKind::kReadOnly)) << what;
  }
  EXPECT_TRUE(fails(root->create_file("n", 0600), ErrorKind::kReadOnly));
  EXPECT_TRUE(fails(root->open_file("f", Access::kReadWrite), ErrorKind::kReadOnly));
  EXPECT_TRUE(fails(root->create_file("f", 0600), ErrorKind::kExists)) << "that is found first";
  EXPECT_EQ(memory.dump("/", {.times = true}), before);
  memory.set_read_only("/", false);
  EXPECT_TRUE(succeeds(root->remove_file("f")));
}

TEST(MemoryFileSystem, MountedVolumesAreOtherDevices) {
  MemoryFileSystem memory;
  memory.build("/a", "m/\nf = x");
  const tree::Identity covered = open(memory, "/a")->stat_entry("m")->metadata.identity;
  memory.mount("/a/m", {.capacity_bytes = 0});
  memory.build("/a/m", "sub/");
  const DirectoryPtr a = open(memory, "/a");
  const tree::Identity top = a->stat_entry("m")->metadata.identity;
  EXPECT_NE(top.device, covered.device);
  EXPECT_EQ(open(memory, "/a/m")->stat()->identity, top);
  EXPECT_EQ(open(memory, "/a/m/sub/..")->stat()->identity, top);
  EXPECT_EQ(open(memory, "/a/m/..")->stat()->identity, a->stat()->identity);
  EXPECT_EQ(memory.dump("/", {.modes = false}), "a/\na/f = x\na/m/\na/m/sub/\n");
  EXPECT_THAT(*memory.ancestry(open(memory, "/a/m/sub")), SizeIs(4));
  EXPECT_TRUE(fails(a->remove_directory("m"), ErrorKind::kBusy));
  EXPECT_TRUE(fails(a->rename("m", *a, "n", Replace::kNo), ErrorKind::kBusy));
  EXPECT_TRUE(fails(write_whole(*open(memory, "/a/m"), "f", "x"), ErrorKind::kNoSpace));
  EXPECT_TRUE(succeeds(write_whole(*a, "f", "y"))) << "the other volume has space";
  // Each call says on which path it happened, mounted or not.
  memory.log().clear();
  ASSERT_TRUE(succeeds(open(memory, "/a/m")->make_directory("new", 0700)));
  EXPECT_THAT(memory.log().changes(), ElementsAre("make_directory /a/m/new"));
}

TEST(MemoryFileSystem, TwoFileSystemsHaveNothingInCommon) {
  MemoryFileSystem one;
  MemoryFileSystem two;
  one.build("/", "f = x");
  const DirectoryPtr from = open(one, "/");
  const DirectoryPtr to = open(two, "/");
  EXPECT_TRUE(fails(from->rename("f", *to, "f", Replace::kNo), ErrorKind::kCrossDevice));
  EXPECT_TRUE(fails(from->exchange("f", *to, "f"), ErrorKind::kCrossDevice));
  EXPECT_TRUE(fails(to->make_link(*from, "f", "f"), ErrorKind::kCrossDevice));
  const FilePtr source = *from->open_file("f");
  const FilePtr target = *to->create_file("f", 0600);
  EXPECT_TRUE(fails(target->clone_from(*source), ErrorKind::kUnsupported));
  EXPECT_TRUE(fails(target->copy_range_from(*source, 0, 1), ErrorKind::kUnsupported));
  EXPECT_TRUE(fails(one.ancestry(to), ErrorKind::kCrossDevice));
}

TEST(MemoryFileSystem, TimesAreKeptAsCoarselyAsTheVolumeCan) {
  const tree::Time time{1'000'000'001, 123'456'789};
  const tree::Time before_epoch{-1, 999'999'999};
  for (const auto& [granularity, kept, kept_before] :
       {std::tuple{std::int64_t{1}, time, before_epoch},
        {std::int64_t{100}, tree::Time{1'000'000'001, 123'456'700}, tree::Time{-1, 999'999'900}},
        {std::int64_t{1'000'000}, tree::Time{1'000'000'001, 123'000'000},
         tree::Time{-1, 999'000'000}},
        {std::int64_t{1'000'000'000}, tree::Time{1'000'000'001, 0}, tree::Time{-1, 0}},
        {std::int64_t{2'000'000'000}, tree::Time{1'000'000'000, 0}, tree::Time{-2, 0}}}) {
    MemoryFileSystem memory({.time_granularity_ns = granularity});
    memory.build("/", "f = x");
    const DirectoryPtr root = open(memory, "/");
    ASSERT_TRUE(succeeds(root->set_entry_metadata("f", {.mtime = time})));
    EXPECT_EQ(root->stat_entry("f")->metadata.mtime, kept) << granularity;
    ASSERT_TRUE(succeeds(root->set_entry_metadata("f", {.mtime = before_epoch})));
    EXPECT_EQ(root->stat_entry("f")->metadata.mtime, kept_before) << granularity;
  }
}

TEST(MemoryFileSystem, EveryChangeHasATimeOfItsOwn) {
  MemoryFileSystem memory;
  memory.set_now({1'600'000'000, 999'999'000});
  const DirectoryPtr root = open(memory, "/");
  ASSERT_TRUE(succeeds(write_whole(*root, "a", "x")));
  const tree::Metadata first = root->stat_entry("a")->metadata;
  EXPECT_EQ(first.mtime.seconds, 1'600'000'001);
  ASSERT_TRUE(succeeds(write_whole(*root, "a", "x")));
  const tree::Metadata second = root->stat_entry("a")->metadata;
  EXPECT_GT(second.mtime, first.mtime);
  ASSERT_TRUE(succeeds(root->set_entry_metadata("a", {.mtime = first.mtime})));
  EXPECT_GT(root->stat_entry("a")->metadata.ctime, second.ctime);
}

TEST(MemoryFileSystem, NamesAreLimitedAsTheVolumeSays) {
  MemoryFileSystem memory({.name_bytes_max = 8, .forbidden_name_bytes = ":?"});
  const DirectoryPtr root = open(memory, "/");
  EXPECT_TRUE(succeeds(root->create_file("12345678", 0600)));
  EXPECT_TRUE(fails(root->create_file("123456789", 0600), ErrorKind::kLimit));
  EXPECT_TRUE(fails(root->make_directory("a:b", 0700), ErrorKind::kInvalid));
  EXPECT_TRUE(fails(root->rename("12345678", *root, "a?", Replace::kNo), ErrorKind::kInvalid));
  EXPECT_TRUE(fails(root->make_link(*root, "12345678", "123456789"), ErrorKind::kLimit));
  EXPECT_EQ(memory.dump("/", {.modes = false}), "12345678\n");
}

TEST(MemoryFileSystem, LinksCanBeMissingOrFew) {
  MemoryFileSystem without({.has_symlinks = false, .has_hard_links = false});
  without.build("/", "f = x");
  const DirectoryPtr root = open(without, "/");
  EXPECT_TRUE(fails(root->make_symlink("l", "f"), ErrorKind::kNoLinks));
  EXPECT_TRUE(fails(root->make_link(*root, "f", "h"), ErrorKind::kPermission));
  EXPECT_TRUE(fails(root->make_symlink("f", "f"), ErrorKind::kExists));

  MemoryFileSystem few({.link_count_max = 2});
  few.build("/", "f = x\nh => f");
  EXPECT_TRUE(fails(open(few, "/")->make_link(*open(few, "/"), "f", "h2"), ErrorKind::kLimit));
}

TEST(MemoryFileSystem, AStickyDirectoryProtectsOtherPeoplesEntries) {
  MemoryFileSystem memory;
  memory.build("/", "tmp/ mode=1777\ntmp/theirs uid=1 gid=1\ntmp/mine uid=2 gid=2\ntmp/d/ uid=1");
  memory.set_privileges(ordinary_user(2));
  const DirectoryPtr tmp = open(memory, "/tmp");
  EXPECT_TRUE(fails(tmp->remove_file("theirs"), ErrorKind::kPermission));
  EXPECT_TRUE(fails(tmp->remove_directory("d"), ErrorKind::kPermission));
  EXPECT_TRUE(fails(tmp->rename("theirs", *tmp, "n", Replace::kNo), ErrorKind::kPermission));
  EXPECT_TRUE(fails(tmp->rename("mine", *tmp, "theirs", Replace::kYes), ErrorKind::kPermission));
  EXPECT_TRUE(succeeds(tmp->rename("mine", *tmp, "n", Replace::kNo)));
  memory.set_privileges(ordinary_user(1));
  EXPECT_TRUE(succeeds(tmp->remove_file("theirs")));
}

TEST(MemoryFileSystem, PermissionsFollowOwnerGroupAndOthers) {
  MemoryFileSystem memory;
  memory.build("/", "f uid=1 gid=10 mode=640 = x\nnone uid=1 gid=10 mode=77 = y");
  const auto reads = [&](std::uint32_t uid, std::vector<std::uint32_t> groups, const char* name) {
    Privileges privileges = ordinary_user(uid);
    privileges.groups = std::move(groups);
    memory.set_privileges(privileges);
    return read_whole(*open(memory, "/"), name).has_value();
  };
  EXPECT_TRUE(reads(1, {}, "f"));
  EXPECT_TRUE(reads(2, {10}, "f"));
  EXPECT_FALSE(reads(2, {}, "f"));
  EXPECT_FALSE(reads(1, {10}, "none")) << "the owner's bits decide for the owner";
  EXPECT_TRUE(reads(2, {}, "none"));
}

TEST(MemoryFileSystem, WritingByOthersClearsSetIdBits) {
  MemoryFileSystem memory;
  memory.build("/", "f mode=6777 = x");
  ASSERT_TRUE(succeeds(write_whole(*open(memory, "/"), "f", "by root")));
  EXPECT_EQ(open(memory, "/")->stat_entry("f")->metadata.mode, 06777U);
  memory.set_privileges(ordinary_user(5));
  ASSERT_TRUE(succeeds(write_whole(*open(memory, "/"), "f", "by another")));
  EXPECT_EQ(open(memory, "/")->stat_entry("f")->metadata.mode, 0777U);
}

TEST(MemoryFileSystem, ADefaultAccessListTakesPermissionsFromNewEntries) {
  MemoryFileSystem memory;
  // u::rwx g::r-x o::---, and the same with a mask that leaves the group nothing.
  const std::string acl(
      "\2\0\0\0\x01\0\7\0\xff\xff\xff\xff\x04\0\5\0\xff\xff\xff\xff"
      "\x20\0\0\0\xff\xff\xff\xff",
      28);
  const std::string masked =
      acl.substr(0, 20) + std::string("\x10\0\0\0\xff\xff\xff\xff", 8) + acl.substr(20);
  memory.build("/", "plain/ x:system.posix_acl_default=" + escape_name(acl) +
                        "\nmasked/ x:system.posix_acl_default=" + escape_name(masked));
  ASSERT_TRUE(succeeds(open(memory, "/plain")->create_file("f", 0666)));
  EXPECT_EQ(open(memory, "/plain")->stat_entry("f")->metadata.mode, 0640U);
  ASSERT_TRUE(succeeds(open(memory, "/masked")->make_directory("d", 01777)));
  EXPECT_EQ(open(memory, "/masked")->stat_entry("d")->metadata.mode, 01700U);
  ASSERT_TRUE(succeeds(open(memory, "/plain")->set_entry_metadata("f", {.mode = 0666})));
  EXPECT_EQ(open(memory, "/plain")->stat_entry("f")->metadata.mode, 0666U);
}

TEST(MemoryFileSystem, NewEntriesGetTheGroupOfASetGroupIdDirectory) {
  MemoryFileSystem memory;
  memory.build("/", "d/ mode=2777 gid=77");
  memory.set_privileges(ordinary_user(5));
  ASSERT_TRUE(succeeds(open(memory, "/d")->create_file("f", 0600)));
  const tree::Metadata made = open(memory, "/d")->stat_entry("f")->metadata;
  EXPECT_EQ(made.uid, 5U);
  EXPECT_EQ(made.gid, 77U);
}

TEST(MemoryFileSystem, HandlesAreLimitedAndCounted) {
  MemoryFileSystem memory;
  memory.build("/", "f = x");
  EXPECT_EQ(memory.open_handles(), 0U);
  memory.set_open_handles_max(2);
  EXPECT_EQ(memory.open_handles_max(), 2U);
  const DirectoryPtr root = open(memory, "/");
  {
    const FilePtr f = *root->open_file("f");
    EXPECT_TRUE(fails(root->open_file("f"), ErrorKind::kLimit));
    EXPECT_TRUE(fails(root->create_file("n", 0600), ErrorKind::kLimit));
    EXPECT_TRUE(fails(memory.open_root("/"), ErrorKind::kLimit));
    EXPECT_EQ(memory.open_handles(), 2U);
  }
  EXPECT_TRUE(fails(root->stat_entry("n"), ErrorKind::kNotFound));
  EXPECT_EQ(memory.open_handles(), 1U);
  EXPECT_TRUE(fails(root->create_file("f", 0600), ErrorKind::kExists));
  EXPECT_EQ(memory.open_handles(), 1U) << "a failed call holds nothing";
  EXPECT_GE(memory.open_handles_peak(), 2U);
}

TEST(MemoryFileSystem, LogsEveryCallOfItsUsersAndNothingOfTheTests) {
  MemoryFileSystem memory;
  memory.build("/src", "a = x\nd/b = y");
  (void)memory.dump("/src");
  memory.set_read_only("/src", false);
  EXPECT_THAT(memory.log().records(), IsEmpty());
  const DirectoryPtr src = open(memory, "/src");
  Listing listing;
  ASSERT_TRUE(succeeds(src->list({}, listing)));
  ASSERT_TRUE(succeeds(src->open_file("a")));
  ASSERT_TRUE(succeeds((*src->open_directory("d"))->stat_entry("b")));
  EXPECT_THAT(memory.log().changes(), IsEmpty()) << "reading changes nothing";
  EXPECT_EQ(memory.log().count(Operation::kList, "/src"), 1U);
  EXPECT_EQ(memory.log().count(Operation::kStatEntry, "/src/d/b"), 1U);
  ASSERT_TRUE(succeeds(src->open_file("a", Access::kReadWrite)));
  ASSERT_TRUE(succeeds(src->rename("a", **src->open_directory("d"), "z", Replace::kNo)));
  EXPECT_FALSE(src->remove_file("none"));
  EXPECT_THAT(memory.log().changes(),
              ElementsAre("open_file_for_writing /src/a", "rename /src/a -> /src/d/z",
                          "remove_file /src/none"));
}

TEST(MemoryFileSystem, KernelCopiesComeInPieces) {
  MemoryFileSystem memory({.copy_range_bytes_max = 3});
  memory.build("/", "f = 0123456789");
  const DirectoryPtr root = open(memory, "/");
  const FilePtr from = *root->open_file("f");
  const FilePtr to = *root->create_file("g", 0600);
  EXPECT_EQ(*to->copy_range_from(*from, 0, 10), 3U);
  EXPECT_EQ(*to->copy_range_from(*from, 8, 10), 2U);
  EXPECT_EQ(*read_whole(*root, "g"), std::string("012\0\0\0\0\0"
                                                 "89",
                                                 10));
}

TEST(MemoryFileSystem, HandlesKeepEverythingAlive) {
  DirectoryPtr root;
  FilePtr f;
  {
    MemoryFileSystem memory;
    memory.build("/", "f = x");
    root = open(memory, "/");
    f = *root->open_file("f", Access::kReadWrite);
  }
  EXPECT_TRUE(succeeds(f->write_at(bytes_of("y"), 0)));
  EXPECT_EQ(*read_whole(*root, "f"), "y");
}

TEST(MemoryFileSystem, DeepTreesAreTakenDownWithoutRecursion) {
  // Grown at the top, since each call costs the length of its path.
  MemoryFileSystem memory;
  const DirectoryPtr root = open(memory, "/");
  ASSERT_TRUE(succeeds(root->make_directory("deep", 0700)));
  const DirectoryPtr deepest = *root->open_directory("deep");
  for (int chain = 0; chain < 8000; ++chain) {
    ASSERT_TRUE(succeeds(root->make_directory("chain", 0700)));
    DirectoryPtr at = *root->open_directory("chain");
    for (int i = 0; i < 20; ++i) {
      ASSERT_TRUE(succeeds(at->make_directory("d", 0700)));
      at = *at->open_directory("d");
    }
    ASSERT_TRUE(succeeds(root->rename("deep", *at, "d", Replace::kNo)));
    ASSERT_TRUE(succeeds(root->rename("chain", *root, "deep", Replace::kNo)));
    memory.log().clear();
  }
  EXPECT_THAT(*memory.ancestry(deepest), SizeIs(8000 * 21 + 2));
}

TEST(MemoryFileSystem, BuildsWhileOthersWork) {
  MemoryFileSystem memory;
  memory.build("/", "src/");
  memory.set_privileges(ordinary_user(7));
  std::thread other([&] {
    for (int i = 0; i < 200; ++i) {
      EXPECT_TRUE(
          fails(memory.open_root("/src").value()->create_file("f", 0600), ErrorKind::kPermission));
    }
  });
  for (int i = 0; i < 200; ++i) memory.build("/src", "f" + std::to_string(i) + " = x");
  other.join();
  EXPECT_EQ(memory.log().count(Operation::kCreateFile, "/src/f"), 200U);
  EXPECT_EQ(memory.log().count(Operation::kCreateFile, "/src/f1*"), 0U);
}

}  // namespace
}  // namespace robosync::fs
