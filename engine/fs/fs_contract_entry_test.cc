// Listing, looking at, opening, creating and removing entries.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::IsEmpty;
using tree::Kind;

std::map<std::string, tree::Entry> by_name(const Listing& listing) {
  std::map<std::string, tree::Entry> out;
  for (const tree::Entry& entry : listing.entries) out[entry.name] = entry;
  return out;
}

TEST_P(FsContract, ListsAnEmptyDirectory) { EXPECT_THAT(names(root()), IsEmpty()); }

TEST_P(FsContract, ListsEveryKindWithMetadataAndTargets) {
  build("d/ mode=711\nf mode=640 = hello\nl -> f\np mode=600 |\ns mode=600 ~\nhard => f");
  Listing listing;
  ASSERT_TRUE(succeeds(root().list({}, listing)));
  EXPECT_THAT(listing.problems, IsEmpty());
  const auto entries = by_name(listing);
  ASSERT_EQ(entries.size(), 6U);
  EXPECT_EQ(entries.at("d").metadata.kind, Kind::kDirectory);
  EXPECT_EQ(entries.at("d").metadata.mode, 0711U);
  EXPECT_EQ(entries.at("f").metadata.kind, Kind::kRegular);
  EXPECT_EQ(entries.at("f").metadata.mode, 0640U);
  EXPECT_EQ(entries.at("f").metadata.size, 5U);
  EXPECT_EQ(entries.at("f").metadata.link_count, 2U);
  EXPECT_EQ(entries.at("f").metadata.uid, file_system().privileges().uid);
  EXPECT_EQ(entries.at("hard").metadata.identity, entries.at("f").metadata.identity);
  EXPECT_EQ(entries.at("l").metadata.kind, Kind::kSymlink);
  EXPECT_EQ(entries.at("l").link_target, "f");
  EXPECT_EQ(entries.at("l").metadata.size, 1U);
  EXPECT_EQ(entries.at("p").metadata.kind, Kind::kFifo);
  EXPECT_EQ(entries.at("p").metadata.mode, 0600U);
  EXPECT_EQ(entries.at("s").metadata.kind, Kind::kSocket);
  EXPECT_NE(entries.at("p").metadata.identity, entries.at("s").metadata.identity);
  // The same as asking for each, and as the handle itself says.
  for (const auto& [name, entry] : entries) {
    const tree::Metadata asked = metadata(name);
    EXPECT_EQ(asked.identity, entry.metadata.identity);
    EXPECT_EQ(asked.mtime, entry.metadata.mtime);
    EXPECT_EQ(asked.mode, entry.metadata.mode);
    EXPECT_EQ(asked.size, entry.metadata.size);
  }
  EXPECT_EQ(file("f")->stat()->identity, entries.at("f").metadata.identity);
  EXPECT_EQ(directory("d")->stat()->identity, entries.at("d").metadata.identity);
}

TEST_P(FsContract, ListsAppendsToTheListing) {
  build("a =");
  Listing listing;
  ASSERT_TRUE(succeeds(root().list({}, listing)));
  ASSERT_TRUE(succeeds(root().list({}, listing)));
  EXPECT_EQ(listing.entries.size(), 2U);
}

TEST_P(FsContract, AFilterSeesEachNameAndItsKindAndDecides) {
  build("d/below =\nf =\nl -> f\np |");
  std::map<std::string, Kind> asked;
  Listing listing;
  const NameFilter keep_d_and_f = [&](std::string_view name, Kind kind) {
    asked[std::string(name)] = kind;  // the last answer counts: kUnknown may come first
    return name == "d" || name == "f" || kind == Kind::kUnknown;
  };
  ASSERT_TRUE(succeeds(root().list(keep_d_and_f, listing)));
  const auto entries = by_name(listing);
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries.at("d").metadata.kind, Kind::kDirectory);
  const std::map<std::string, Kind> all{
      {"d", Kind::kDirectory}, {"f", Kind::kRegular}, {"l", Kind::kSymlink}, {"p", Kind::kFifo}};
  EXPECT_EQ(asked, all);
}

TEST_P(FsContract, ListsDirectoriesLargerThanAnyBuffer) {
  std::vector<std::string> wanted;
  for (int i = 1000; i < 4000; ++i) {
    wanted.push_back("entry-" + std::to_string(i) +
                     std::string(static_cast<std::size_t>(i % 97), 'x'));
    ASSERT_TRUE(succeeds(root().create_file(wanted.back(), 0600)));
  }
  EXPECT_THAT(names(root()), testing::ElementsAreArray(wanted));
  EXPECT_THAT(names(root()), testing::ElementsAreArray(wanted)) << "a second time";
}

TEST_P(FsContract, LooksAtALinkOrAtWhatItLeadsTo) {
  build(
      "d/f = 12345\nto_file -> d/f\nto_directory -> d\nchain -> to_file\ndangling -> none\n"
      "loop -> loop\nd/up -> ../d/f");
  const auto kind = [&](std::string_view name, Follow follow) {
    const auto entry = root().stat_entry(name, follow);
    EXPECT_TRUE(succeeds(entry)) << name;
    return entry ? entry->metadata.kind : Kind::kUnknown;
  };
  for (const char* name : {"to_file", "to_directory", "chain", "dangling", "loop"}) {
    EXPECT_EQ(kind(name, Follow::kNo), Kind::kSymlink) << name;
  }
  EXPECT_EQ(kind("to_directory", Follow::kYes), Kind::kDirectory);
  const auto followed = root().stat_entry("chain", Follow::kYes);
  ASSERT_TRUE(succeeds(followed));
  EXPECT_EQ(followed->name, "chain");
  EXPECT_EQ(followed->link_target, "");
  EXPECT_EQ(followed->metadata.size, 5U);
  EXPECT_EQ(followed->metadata.identity, directory("d")->stat_entry("f")->metadata.identity);
  EXPECT_TRUE(succeeds(directory("d")->stat_entry("up", Follow::kYes)));
  EXPECT_TRUE(fails(root().stat_entry("dangling", Follow::kYes), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root().stat_entry("loop", Follow::kYes), ErrorKind::kLink));
  EXPECT_TRUE(fails(root().stat_entry("none"), ErrorKind::kNotFound));
}

TEST_P(FsContract, OpensOnlyDirectoriesAsDirectories) {
  build("d/f = x\nf = y\nl -> d\nlf -> f\ndangling -> none\np |");
  EXPECT_THAT(names(*directory("d")), ElementsAre("f"));
  EXPECT_TRUE(fails(root().open_directory("f"), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(root().open_directory("p"), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(root().open_directory("none"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root().open_directory("l"), ErrorKind::kLink));
  EXPECT_TRUE(fails(root().open_directory("lf"), ErrorKind::kLink));
  EXPECT_TRUE(fails(root().open_directory("dangling"), ErrorKind::kLink));
  const auto followed = root().open_directory("l", Follow::kYes);
  ASSERT_TRUE(succeeds(followed));
  EXPECT_THAT(names(**followed), ElementsAre("f"));
  EXPECT_TRUE(fails(root().open_directory("lf", Follow::kYes), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(root().open_directory("dangling", Follow::kYes), ErrorKind::kNotFound));
}

TEST_P(FsContract, OpensFilesAndNotLinksToThem) {
  build("f = text\nl -> f\ndangling -> none\nd/");
  EXPECT_EQ(content("f"), "text");
  for (const Access access : {Access::kRead, Access::kReadWrite}) {
    EXPECT_TRUE(fails(root().open_file("none", access), ErrorKind::kNotFound));
    EXPECT_TRUE(fails(root().open_file("l", access), ErrorKind::kLink));
    EXPECT_TRUE(fails(root().open_file("dangling", access), ErrorKind::kLink));
    EXPECT_TRUE(fails(root().open_file("dangling", access, Follow::kYes), ErrorKind::kNotFound));
    const auto followed = root().open_file("l", access, Follow::kYes);
    ASSERT_TRUE(succeeds(followed));
    EXPECT_EQ(*read_text(**followed, 0, 10), "text");
  }
  EXPECT_TRUE(fails(root().open_file("d", Access::kReadWrite), ErrorKind::kIsDirectory));
  EXPECT_THAT(names(root()), ElementsAre("d", "dangling", "f", "l")) << "opening creates nothing";
}

// Whoever swaps a file for something else must not make us wait, read it, or end the whole run.
TEST_P(FsContract, OpeningWhatIsNoFileNeitherBlocksNorReadsNorEndsTheRun) {
  build("d/\np |\ns ~");
  for (const char* name : {"d", "p", "s"}) {
    const auto opened = root().open_file(name);
    if (!opened) {
      EXPECT_FALSE(base::is_volume_fault(opened.error().kind)) << name;
      EXPECT_FALSE(base::is_transient(opened.error().kind)) << name;
      continue;
    }
    EXPECT_EQ((*opened)->stat()->kind, metadata(name).kind);
    EXPECT_FALSE(read_text(**opened, 0, 1).has_value()) << name;
  }
}

TEST_P(FsContract, CreatesAnEmptyFileOpenForReadingAndWriting) {
  const auto made = root().create_file("f", 0600);
  ASSERT_TRUE(succeeds(made));
  EXPECT_EQ((*made)->stat()->size, 0U);
  EXPECT_EQ((*made)->stat()->link_count, 1U);
  ASSERT_TRUE(succeeds((*made)->write_at(bytes_of("abc"), 0)));
  EXPECT_EQ(*read_text(**made, 0, 10), "abc");
  EXPECT_EQ(metadata("f").identity, (*made)->stat()->identity);
}

TEST_P(FsContract, CreatingOverAnyEntryFails) {
  build("f = x\nd/\nl -> f\ndangling -> none\np |");
  for (const char* name : {"f", "d", "l", "dangling", "p"}) {
    EXPECT_TRUE(fails(root().create_file(name, 0644), ErrorKind::kExists)) << name;
    EXPECT_TRUE(fails(root().make_directory(name, 0755), ErrorKind::kExists)) << name;
    EXPECT_TRUE(fails(root().make_symlink(name, "t"), ErrorKind::kExists)) << name;
    EXPECT_TRUE(fails(root().make_node(name, Kind::kFifo, 0600, 0), ErrorKind::kExists)) << name;
    EXPECT_TRUE(fails(root().make_link(root(), "f", name), ErrorKind::kExists)) << name;
  }
  EXPECT_EQ(dump(), "d/\ndangling -> none\nf = x\nl -> f\np |\n");
}

TEST_P(FsContract, ModesAreExactWhateverTheUmask) {
  for (const std::uint32_t mode :
       {0U, 0400U, 0644U, 0666U, 0777U, 01777U, 02755U, 04711U, 07777U}) {
    const std::string name = std::to_string(mode);
    ASSERT_TRUE(succeeds(root().create_file("f" + name, mode)));
    EXPECT_EQ(metadata("f" + name).mode, mode);
    ASSERT_TRUE(succeeds(root().make_directory("d" + name, mode)));
    EXPECT_EQ(metadata("d" + name).mode, mode);
    ASSERT_TRUE(succeeds(root().make_node("p" + name, Kind::kFifo, mode, 0)));
    EXPECT_EQ(metadata("p" + name).mode, mode);
  }
}

TEST_P(FsContract, ModesAreExactInASetGroupIdDirectory) {
  build("d/ mode=2755");
  const DirectoryPtr below = directory("d");
  ASSERT_TRUE(succeeds(below->make_directory("plain", 0755)));
  EXPECT_EQ(below->stat_entry("plain")->metadata.mode, 0755U);
  ASSERT_TRUE(succeeds(below->make_directory("set", 02755)));
  EXPECT_EQ(below->stat_entry("set")->metadata.mode, 02755U);
  ASSERT_TRUE(succeeds(below->create_file("f", 0644)));
  EXPECT_EQ(below->stat_entry("f")->metadata.mode, 0644U);
}

TEST_P(FsContract, DeviceNodesAreMadeByThePrivilegedOnly) {
  constexpr std::uint64_t kNull = 0x103;  // character device 1:3
  for (const Kind kind : {Kind::kCharDevice, Kind::kBlockDevice}) {
    const std::string name = kind == Kind::kCharDevice ? "c" : "b";
    const auto made = root().make_node(name, kind, 0620, kNull);
    if (!privileged()) {
      EXPECT_TRUE(fails(made, ErrorKind::kPermission));
      continue;
    }
    ASSERT_TRUE(succeeds(made));
    EXPECT_EQ(metadata(name).kind, kind);
    EXPECT_EQ(metadata(name).device_number, kNull);
    EXPECT_EQ(metadata(name).mode, 0620U);
  }
}

TEST_P(FsContract, RemovesEntriesOfTheRightKindOnly) {
  build("f = x\nhard => f\nl -> f\np |\nd/below = y\ne/");
  EXPECT_TRUE(fails(root().remove_file("none"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root().remove_directory("none"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root().remove_directory("f"), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(root().remove_directory("l"), ErrorKind::kNotDirectory));
  EXPECT_TRUE(fails(root().remove_file("e"), ErrorKind::kIsDirectory));
  EXPECT_TRUE(fails(root().remove_file("d"), ErrorKind::kIsDirectory));
  EXPECT_TRUE(fails(root().remove_directory("d"), ErrorKind::kNotEmpty));
  EXPECT_EQ(dump(), "d/\nd/below = y\ne/\nf = x\nhard => f\nl -> f\np |\n");
  EXPECT_TRUE(succeeds(root().remove_file("l")));
  EXPECT_TRUE(succeeds(root().remove_file("f")));
  EXPECT_TRUE(succeeds(root().remove_file("p")));
  EXPECT_TRUE(succeeds(root().remove_directory("e")));
  EXPECT_EQ(dump(), "d/\nd/below = y\nhard = x\n");
}

TEST_P(FsContract, HardLinksAreOneFile) {
  build("f = x\nd/\nl -> f\np |");
  const DirectoryPtr below = directory("d");
  ASSERT_TRUE(succeeds(below->make_link(root(), "f", "g")));
  ASSERT_TRUE(succeeds(below->make_link(root(), "l", "l2")));
  ASSERT_TRUE(succeeds(below->make_link(root(), "p", "p2")));
  EXPECT_EQ(dump(), "d/\nd/g = x\nd/l2 -> f\nd/p2 |\nf => d/g\nl => d/l2\np => d/p2\n");
  EXPECT_EQ(metadata("f").link_count, 2U);
  ASSERT_TRUE(succeeds(write_whole(root(), "f", "changed")));
  EXPECT_EQ(*read_whole(*below, "g"), "changed");
  EXPECT_TRUE(fails(below->make_link(root(), "none", "n"), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(below->make_link(root(), "d", "n"), ErrorKind::kPermission));
  ASSERT_TRUE(succeeds(root().remove_file("f")));
  EXPECT_EQ(below->stat_entry("g")->metadata.link_count, 1U);
}

}  // namespace
}  // namespace robosync::fs
