// Times, modes, owners, extended attributes, locks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using tree::Kind;
using tree::Time;

constexpr Time kSomeTime{1'234'567'890, 123'456'789};

TEST_P(FsContract, KeepsTimesBeforeTheEpochAndAfter2038) {
  build("f = x");
  const FilePtr f = file("f", Access::kReadWrite);
  for (const Time time : {kSomeTime, Time{0, 0}, Time{0, 1}, Time{-1, 999'999'999}, Time{-1, 1},
                          Time{-2'000'000'000, 5}, Time{2'147'483'648, 999'999'999},
                          Time{4'294'967'296, 7}, Time{7'000'000'000, 1}}) {
    ASSERT_TRUE(succeeds(f->set_metadata({.mtime = time})));
    EXPECT_EQ(f->stat()->mtime, kept(time)) << time.seconds;
    const Time other{time.seconds + 2, time.nanoseconds};
    ASSERT_TRUE(succeeds(root().set_entry_metadata("f", {.mtime = other})));
    EXPECT_EQ(metadata("f").mtime, kept(other)) << time.seconds;
  }
}

TEST_P(FsContract, SetsMetadataOfEveryKindOfEntryByName) {
  build("d/\nf = x\np |\ns ~\nto_f -> f\nto_d -> d\ndangling -> none");
  const Time old = metadata("f").mtime;
  for (const char* name : {"to_f", "to_d", "dangling"}) {
    ASSERT_TRUE(succeeds(root().set_entry_metadata(name, {.mode = 0600, .mtime = kSomeTime})))
        << name;
    EXPECT_EQ(metadata(name).mtime, kept(kSomeTime)) << name;
    EXPECT_EQ(metadata(name).kind, Kind::kSymlink) << name;
  }
  EXPECT_EQ(metadata("f").mtime, old) << "what a link leads to is not touched";
  EXPECT_EQ(metadata("f").mode, 0644U);
  EXPECT_EQ(metadata("d").mode, 0755U);
  for (const char* name : {"d", "f", "p", "s"}) {
    ASSERT_TRUE(succeeds(root().set_entry_metadata(name, {.mode = 0751, .mtime = kSomeTime})))
        << name;
    EXPECT_EQ(metadata(name).mtime, kept(kSomeTime)) << name;
    EXPECT_EQ(metadata(name).mode, 0751U) << name;
  }
  EXPECT_TRUE(fails(root().set_entry_metadata("none", {.mode = 0600}), ErrorKind::kNotFound));
}

TEST_P(FsContract, AbsentFieldsStayAsTheyAre) {
  build("f mode=640 = x");
  ASSERT_TRUE(succeeds(root().set_entry_metadata("f", {.mtime = kSomeTime})));
  EXPECT_EQ(metadata("f").mode, 0640U);
  ASSERT_TRUE(succeeds(root().set_entry_metadata("f", {.mode = 0600})));
  EXPECT_EQ(metadata("f").mtime, kept(kSomeTime));
  ASSERT_TRUE(succeeds(root().set_entry_metadata("f", {})));
  ASSERT_TRUE(succeeds(file("f")->set_metadata({})));
  EXPECT_EQ(metadata("f").mtime, kept(kSomeTime));
  EXPECT_EQ(metadata("f").mode, 0600U);
  EXPECT_EQ(metadata("f").uid, file_system().privileges().uid);
}

TEST_P(FsContract, SetsAllAtOnceAndTheModeAfterTheOwner) {
  build("f = x\nd/");
  const tree::Metadata before = metadata("f");
  const MetadataChange change{
      .uid = before.uid, .gid = before.gid, .mode = 06755, .mtime = kSomeTime};
  ASSERT_TRUE(succeeds(file("f")->set_metadata(change))) << "a handle for reading will do";
  EXPECT_EQ(metadata("f").mode, 06755U) << "set-id bits survive the change of owner";
  EXPECT_EQ(metadata("f").mtime, kept(kSomeTime));
  ASSERT_TRUE(succeeds(root().set_entry_metadata("f", {.mode = 0644})));
  ASSERT_TRUE(succeeds(root().set_entry_metadata("f", change)));
  EXPECT_EQ(metadata("f").mode, 06755U);
  ASSERT_TRUE(succeeds(directory("d")->set_metadata(change)));
  EXPECT_EQ(metadata("d").mode, 06755U);
  EXPECT_EQ(metadata("d").mtime, kept(kSomeTime));
}

TEST_P(FsContract, OnlyThePrivilegedGiveFilesAway) {
  build("f mode=644 = x\nl -> f\np |");
  for (const char* name : {"f", "l", "p"}) {
    const auto given = root().set_entry_metadata(name, {.uid = 12345, .gid = 54321});
    if (!privileged()) {
      EXPECT_TRUE(fails(given, ErrorKind::kPermission)) << name;
      continue;
    }
    ASSERT_TRUE(succeeds(given)) << name;
    EXPECT_EQ(metadata(name).uid, 12345U) << name;
    EXPECT_EQ(metadata(name).gid, 54321U) << name;
  }
  const auto by_handle = file("f")->set_metadata({.uid = 11111});
  EXPECT_EQ(by_handle.has_value(), privileged());
  EXPECT_EQ(metadata("f").uid, privileged() ? 11111U : file_system().privileges().uid);
}

TEST_P(FsContract, ChangingTheOwnerClearsSetIdBits) {
  build("f mode=6755 = x");
  const tree::Metadata before = metadata("f");
  ASSERT_TRUE(succeeds(root().set_entry_metadata("f", {.gid = before.gid})));
  EXPECT_EQ(metadata("f").mode, 0755U);
}

TEST_P(FsContract, WhatChangesContentsChangesTheTimeOfTheFile) {
  build("f = text\nother = x");
  const FilePtr f = file("f", Access::kReadWrite);
  const std::vector<std::pair<std::string, std::function<void()>>> changes{
      {"write", [&] { EXPECT_TRUE(succeeds(f->write_at(bytes_of("T"), 0))); }},
      {"grow", [&] { EXPECT_TRUE(succeeds(f->resize(10))); }},
      {"shrink", [&] { EXPECT_TRUE(succeeds(f->resize(2))); }},
  };
  for (const auto& [what, change] : changes) {
    make_old(*f);
    change();
    EXPECT_FALSE(is_old(*f->stat())) << what;
  }
  make_old(*f);
  EXPECT_TRUE(succeeds(read_text(*f, 0, 10)));
  EXPECT_TRUE(succeeds(f->set_metadata({.mode = 0600})));
  EXPECT_TRUE(succeeds(root().make_link(root(), "f", "linked")));
  EXPECT_TRUE(succeeds(root().rename("f", root(), "renamed", Replace::kYes)));
  EXPECT_TRUE(succeeds(f->sync()));
  EXPECT_TRUE(is_old(*f->stat())) << "none of these changes what it holds";
}

TEST_P(FsContract, WhatChangesNamesChangesTheTimeOfTheDirectory) {
  build("d/f = x\nd/sub/\nother/");
  const DirectoryPtr d = directory("d");
  const DirectoryPtr other = directory("other");
  const std::vector<std::pair<std::string, std::function<bool()>>> changes{
      {"create", [&] { return d->create_file("new", 0600).has_value(); }},
      {"directory", [&] { return d->make_directory("dir", 0700).has_value(); }},
      {"symlink", [&] { return d->make_symlink("sym", "x").has_value(); }},
      {"node", [&] { return d->make_node("fifo", Kind::kFifo, 0600, 0).has_value(); }},
      {"link", [&] { return d->make_link(*d, "f", "hard").has_value(); }},
      {"rename", [&] { return d->rename("sym", *d, "sym2", Replace::kNo).has_value(); }},
      {"replace", [&] { return d->rename("sym2", *d, "new", Replace::kYes).has_value(); }},
      {"away", [&] { return d->rename("hard", *other, "h", Replace::kNo).has_value(); }},
      {"back", [&] { return other->rename("h", *d, "h", Replace::kNo).has_value(); }},
      {"remove", [&] { return d->remove_file("new").has_value(); }},
      {"rmdir", [&] { return d->remove_directory("dir").has_value(); }},
  };
  for (const auto& [what, change] : changes) {
    make_old(*d);
    EXPECT_TRUE(change()) << what;
    EXPECT_FALSE(is_old(*d->stat())) << what;
  }
  make_old(*d);
  EXPECT_TRUE(succeeds(write_whole(*d, "f", "changed")));
  EXPECT_TRUE(succeeds(d->set_entry_metadata("f", {.mode = 0600, .mtime = kSomeTime})));
  EXPECT_TRUE(succeeds((*d->open_directory("sub"))->create_file("below", 0600)));
  EXPECT_FALSE(d->create_file("f", 0600).has_value());
  (void)names(*d);
  EXPECT_TRUE(is_old(*d->stat())) << "none of these changes its names";
}

TEST_P(FsContract, AChangeShowsInTheChangeTime) {
  build("f = x");
  const Time before = metadata("f").ctime;
  ASSERT_TRUE(succeeds(root().set_entry_metadata("f", {.mtime = kSomeTime})));
  EXPECT_GE(metadata("f").ctime, before);
  EXPECT_NE(metadata("f").ctime, kept(kSomeTime)) << "it cannot be set";
}

TEST_P(FsContract, KeepsExtendedAttributes) {
  build("f = x\nd/");
  const FilePtr f = file("f");
  const Xattr first{"user.first", std::string("\0binary\xff", 8)};
  if (!supported(f->set_xattr(first), traits().xattrs)) {
    EXPECT_TRUE(fails(root().set_entry_xattr("f", first), ErrorKind::kUnsupported));
    return;
  }
  const Xattr second{"user.second", ""};
  const Xattr large{"user.large", std::string(2000, 'v')};
  ASSERT_TRUE(succeeds(root().set_entry_xattr("f", second)));
  ASSERT_TRUE(succeeds(root().set_entry_xattr("f", large)));
  EXPECT_THAT(*f->xattrs(), ElementsAre(first, large, second)) << "ordered by name";
  EXPECT_THAT(*root().entry_xattrs("f"), ElementsAre(first, large, second));
  ASSERT_TRUE(succeeds(f->set_xattr({"user.first", "new"})));
  ASSERT_TRUE(succeeds(f->remove_xattr("user.large")));
  ASSERT_TRUE(succeeds(root().remove_entry_xattr("f", "user.second")));
  EXPECT_THAT(*f->xattrs(), ElementsAre(Xattr{"user.first", "new"}));
  EXPECT_TRUE(succeeds(f->remove_xattr("user.none"))) << "it is not there, as wanted";
  EXPECT_TRUE(succeeds(root().remove_entry_xattr("f", "user.none")));
  ASSERT_TRUE(succeeds(directory("d")->set_xattr(first)));
  EXPECT_THAT(*root().entry_xattrs("d"), ElementsAre(first));
  EXPECT_TRUE(fails(root().entry_xattrs("none"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root().set_entry_xattr("none", first), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root().remove_entry_xattr("none", "user.first"), ErrorKind::kNotFound));
}

TEST_P(FsContract, ManyExtendedAttributesAreAllListed) {
  build("f = x");
  const FilePtr f = file("f");
  std::vector<Xattr> wanted;
  for (int i = 10; i < 60; ++i) {
    wanted.push_back({"user.attribute-number-" + std::to_string(i), std::to_string(i)});
    if (i == 10 && !supported(f->set_xattr(wanted.back()), traits().xattrs)) return;
    ASSERT_TRUE(succeeds(f->set_xattr(wanted.back())));
  }
  EXPECT_THAT(*f->xattrs(), testing::ElementsAreArray(wanted));
}

TEST_P(FsContract, ExtendedAttributesOfALinkAreItsOwn) {
  build("f = x\nl -> f\ndangling -> none");
  if (!supported(root().set_entry_xattr("f", {"user.k", "v"}), traits().xattrs)) return;
  for (const char* name : {"l", "dangling"}) {
    const auto attributes = root().entry_xattrs(name);
    ASSERT_TRUE(succeeds(attributes)) << name;
    for (const Xattr& attribute : *attributes) EXPECT_NE(attribute.name, "user.k") << name;
    EXPECT_FALSE(root().set_entry_xattr(name, {"user.other", "v"}).has_value())
        << "links hold no user attributes";
  }
  EXPECT_THAT(*root().entry_xattrs("f"), ElementsAre(Xattr{"user.k", "v"}));
}

TEST_P(FsContract, ALockExcludesOtherHandlesUntilItsOwnIsClosed) {
  build("f = x\nd/");
  FilePtr first = file("f");
  const FilePtr second = file("f", Access::kReadWrite);
  if (!supported(first->try_lock(), traits().locks)) return;
  // "Somebody else holds it" is an answer, not an error.
  const auto gets_it = [](Node& node) {
    const auto locked = node.try_lock();
    EXPECT_TRUE(succeeds(locked));
    return locked.value_or(false);
  };
  EXPECT_FALSE(gets_it(*second));
  EXPECT_TRUE(gets_it(*first)) << "one's own lock is no obstacle";
  ASSERT_TRUE(succeeds(second->write_at(bytes_of("y"), 0))) << "it is advisory";
  first.reset();
  EXPECT_TRUE(gets_it(*second));
  DirectoryPtr held = directory("d");
  const DirectoryPtr same = directory("d");
  EXPECT_TRUE(gets_it(*held));
  EXPECT_FALSE(gets_it(*same));
  held.reset();
  EXPECT_TRUE(gets_it(*same));
}

TEST_P(FsContract, SyncsFilesDirectoriesAndVolumes) {
  build("f = x");
  EXPECT_TRUE(succeeds(file("f", Access::kReadWrite)->sync()));
  EXPECT_TRUE(succeeds(file("f")->sync()));
  EXPECT_TRUE(succeeds(root().sync()));
  EXPECT_TRUE(succeeds(root().sync_volume()));
}

}  // namespace
}  // namespace robosync::fs
