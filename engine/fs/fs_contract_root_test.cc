// Where paths of the user's lead, containment, and several threads on one directory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::SizeIs;
using tree::RelPath;

// Runs `work` in several threads, each with its number, and waits for all.
void in_threads(int count, const std::function<void(int)>& work) {
  std::vector<std::thread> threads;
  threads.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();
}

TEST_P(FsContract, LocatesTheDirectoryThatHoldsAPath) {
  build("d/f = x\nl -> d\nf = y");
  const std::string top = volume().path();
  const tree::Identity d = metadata("d").identity;
  const auto check = [&](const std::string& path, const tree::Identity& parent,
                         const std::string& name) {
    const auto located = file_system().locate(path);
    ASSERT_TRUE(succeeds(located)) << path;
    EXPECT_EQ(located->parent->stat()->identity, parent) << path;
    EXPECT_EQ(located->name, name) << path;
  };
  check(top + "/d/f", d, "f");
  check(top + "/d/missing", d, "missing");
  check(top + "/l/f", d, "f");
  check(top + "//d///f", d, "f");
  check(top + "/d/./f", d, "f");
  check(top + "/d/../d/f", d, "f");
  check(top + "/l", root().stat()->identity, "l");
  check(top + "/d/", root().stat()->identity, "d");
  check(top + "/d/.", d, "");
  check(top + "/d/..", root().stat()->identity, "");
  check(top + "/l/..", root().stat()->identity, "");
  const auto slash = file_system().locate("/");
  ASSERT_TRUE(succeeds(slash));
  EXPECT_EQ(slash->name, "");
  EXPECT_THAT(*file_system().ancestry(slash->parent), SizeIs(1));
  EXPECT_TRUE(fails(file_system().locate(top + "/none/f"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(file_system().locate(top + "/none/."), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(file_system().locate(top + "/f/x"), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(file_system().locate(""), ErrorKind::kNotFound));
}

TEST_P(FsContract, APathWithATooLongNameIsALimit) {
  const std::string name(tree::kComponentBytesMax + 1, 'x');
  EXPECT_TRUE(fails(file_system().locate(volume().path() + "/" + name), ErrorKind::kLimit));
  EXPECT_TRUE(fails(file_system().locate(volume().path() + "/" + name + "/x"), ErrorKind::kLimit));
  EXPECT_TRUE(fails(file_system().open_root(volume().path() + "/" + name), ErrorKind::kLimit));
}

TEST_P(FsContract, OpensRootsThroughLinks) {
  build("d/f = x\nl -> d\nf = y\ndangling -> none\nloop -> loop");
  const std::string top = volume().path();
  for (const char* path : {"/d", "/d/", "/l", "/l/", "/d/../l/."}) {
    const auto opened = file_system().open_root(top + path);
    ASSERT_TRUE(succeeds(opened)) << path;
    EXPECT_THAT(names(**opened), ElementsAre("f")) << path;
  }
  EXPECT_TRUE(fails(file_system().open_root(top + "/f"), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(file_system().open_root(top + "/none"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(file_system().open_root(top + "/dangling"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(file_system().open_root(top + "/loop"), ErrorKind::kLink));
  EXPECT_TRUE(fails(file_system().open_root(""), ErrorKind::kNotFound));
}

TEST_P(FsContract, AncestryNamesEveryDirectoryUpToTheTop) {
  build("a/b/");
  const auto b = open_beneath(root_ptr(), *RelPath::parse("a/b"));
  ASSERT_TRUE(succeeds(b));
  const auto chain = file_system().ancestry(*b);
  ASSERT_TRUE(succeeds(chain));
  ASSERT_GE(chain->size(), 4U);
  EXPECT_EQ((*chain)[0], (*b)->stat()->identity);
  EXPECT_EQ((*chain)[1], metadata("a").identity);
  EXPECT_EQ((*chain)[2], root().stat()->identity);
  EXPECT_EQ(chain->back(), (*file_system().open_root("/"))->stat()->identity);
  // By where a directory is, not by how it was reached.
  ASSERT_TRUE(succeeds(root().make_symlink("l", "a/b")));
  const auto through_link = file_system().open_root(volume().path() + "/l");
  ASSERT_TRUE(succeeds(through_link));
  EXPECT_EQ(*file_system().ancestry(*through_link), *chain);
}

TEST_P(FsContract, TheProcessKnowsWhatItMayDo) {
  build("f = x");
  const Privileges& privileges = file_system().privileges();
  EXPECT_EQ(privileges.uid, metadata("f").uid);
  EXPECT_EQ(privileges.gid, metadata("f").gid);
  EXPECT_LE(privileges.umask, 0777U);
  EXPECT_GE(file_system().open_handles_max(), 64U);
}

TEST_P(FsContract, NoLinkLeadsOutOfADirectoryThatIsHeld) {
  build(
      "outside/secret = s\nroot/d/f = x\nroot/escape -> ../outside\nroot/d/up -> ..\n"
      "root/absolute -> /");
  const DirectoryPtr top = directory("root");
  for (const char* path : {"escape", "absolute", "escape/secret", "d/up", "d/up/d"}) {
    EXPECT_TRUE(fails(open_beneath(top, *RelPath::parse(path)), ErrorKind::kLink)) << path;
  }
  EXPECT_TRUE(fails(open_beneath(top, *RelPath::parse("d/f")), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(open_beneath(top, *RelPath::parse("d/f/x")), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(open_beneath(top, *RelPath::parse("none/x")), ErrorKind::kNotFound));
  ASSERT_TRUE(succeeds(open_beneath(top, *RelPath::parse("d"))));
  EXPECT_EQ(*open_beneath(top, RelPath()), top);
  // Whatever is done to the link is done to the link.
  EXPECT_TRUE(fails(top->remove_directory("escape"), ErrorKind::kNotDirectory));
  EXPECT_TRUE(succeeds(top->set_entry_metadata("escape", {.mode = 0, .mtime = tree::Time{1, 0}})));
  EXPECT_TRUE(succeeds(top->make_link(*top, "escape", "twin")));
  EXPECT_EQ(top->stat_entry("twin")->metadata.kind, tree::Kind::kSymlink);
  EXPECT_TRUE(succeeds(top->rename("d", *top, "twin2", Replace::kNo)));
  EXPECT_TRUE(fails(top->rename("twin2", *top, "escape", Replace::kYes), ErrorKind::kNotDirectory));
  EXPECT_TRUE(succeeds(top->remove_file("escape")));
  EXPECT_EQ(*read_whole(*directory("outside"), "secret"), "s");
  EXPECT_FALSE(metadata("outside").mode == 0);
}

TEST_P(FsContract, SeveralThreadsListOneDirectory) {
  constexpr std::size_t kEntries = 3000;  // more than one system call gives
  for (std::size_t i = 0; i < kEntries; ++i) {
    ASSERT_TRUE(succeeds(root().create_file("some-longer-name-" + std::to_string(i), 0600)));
  }
  std::atomic<int> wrong{0};
  const auto list_often = [&](int) {
    for (int i = 0; i < 6; ++i) {
      Listing listing;
      if (!root().list({}, listing) || listing.entries.size() != kEntries) ++wrong;
    }
  };
  in_threads(3, list_often);
  EXPECT_EQ(wrong, 0) << "listings with too few or too many entries";
}

TEST_P(FsContract, SeveralThreadsChangeOneDirectory) {
  const auto work = [&](int number) {
    for (int i = 0; i < 50; ++i) {
      const std::string name = std::to_string(number) + "-" + std::to_string(i);
      ASSERT_TRUE(succeeds(write_whole(root(), name + ".new", name)));
      ASSERT_TRUE(succeeds(root().rename(name + ".new", root(), name, Replace::kNo)));
      ASSERT_TRUE(succeeds(root().set_entry_metadata(name, {.mode = 0600})));
      if (i % 2 == 0) {
        ASSERT_TRUE(succeeds(root().remove_file(name)));
      }
    }
  };
  in_threads(3, work);
  EXPECT_THAT(names(root()), SizeIs(75));
  EXPECT_EQ(content("2-49"), "2-49");
}

// Of several who want one new name, one gets it.
TEST_P(FsContract, OneOfSeveralThreadsWinsANewName) {
  std::atomic<int> won{0};
  const auto race = [&](int number) {
    for (int i = 0; i < 50; ++i) {
      const std::string name = std::to_string(i);
      const std::string mine = name + "-" + std::to_string(number);
      ASSERT_TRUE(succeeds(root().create_file(mine, 0600)));
      const auto renamed = root().rename(mine, root(), name, Replace::kNo);
      if (renamed) {
        ++won;
      } else {
        EXPECT_TRUE(fails(renamed, ErrorKind::kExists));
      }
    }
  };
  in_threads(3, race);
  EXPECT_EQ(won, 50);
  EXPECT_THAT(names(root()), SizeIs(150));
}

}  // namespace
}  // namespace robosync::fs
