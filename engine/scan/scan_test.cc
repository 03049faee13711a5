// One directory of the source as data: what is listed, left out, protected, and how complete it is.
#include "engine/scan/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"

namespace robosync::scan {
namespace {

using fs::Operation;
using testing::ElementsAre;
using testing::IsEmpty;
using tree::Completeness;
using tree::FilterArgument;

TEST(LeadsOut, Table) {
  struct Case {
    const char* link;
    const char* target;
    bool out;
  };
  const Case cases[] = {
      {"l", "a", false},
      {"l", "a/b", false},
      {"l", "/a", true},
      {"l", "", true},
      {"l", "..", true},
      {"l", "../a", true},
      {"d/l", "..", false},
      {"d/l", "../a", false},
      {"d/l", "../..", true},
      {"d/e/l", "../../a", false},
      {"d/e/l", "../../../a", true},
      {"l", "a/../b", true},
      {"d/l", "a/../../b", true},
      {"l", "./a", false},
      {"l", "./..", true},
      {"d/l", ".//../a", false},
      {"l", "a//b/", false},
      {"l", "..a", false},
      {"l", "a..", false},
      {"l", "...", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(leads_out(*tree::RelPath::parse(c.link), c.target), c.out)
        << c.link << " -> " << c.target;
  }
}

class ScanTest : public testing::Test {
 protected:
  Scan scan(const Options& options = {}, const std::vector<FilterArgument>& rules = {}) {
    const auto filter = tree::FilterScope::compile(
        rules, [](const std::string&) -> base::Result<std::string> { return std::string(); });
    const SourceDirectory directory({}, {{.handle = *faulty.open_root("/s")}});
    auto result = directory.scan(*filter, options);
    EXPECT_TRUE(result) << result.error().message();
    return result ? std::move(*result) : Scan();
  }
  static std::vector<std::string> names(const Scan& scan) {
    std::vector<std::string> out;
    out.reserve(scan.snapshot.entries.size());
    for (const tree::Entry& entry : scan.snapshot.entries) out.push_back(entry.name);
    return out;
  }

  fs::MemoryFileSystem memory;
  fs::FaultFileSystem faulty{memory};
};

TEST_F(ScanTest, InByteOrder) {
  memory.build("/s", "b\na\nB\n\\xff\na.b\na-/x\n\\xc3\\xa4\n");
  EXPECT_THAT(names(scan()), ElementsAre("B", "a", "a-", "a.b", "b", "\xc3\xa4", "\xff"));
}

TEST_F(ScanTest, FilteredNamesAreNotListed) {
  memory.build("/s", "a.o\na.c\nd/x\n");
  const Scan result =
      scan({}, {{FilterArgument::Form::kExclude, "*.o"}, {FilterArgument::Form::kExclude, "d/"}});
  EXPECT_THAT(names(result), ElementsAre("a.c"));
  EXPECT_EQ(result.snapshot.completeness, Completeness::kComplete);
}

TEST_F(ScanTest, SizesAndAgesLeaveOutRegularFilesOnlyAndProtectThem) {
  memory.build("/s",
               "a t=10.000000000 = 1\nb t=20.000000000 = 12\nc t=30.000000000 = 123\nd/\nl -> x\n");
  EXPECT_THAT(names(scan({.size_min = 2})), ElementsAre("b", "c", "d", "l"));
  EXPECT_THAT(names(scan({.size_max = 2})), ElementsAre("a", "b", "d", "l"));
  EXPECT_THAT(names(scan({.newest = tree::Time{20, 0}})), ElementsAre("a", "b", "d", "l"));
  const Scan result = scan({.oldest = tree::Time{20, 1}});
  EXPECT_THAT(names(result), ElementsAre("c", "d", "l"));
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("a", "b"));
}

TEST_F(ScanTest, StagingFilesAreOmittedAndProtected) {
  memory.build("/s", ".robosync-0123456789abcdef\n.robosync-x\n");
  const Scan result = scan();
  EXPECT_THAT(names(result), ElementsAre(".robosync-x"));
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre(".robosync-0123456789abcdef"));
  EXPECT_EQ(result.omissions.size(), 1U);
}

TEST_F(ScanTest, VanishedNamesAreProtectedOtherFaultsMakeItIncomplete) {
  memory.build("/s", "a\nb\nc\n");
  faulty.add({.operation = Operation::kListEntry, .path = "/s/a", .vanish = true});
  Scan result = scan();
  EXPECT_EQ(result.snapshot.completeness, Completeness::kComplete);
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("a"));
  EXPECT_EQ(result.snapshot.problems.size(), 1U);
  faulty.add({.operation = Operation::kListEntry, .path = "/s/b", .error = fs::fault(EIO)});
  result = scan();
  EXPECT_EQ(result.snapshot.completeness, Completeness::kErrors);
  EXPECT_THAT(names(result), ElementsAre("c"));
}

TEST_F(ScanTest, AListingThatFailsIsNoSnapshot) {
  memory.build("/s", "a\nb\n");
  const auto filter = tree::FilterScope::compile(
      {}, [](const std::string&) -> base::Result<std::string> { return std::string(); });
  const SourceDirectory directory({}, {{.handle = *faulty.open_root("/s")}});
  faulty.add({.operation = Operation::kList, .error = fs::fault(EIO), .cut_to = 1});
  EXPECT_FALSE(directory.scan(*filter, {}));
}

TEST_F(ScanTest, MergedSourcesTheFirstWins) {
  memory.build("/s", "a = first\nd/x = first\n");
  memory.build("/t", "a = second\nb = second\nd/y = second\n");
  const auto filter = tree::FilterScope::compile(
      {}, [](const std::string&) -> base::Result<std::string> { return std::string(); });
  const SourceDirectory directory(
      {}, {{.handle = *memory.open_root("/s")}, {.handle = *memory.open_root("/t")}});
  const auto result = directory.scan(*filter, {});
  ASSERT_TRUE(result);
  EXPECT_THAT(names(*result), ElementsAre("a", "b", "d"));
  EXPECT_EQ(result->snapshot.entries[0].origin, 0U);
  EXPECT_EQ(result->snapshot.entries[1].origin, 1U);
  const auto below = directory.open_directory(result->snapshot.entries[2], {});
  ASSERT_TRUE(below);
  const auto inner = (*below)->scan(*filter, {});
  EXPECT_THAT(names(*inner), ElementsAre("x", "y"));
}

TEST_F(ScanTest, AMountPointIsNotEntered) {
  memory.build("/s", "m/\n");
  memory.mount("/s/m", {});
  memory.build("/s/m", "inside\n");
  const auto root = *memory.open_root("/s");
  const auto filter = tree::FilterScope::compile(
      {}, [](const std::string&) -> base::Result<std::string> { return std::string(); });
  const SourceDirectory directory({},
                                  {{.handle = root, .root_device = root->stat()->identity.device}});
  const auto result = directory.scan(*filter, {.one_file_system = true});
  ASSERT_TRUE(result);
  const auto below =
      directory.open_directory(result->snapshot.entries[0], {.one_file_system = true});
  ASSERT_TRUE(below);
  const auto inner = (*below)->scan(*filter, {.one_file_system = true});
  EXPECT_THAT(inner->snapshot.entries, IsEmpty());
  EXPECT_EQ(inner->snapshot.completeness, Completeness::kNotEntered);
}

class JunctionTest : public ScanTest {
 protected:
  // A link of each kind, all to directories.
  void SetUp() override {
    memory.build("/s", "d/\n");
    const auto root = *memory.open_root("/s");
    for (const auto& [name, kind] : {std::pair("junction", tree::LinkKind::kJunction),
                                     std::pair("link", tree::LinkKind::kDirectory),
                                     std::pair("volume", tree::LinkKind::kMountPoint)}) {
      ASSERT_TRUE(root->make_symlink(name, "d", kind));
    }
  }
  // "name" of what is followed, "name@" of what stays a link.
  static std::vector<std::string> links(const Scan& scan) {
    std::vector<std::string> out;
    for (const tree::Entry& entry : scan.snapshot.entries) {
      if (entry.follow) out.push_back(entry.name);
      if (entry.metadata.is_symlink()) out.push_back(entry.name + "@");
    }
    return out;
  }
  static std::vector<std::string> left_out(const Scan& scan) {
    std::vector<std::string> out;
    out.reserve(scan.omissions.size());
    for (const Omission& omission : scan.omissions) {
      out.push_back(omission.name + ": " + omission.reason);
    }
    std::ranges::sort(out);
    return out;
  }
};

TEST_F(JunctionTest, AreKeptButNotWhereAVolumeIsMounted) {
  const Scan result = scan();
  EXPECT_THAT(links(result), ElementsAre("junction@", "link@"));
  EXPECT_THAT(left_out(result), ElementsAre("volume: a volume is mounted here"));
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("volume"));
  EXPECT_EQ(result.snapshot.completeness, Completeness::kComplete);
}

TEST_F(JunctionTest, AreFollowedWhenAskedAndMountedVolumesAreToo) {
  const Scan result = scan({.junctions = JunctionPolicy::kFollow});
  EXPECT_THAT(links(result), ElementsAre("junction", "link@", "volume"));
  EXPECT_TRUE(tree::find_entry(result.snapshot.entries, "junction")->metadata.is_directory());
  EXPECT_THAT(left_out(result), IsEmpty());
}

TEST_F(JunctionTest, AreLeftOutWhenAskedAndProtected) {
  const Scan result = scan({.junctions = JunctionPolicy::kSkip});
  EXPECT_THAT(links(result), ElementsAre("link@"));
  EXPECT_THAT(left_out(result), ElementsAre("junction: junction", "volume: junction"));
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("junction", "volume"));
}

Options asked(LinkPolicy links, JunctionPolicy junctions = JunctionPolicy::kKeep) {
  return {.links = links, .links_asked = links, .junctions = junctions};
}

TEST_F(JunctionTest, AreNoSymbolicLinksToTheirPolicy) {
  EXPECT_THAT(links(scan(asked(LinkPolicy::kFollow))), ElementsAre("junction@", "link"));
  EXPECT_THAT(links(scan(asked(LinkPolicy::kSkip))), ElementsAre("junction@"));
  EXPECT_THAT(links(scan({.links_left_out = LinksLeftOut::kToDirectories})),
              ElementsAre("junction@"));
  EXPECT_THAT(links(scan(asked(LinkPolicy::kSkip, JunctionPolicy::kFollow))),
              ElementsAre("junction", "volume"));
}

TEST_F(JunctionTest, LeadOutOfTheSource) {
  const Scan result = scan(asked(LinkPolicy::kKeepSafe));
  EXPECT_THAT(links(result), ElementsAre("link@"));
  EXPECT_THAT(left_out(result), ElementsAre("junction: junction", "volume: junction"));
}

// Who serves a module decides for its junctions, too; what is left out for that is told.
TEST_F(JunctionTest, OfAServerThatPassesOnFewerLinksAreLeftOut) {
  for (const LinkPolicy policy : {LinkPolicy::kSkip, LinkPolicy::kKeepSafe}) {
    Options options;
    options.links = policy;
    const Scan result = scan(options);
    EXPECT_THAT(links(result), testing::Not(testing::Contains("junction@")));
    EXPECT_THAT(result.omissions, testing::Contains(testing::Field(&Omission::name, "junction")));
  }
}

// "*.txt" wherever it is, as rules that are about files alone.
const std::vector<FilterArgument> kTextFilesOnly = {
    {.text = "+ */"}, {.text = "+ *.txt"}, {.text = "- *"}};

TEST_F(JunctionTest, LinksToDirectoriesAreDirectoriesToRulesAndProtectedWhenLeftOut) {
  EXPECT_THAT(links(scan({}, kTextFilesOnly)), ElementsAre("junction@", "link@"));
  const Scan result = scan({}, {{.text = "- junction/"}, {.text = "- link/"}});
  EXPECT_THAT(links(result), IsEmpty());
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("junction", "link", "volume"));
  EXPECT_EQ(result.snapshot.completeness, Completeness::kComplete);
}

TEST_F(JunctionTest, OnesThatAreFollowedAreFilteredAsDirectories) {
  EXPECT_THAT(links(scan({.junctions = JunctionPolicy::kFollow}, kTextFilesOnly)),
              ElementsAre("junction", "link@", "volume"));
}

TEST_F(ScanTest, RulesSeeWhatAFollowedLinkLeadsTo) {
  memory.build("/s",
               "d/a.txt\nf.log\nto-d -> d\nto-f -> f.log\nx.txt -> f.log\nbroken -> nowhere\n"
               "broken.txt -> nowhere\n");
  const Options follow{.links = LinkPolicy::kFollow};
  const Scan result = scan(follow, kTextFilesOnly);
  EXPECT_THAT(names(result), ElementsAre("d", "to-d", "x.txt"));
  // A broken one may have led to a directory that the target still has.
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("broken", "broken.txt"));
  EXPECT_EQ(result.snapshot.problems.size(), 1U);
  EXPECT_THAT(names(scan(follow, {{.text = "- to-*/"}, {.text = "- broken*"}})),
              ElementsAre("d", "f.log", "to-f", "x.txt"));
  EXPECT_THAT(names(scan({.links = LinkPolicy::kFollowUnsafe}, kTextFilesOnly)),
              ElementsAre("broken.txt", "d", "x.txt"));
}

TEST_F(ScanTest, RulesSeeALinkThatIsLeftOutForWhatItLeadsToAsThat) {
  memory.build("/s", "d/\nf.txt\nto-d -> d\nto-f -> f.txt\n");
  const Scan result =
      scan({.links = LinkPolicy::kFollow, .links_left_out = LinksLeftOut::kToDirectories},
           kTextFilesOnly);
  EXPECT_THAT(names(result), ElementsAre("d", "f.txt"));
  // "- *" is not about it: it is left out because of what it is, and so is not to be deleted.
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("to-d"));
}

TEST_F(ScanTest, WhatALinkLeadsToIsSelectedAsWhatItIs) {
  memory.build("/s", "big = 12345\nsmall = 1\nto-big -> big\nto-small -> small\n");
  const Scan result = scan({.links = LinkPolicy::kFollow, .size_max = 2});
  EXPECT_THAT(names(result), ElementsAre("small", "to-small"));
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("big", "to-big"));
}

TEST_F(ScanTest, FilesAreSelectedByAttributesAndLeftOutOnesProtected) {
  fs::Privileges windows = fs::privileged_user();
  windows.has_native_attributes = true;
  memory.set_privileges(windows);
  memory.build("/s", "a x:windows.attributes=A\nd/\nh x:windows.attributes=H\nr mode=444\nplain\n");
  EXPECT_THAT(names(scan({.attributes_any = tree::kAttributeArchive | tree::kAttributeReadOnly})),
              ElementsAre("a", "d", "r"));
  const Scan result = scan({.attributes_none = tree::kAttributeHidden | tree::kAttributeArchive});
  EXPECT_THAT(names(result), ElementsAre("d", "plain", "r"));
  EXPECT_THAT(result.snapshot.protected_names, ElementsAre("a", "h"));
}

}  // namespace
}  // namespace robosync::scan
