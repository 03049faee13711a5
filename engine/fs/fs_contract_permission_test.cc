// What an ordinary user may not do. Everything here runs as one: root may do it all, and the tests
// would show nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_P(FsContract, UnreadableThingsAreNotRead) {
  volume().as_ordinary_user([&] {
    build("f mode=0 = secret\nw mode=200 = x\nd/below = x");
    ASSERT_TRUE(succeeds(root().set_entry_metadata("d", {.mode = 0300})));
    EXPECT_TRUE(fails(root().open_file("f"), ErrorKind::kPermission));
    EXPECT_TRUE(fails(root().open_file("w"), ErrorKind::kPermission));
    EXPECT_TRUE(fails(root().open_file("w", Access::kReadWrite), ErrorKind::kPermission));
    EXPECT_TRUE(fails(root().open_directory("d"), ErrorKind::kPermission));
    EXPECT_TRUE(succeeds(root().stat_entry("f"))) << "that needs no permission on the file";
    ASSERT_TRUE(succeeds(root().set_entry_metadata("f", {.mode = 0400})));
    EXPECT_EQ(content("f"), "secret");
    EXPECT_TRUE(fails(root().open_file("f", Access::kReadWrite), ErrorKind::kPermission));
  });
}

TEST_P(FsContract, AHandleOutlivesThePermissionToOpen) {
  volume().as_ordinary_user([&] {
    build("f = x\nd/below = y");
    const FilePtr f = file("f", Access::kReadWrite);
    ASSERT_TRUE(succeeds(f->set_metadata({.mode = 0})));
    EXPECT_EQ(*read_text(*f, 0, 1), "x");
    EXPECT_TRUE(succeeds(f->write_at(bytes_of("z"), 0)));
    // Names in a directory, however, are looked up anew each time.
    const DirectoryPtr d = directory("d");
    ASSERT_TRUE(succeeds(d->set_metadata({.mode = 0})));
    EXPECT_TRUE(fails(d->stat_entry("below"), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->open_file("below"), ErrorKind::kPermission));
    ASSERT_TRUE(succeeds(d->set_metadata({.mode = 0700})));
    EXPECT_TRUE(succeeds(d->stat_entry("below")));
  });
}

TEST_P(FsContract, WhatCannotBeLookedAtIsAProblemOfTheListing) {
  volume().as_ordinary_user([&] {
    build("d/a = x\nd/b/");
    ASSERT_TRUE(succeeds(root().set_entry_metadata("d", {.mode = 0600})));
    const DirectoryPtr d = directory("d");
    Listing listing;
    ASSERT_TRUE(succeeds(d->list({}, listing))) << "the names can be read to the end";
    EXPECT_THAT(listing.entries, IsEmpty());
    ASSERT_EQ(listing.problems.size(), 2U);
    std::vector<std::string> paths;
    for (const tree::Problem& problem : listing.problems) {
      paths.push_back(problem.path);
      EXPECT_EQ(problem.error.kind, ErrorKind::kPermission);
    }
    EXPECT_THAT(paths, UnorderedElementsAre("a", "b"));
    // What the filter leaves out is no problem.
    Listing filtered;
    ASSERT_TRUE(
        succeeds(d->list([](std::string_view name, tree::Kind) { return name == "a"; }, filtered)));
    EXPECT_EQ(filtered.problems.size(), 1U);
    ASSERT_TRUE(succeeds(root().set_entry_metadata("d", {.mode = 0700})));
  });
}

TEST_P(FsContract, AReadOnlyDirectoryKeepsItsNames) {
  volume().as_ordinary_user([&] {
    build("d/f = x\nd/sub/\nother/g = y");
    ASSERT_TRUE(succeeds(root().set_entry_metadata("d", {.mode = 0500})));
    const DirectoryPtr d = directory("d");
    const DirectoryPtr other = directory("other");
    EXPECT_TRUE(fails(d->create_file("new", 0600), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->make_directory("new", 0700), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->make_symlink("new", "x"), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->make_node("new", tree::Kind::kFifo, 0600, 0), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->make_link(*other, "g", "new"), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->remove_file("f"), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->remove_directory("sub"), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->rename("f", *d, "new", Replace::kNo), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->rename("f", *other, "f", Replace::kYes), ErrorKind::kPermission));
    EXPECT_TRUE(fails(other->rename("g", *d, "f", Replace::kYes), ErrorKind::kPermission));
    EXPECT_TRUE(fails(d->create_file("f", 0600), ErrorKind::kExists));
    // Contents and metadata of what is in it are another matter.
    EXPECT_TRUE(succeeds(write_whole(*d, "f", "changed")));
    EXPECT_TRUE(succeeds(d->set_entry_metadata("f", {.mode = 0600})));
    EXPECT_THAT(names(*d), ElementsAre("f", "sub"));
    ASSERT_TRUE(succeeds(root().set_entry_metadata("d", {.mode = 0700})));
  });
}

TEST_P(FsContract, ADirectoryMovesOnlyIfItCanBeWritten) {
  volume().as_ordinary_user([&] {
    build("d/\nother/");
    ASSERT_TRUE(succeeds(root().set_entry_metadata("d", {.mode = 0500})));
    EXPECT_TRUE(succeeds(root().rename("d", root(), "e", Replace::kNo))) << "same parent";
    EXPECT_TRUE(
        fails(root().rename("e", *directory("other"), "d", Replace::kNo), ErrorKind::kPermission));
  });
}

TEST_P(FsContract, AnOrdinaryUserGivesNothingAwayAndMakesNoDevice) {
  volume().as_ordinary_user([&] {
    build("f = x");
    const std::uint32_t uid = metadata("f").uid;
    EXPECT_NE(uid, 0U) << "created by root: this test shows nothing";
    EXPECT_TRUE(fails(root().set_entry_metadata("f", {.uid = 0}), ErrorKind::kPermission));
    EXPECT_TRUE(fails(root().set_entry_metadata("f", {.gid = 0}), ErrorKind::kPermission));
    EXPECT_TRUE(fails(file("f")->set_metadata({.uid = uid + 1}), ErrorKind::kPermission));
    EXPECT_TRUE(succeeds(file("f")->set_metadata({.uid = uid})));
    EXPECT_TRUE(
        fails(root().make_node("c", tree::Kind::kCharDevice, 0600, 0x103), ErrorKind::kPermission));
    EXPECT_EQ(metadata("f").uid, uid);
    EXPECT_EQ(names(root()).size(), 1U);
  });
}

// An error of the owner's change must not keep the rest from being what it was.
TEST_P(FsContract, ARefusedChangeOfOwnerChangesNothingElse) {
  volume().as_ordinary_user([&] {
    build("f mode=640 = x");
    make_old(root(), "f");
    const MetadataChange change{.uid = 0, .mode = 0777, .mtime = tree::Time{5, 0}};
    EXPECT_TRUE(fails(root().set_entry_metadata("f", change), ErrorKind::kPermission));
    EXPECT_TRUE(fails(file("f")->set_metadata(change), ErrorKind::kPermission));
    EXPECT_EQ(metadata("f").mode, 0640U);
    EXPECT_TRUE(is_old(metadata("f")));
  });
}

TEST_P(FsContract, ModesWithoutPermissionsCanBeCreatedByTheOrdinaryUserToo) {
  volume().as_ordinary_user([&] {
    for (const std::uint32_t mode : {0U, 0200U, 0333U, 01000U, 04600U}) {
      const std::string name = std::to_string(mode);
      const auto made = root().create_file("f" + name, mode);
      ASSERT_TRUE(succeeds(made)) << mode;
      EXPECT_TRUE(succeeds((*made)->write_at(bytes_of("x"), 0))) << mode;
      ASSERT_TRUE(succeeds(root().make_directory("d" + name, mode))) << mode;
      EXPECT_EQ(metadata("d" + name).mode, mode);
      EXPECT_TRUE(succeeds(root().remove_directory("d" + name)));
    }
  });
}

}  // namespace
}  // namespace robosync::fs
