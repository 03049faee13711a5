// Windows' attributes in whole runs: which files are selected by them, and what copies are given.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class WindowsAttributes : public WindowsSyncTest {
 protected:
  [[nodiscard]] std::string names() const { return target(kNamesAndContents); }
  [[nodiscard]] std::string attributes(const std::string& directory, const std::string& name) {
    const auto root = memory.open_root(directory);
    const auto list = (*root)->entry_xattrs(name);
    EXPECT_TRUE(list) << list.error().message();
    for (const fs::Xattr& attribute : *list) {
      if (attribute.name == tree::kStoredAttributesName) return attribute.value;
    }
    return "none";
  }
};

constexpr std::string_view kSome =
    "archived x:windows.attributes=A = 1\nhidden x:windows.attributes=HA = 2\n"
    "plain = 3\nreadonly mode=444 = 4\nd/system x:windows.attributes=S = 5\n";

TEST_F(WindowsAttributes, FilesWithOneOfThemAreCopiedAndDirectoriesAlways) {
  build(kSome);
  Request request = this->request(Verb::kCopy);
  request.attributes_any = tree::kAttributeArchive;
  run(request);
  EXPECT_EQ(names(), "archived = 1\nd/\nhidden = 2\n");
  request.attributes_any = tree::kAttributeReadOnly | tree::kAttributeSystem;
  run(request);
  EXPECT_EQ(names(), "archived = 1\nd/\nd/system = 5\nhidden = 2\nreadonly = 4\n");
}

TEST_F(WindowsAttributes, FilesWithOneOfThemAreLeftOutAndNotDeletedAtTheTarget) {
  build(kSome, "hidden = old\ngone = old\n");
  Request request = this->request(Verb::kMirror);
  request.attributes_none = tree::kAttributeHidden | tree::kAttributeSystem;
  run(request);
  EXPECT_EQ(names(), "archived = 1\nd/\nhidden = old\nplain = 3\nreadonly = 4\n");
}

TEST_F(WindowsAttributes, CopiesAreGivenAndDeniedThem) {
  build(kSome, "plain = another\n");
  Request request = this->request(Verb::kCopy);
  request.attributes_set = tree::kAttributeSystem;
  request.attributes_cleared = tree::kAttributeHidden | tree::kAttributeArchive;
  run(request);
  EXPECT_EQ(attributes("/dst", "hidden"), "S");
  EXPECT_EQ(attributes("/dst", "plain"), "S");
  EXPECT_EQ(attributes("/dst", "d"), "");
  EXPECT_EQ(attributes("/src", "hidden"), "HA");
  memory.log().clear();
  run(request);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
}

TEST_F(WindowsAttributes, ComeWithWhatIsCopied) {
  build(kSome, "plain x:windows.attributes=S = another\n");
  run(request(Verb::kCopy));
  EXPECT_EQ(attributes("/dst", "hidden"), "HA");
  EXPECT_EQ(attributes("/dst", "archived"), "A");
  EXPECT_EQ(attributes("/dst", "plain"), "");
  EXPECT_EQ(attributes("/dst/d", "system"), "S");
}

TEST_F(WindowsAttributes, ComeAsFarAsTheyAreWanted) {
  build(
      "f x:windows.stream.s=text x:windows.attributes=H x:windows.creation_time=7 = 1\n"
      "d/ x:windows.stream.s=text x:windows.attributes=S x:windows.creation_time=8\n");
  const auto given = [this](const std::string& target, const char* name) {
    const auto root = memory.open_root(target);
    std::string text;
    const auto list = (*root)->entry_xattrs(name);
    for (const fs::Xattr& attribute : *list) {
      if (!attribute.value.empty()) text += attribute.name.substr(8) + "=" + attribute.value + " ";
    }
    return text;
  };
  Request request = this->request(Verb::kCopy);
  request.keep_permissions = false;
  request.target = "/no-attributes";
  run(request);
  EXPECT_EQ(given(request.target, "f"), "attributes=A creation_time=7 stream.s=text ");
  EXPECT_EQ(given(request.target, "d"), "attributes=A creation_time=8 stream.s=text ");
  request = this->request(Verb::kCopy);
  request.keep_times = false;
  request.target = "/no-times";
  run(request);
  EXPECT_EQ(given(request.target, "f"), "attributes=H stream.s=text ");
  request = this->request(Verb::kCopy);
  request.keep_streams = false;
  request.target = "/no-streams";
  run(request);
  EXPECT_EQ(given(request.target, "f"), "attributes=H creation_time=7 ");
  EXPECT_EQ(given(request.target, "d"), "attributes=S creation_time=8 ");
}

TEST_F(WindowsAttributes, LinksAreMadeOfTheirKind) {
  build("d/f = 1\n");
  const auto source = memory.open_root("/src");
  ASSERT_TRUE((*source)->make_symlink("file", "d/f", tree::LinkKind::kFile));
  ASSERT_TRUE((*source)->make_symlink("folder", "d", tree::LinkKind::kDirectory));
  ASSERT_TRUE((*source)->make_symlink("junction", "C:/d", tree::LinkKind::kJunction));
  ASSERT_TRUE((*source)->make_symlink("other", "missing"));
  run(request(Verb::kCopy));
  const auto target = memory.open_root("/dst");
  EXPECT_EQ((*target)->stat_entry("file")->link_kind, tree::LinkKind::kFile);
  EXPECT_EQ((*target)->stat_entry("folder")->link_kind, tree::LinkKind::kDirectory);
  EXPECT_EQ((*target)->stat_entry("junction")->link_kind, tree::LinkKind::kJunction);
  EXPECT_EQ((*target)->stat_entry("other")->link_kind, tree::LinkKind::kUnknown);
}

// Not taken for none: the target's stay, and so does what is moved.
TEST_F(WindowsAttributes, ThatCannotBeReadAreAProblem) {
  build("f x:user.a=new = same\n", "f x:user.a=old = same\n");
  const fs::FaultRule unreadable{
      .operation = fs::Operation::kXattrs, .path = "/src/f", .error = fs::fault(EIO)};
  faulty.add(unreadable);
  Request request = this->request(Verb::kCopy);
  request.keep_xattrs = true;
  EXPECT_EQ(run(request).outcome, Outcome::kPartial);
  EXPECT_THAT(problem_paths(), ElementsAre("f"));
  EXPECT_THAT(target({.xattrs = true}), HasSubstr("x:user.a=old"));
  faulty.add(unreadable);
  request.verb = Verb::kMove;
  EXPECT_EQ(run(request).outcome, Outcome::kPartial);
  EXPECT_THAT(source({.xattrs = true}), HasSubstr("x:user.a=new"));
}

TEST_F(WindowsAttributes, SoAreThoseThatAreWrittenInPlace) {
  build("f x:windows.attributes=H = new", "f x:windows.attributes=A = old content");
  Request request = this->request(Verb::kCopy);
  request.in_place = true;
  request.attributes_set = tree::kAttributeNotIndexed;
  run(request);
  EXPECT_THAT(attributes("/dst", "f"), HasSubstr("I"));
}

TEST_F(WindowsAttributes, WithExtendedAttributesACopyThatLacksThemIsGivenThem) {
  build("f x:windows.attributes=H = 1");
  Request request = this->request(Verb::kCopy);
  request.keep_xattrs = true;
  run(request);
  request.attributes_set = tree::kAttributeSystem;
  const Report report = run(request);
  EXPECT_EQ(attributes("/dst", "f"), "HS");
  EXPECT_EQ(report.counters.metadata_updated.files, 1U);
}

TEST_F(WindowsAttributes, WhereThereAreNoneNothingCouldBeSelectedOrSet) {
  memory.set_privileges(fs::privileged_user());
  build("f = 1\nr mode=444 = 2\n");
  Request request = this->request(Verb::kCopy);
  request.attributes_any = tree::kAttributeArchive;
  EXPECT_EQ(refused(request).kind, base::ErrorKind::kUnsupported);
  request.attributes_any = tree::kAttributeReadOnly | tree::kAttributeArchive;
  request.attributes_none = tree::kAttributeHidden;
  request.attributes_cleared = tree::kAttributeHidden;
  run(request);
  EXPECT_EQ(names(), "r = 2\n");
  request.attributes_set = tree::kAttributeHidden;
  EXPECT_THAT(refused(request).message(), HasSubstr("target's files"));
}

class ArchiveReset : public WindowsAttributes {};

TEST_F(ArchiveReset, OfWhatWasCopiedOnly) {
  build(
      "failing x:windows.attributes=A = 1\nnew x:windows.attributes=HA = 2\n"
      "same x:windows.attributes=A t=100.000000000 = 3\n",
      "same t=100.000000000 = 3\n");
  faulty.add(
      {.operation = fs::Operation::kOpenFile, .path = "/src/failing", .error = fs::fault(EIO)});
  Request request = this->request(Verb::kCopy);
  request.attributes_any = tree::kAttributeArchive;
  request.reset_archive = true;
  request.dry_run = true;
  run(request);
  EXPECT_EQ(attributes("/src", "new"), "HA");
  request.dry_run = false;
  run(request);
  EXPECT_THAT(problem_paths(), ElementsAre("failing"));
  EXPECT_EQ(attributes("/src", "new"), "H");
  EXPECT_EQ(attributes("/src", "failing"), "A");
  EXPECT_EQ(attributes("/src", "same"), "A");
}

TEST_F(ArchiveReset, ThatFailsIsAProblemOfACopyThatIsThere) {
  build("f x:windows.attributes=A = 1");
  faulty.add(
      {.operation = fs::Operation::kSetEntryXattr, .path = "/src/f", .error = fs::fault(EACCES)});
  Request request = this->request(Verb::kCopy);
  request.attributes_any = tree::kAttributeArchive;
  request.reset_archive = true;
  const Report report = run(request);
  EXPECT_EQ(report.outcome, Outcome::kPartial);
  EXPECT_EQ(report.counters.created.files, 1U);
  EXPECT_THAT(problem_paths(), ElementsAre("f"));
}

}  // namespace
}  // namespace robosync
