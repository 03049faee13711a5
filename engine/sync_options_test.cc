// Options of a Request, each by what it does to the tree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using base::ErrorKind;
using fs::Operation;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Options : public SyncTest {
 protected:
  void build(std::string_view source_spec, std::string_view target_spec) {
    memory.build("/src", source_spec);
    memory.build("/dst", target_spec);
  }
  [[nodiscard]] std::string names() const { return target(kNamesAndContents); }
  // A second run finds nothing to do.
  void expect_settled(const Request& request) {
    memory.log().clear();
    const Report report = run(request);
    EXPECT_THAT(memory.log().changes(), IsEmpty());
    EXPECT_EQ(report.counters.failed.total(), 0U);
  }
  static std::shared_ptr<const tree::FileList> list(std::string_view text) {
    auto parsed = tree::FileList::parse(text, tree::FileList::Separator::kNewline);
    return std::make_shared<const tree::FileList>(std::move(*parsed));
  }
};

TEST_F(Options, UpdateExistingAndIgnoreExisting) {
  constexpr std::string_view kFrom =
      "newer t=200.000000000 = N\nolder t=50.000000000 = O\n"
      "fresh = F\nd/in = I\n";
  constexpr std::string_view kTo = "newer t=100.000000000 = n\nolder t=100.000000000 = o\n";
  build(kFrom, kTo);
  Request request = this->request(Verb::kCopy);
  request.update_only_newer = true;
  Report report = run(request);
  EXPECT_EQ(names(), "d/\nd/in = I\nfresh = F\nnewer = N\nolder = o\n");
  EXPECT_EQ(report.counters.skipped.files, 1U);
  EXPECT_TRUE(adds_up(report.counters));

  memory.build("/two", kTo);
  request = this->request(Verb::kCopy);
  request.target = "/two";
  request.existing_only = true;
  report = run(request);
  EXPECT_EQ(memory.dump("/two", kNamesAndContents), "newer = N\nolder = O\n");
  EXPECT_EQ(report.counters.skipped.files, 1U);
  EXPECT_EQ(report.counters.skipped.directories, 1U);
  EXPECT_TRUE(adds_up(report.counters));

  memory.build("/three", kTo);
  request = this->request(Verb::kCopy);
  request.target = "/three";
  request.ignore_existing = true;
  report = run(request);
  EXPECT_EQ(memory.dump("/three", kNamesAndContents),
            "d/\nd/in = I\nfresh = F\nnewer = n\nolder = o\n");
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Options, IgnoreExistingAlsoKeepsAFileThatADirectoryWouldReplace) {
  build("a/inner = new\nl/x = new\n", "a = precious\nl -> somewhere\n");
  for (const Verb verb : {Verb::kCopy, Verb::kMirror}) {
    Request request = this->request(verb);
    request.ignore_existing = true;
    const Report report = run(request);
    EXPECT_EQ(names(), "a = precious\nl -> somewhere\n");
    EXPECT_TRUE(adds_up(report.counters));
  }
}

TEST_F(Options, SizeAndAgeLimitsProtectWhatTheyLeaveOut) {
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(
                       std::chrono::system_clock::now().time_since_epoch())
                       .count();
  build("small = 12\nmiddle = 1234\nlarge = 123456\nyoung t=" + std::to_string(now) +
            ".000000000 = 1234\nd/\n",
        "small = kept\nlarge = kept\nyoung = kept\nextra = x\n");
  Request request = this->request(Verb::kMirror);
  request.size_min = 4;
  request.size_max = 4;
  request.age_min = std::chrono::hours(1);
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(names(), "d/\nlarge = kept\nmiddle = 1234\nsmall = kept\nyoung = kept\n");
}

TEST_F(Options, NoPermissionsKeepsExistingModes) {
  build("d/ mode=700\nd/new mode=666 = n\nold mode=666 = changed\nsame t=5.000000000 mode=777\n",
        "old mode=600 = o\nsame t=5.000000000 mode=640\n");
  Request request = this->request(Verb::kCopy);
  request.keep_permissions = false;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target({}), "d/ mode=700\nd/new mode=644 = n\nold mode=600 = changed\nsame mode=640\n");
  expect_settled(request);
}

TEST_F(Options, NoPermissionsForATargetThatIsMade) {
  memory.build("/src", "a\n");
  Request request = this->request(Verb::kCopy);
  request.target = "/new";
  request.keep_permissions = false;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ((*memory.open_root("/new"))->stat()->mode, 0755U);
}

TEST_F(Options, NoTimesLeavesThemToTheSystem) {
  build("a t=5.000000000 = x\nd/ t=6.000000000\n", "gone/x\n");
  Request request = this->request(Verb::kMirror);
  request.keep_times = false;
  request.prune_empty_directories = false;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(target(), Not(HasSubstr("t=5.0")));
  EXPECT_THAT(target(), Not(HasSubstr("t=6.0")));
}

TEST_F(Options, DirectoryTimesCanBeLeftAlone) {
  build("a t=5.000000000 = x\nd/ t=6.000000000\nd/b t=7.000000000 = x\n", "d/\ngone/x\n");
  Request request = this->request(Verb::kMirror);
  request.keep_directory_times = false;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(target(), HasSubstr("t=5.0"));
  EXPECT_THAT(target(), HasSubstr("t=7.0"));
  EXPECT_THAT(target(), Not(HasSubstr("t=6.0")));
  expect_settled(request);
}

TEST_F(Options, OwnersAreKeptByThePrivileged) {
  build("a uid=7 gid=8 mode=4755 = x\nd/ uid=7 gid=9\nl uid=5 gid=6 -> a\n", "");
  (void)run(Verb::kCopy);
  const fs::TreeTextOptions owners{.owners = true};
  EXPECT_EQ(target(owners), source(owners));
  expect_settled(request(Verb::kCopy));
  Request request = this->request(Verb::kCopy);
  request.keep_owner = request.keep_group = false;
  request.target = "/plain";
  (void)run(request);
  EXPECT_THAT(memory.dump("/plain", owners), Not(HasSubstr("uid=7")));
}

TEST_F(Options, ACoarseTargetSettlesWithAWindow) {
  build("a t=100.500000000 = x\nd/ t=101.700000000\nd/b t=3.000000001 = y\n", "");
  memory.mount("/dst", {.time_granularity_ns = 2'000'000'000});
  Request request = this->request(Verb::kMirror);
  request.modify_window_ns = 2'000'000'000;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  expect_settled(request);
}

TEST_F(Options, ATargetWithCoarseTimesIsUpToDateAfterOneRun) {
  build("f t=101.500000000 = content\n", "");
  memory.mount("/dst", {.time_granularity_ns = 2'000'000'000});
  run(Verb::kCopy);
  EXPECT_EQ(run(Verb::kCopy).counters.unchanged.files, 1U);
}

// FAT begins with 1980.
TEST_F(Options, ATargetThatCannotHoldATimeIsUpToDateAfterOneRun) {
  build("f t=5.000000000 = content\nd/ t=6.000000000\n", "");
  memory.mount("/dst", {.has_fat_times = true});
  EXPECT_EQ(to_string(run(Verb::kCopy).outcome), "ok");
  EXPECT_EQ(run(Verb::kCopy).counters.unchanged.files, 1U);
}

// A volume that is full would end the run.
TEST_F(Options, AFileThatTheTargetCannotHoldIsAProblemOfItsOwn) {
  build("a = long\nb = shrt\nbig = longer\n", "");
  memory.mount("/dst", {.file_bytes_max = 4});
  for (const bool in_place : {false, true}) {
    Request request = this->request(Verb::kCopy);
    request.in_place = in_place;
    const Report report = run(request);
    EXPECT_EQ(to_string(report.outcome), "partial");
    EXPECT_THAT(target(), HasSubstr("b "));
    EXPECT_THAT(target(), Not(HasSubstr("big")));
  }
}

TEST_F(Options, ExtendedAttributesFollowTheSource) {
  build("a x:user.k=v = x\nd/ x:user.d=1\nsame t=5.000000000 x:user.new=1 = s\n",
        "same t=5.000000000 x:user.old=1 = s\n");
  const fs::TreeTextOptions xattrs{.xattrs = true};
  (void)run(Verb::kCopy);
  EXPECT_THAT(target(xattrs), HasSubstr("x:user.old=1"));
  Request request = this->request(Verb::kCopy);
  request.keep_xattrs = true;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(target(xattrs), HasSubstr("x:user.new=1"));
  EXPECT_THAT(target(xattrs), Not(HasSubstr("x:user.old=1")));
  EXPECT_THAT(target(xattrs), HasSubstr("x:user.d=1"));
  expect_settled(request);
}

TEST_F(Options, InPlaceWritesIntoTheFileThatIsThere) {
  build("a = new and longer\nshort = s\nempty\nkind = file\n",
        "a = old\nshort = old and longer\nempty = not yet\nkind -> elsewhere\n");
  const auto before = (*memory.open_root("/dst"))->stat_entry("a")->metadata.identity;
  Request request = this->request(Verb::kCopy);
  request.in_place = true;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(target(), source());
  EXPECT_EQ((*memory.open_root("/dst"))->stat_entry("a")->metadata.identity, before);
}

// Where a read-only file cannot be written to, and replacing it takes the source's attribute.
TEST_F(Options, InPlaceOpensWhatIsReadOnlyWhereThereAreNoModes) {
  fs::Privileges windows = fs::ordinary_user(0);
  windows.keeps_modes = false;
  memory.set_privileges(windows);
  build("a = new and longer\nb mode=444 = new and longer\n",
        "a mode=444 = old\nb mode=444 = old\n");
  Request request = this->request(Verb::kCopy);
  request.in_place = true;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target(), source());
}

TEST_F(Options, InPlaceLeavesReadOnlyWhatCannotBeWritten) {
  fs::Privileges windows = fs::ordinary_user(0);
  windows.keeps_modes = false;
  memory.set_privileges(windows);
  build("a = new and longer\n", "a mode=444 = old\n");
  faulty.add({.operation = fs::Operation::kWrite, .path = "/dst/a", .error = fs::fault(EIO)});
  Request request = this->request(Verb::kCopy);
  request.in_place = true;
  EXPECT_EQ(to_string(run(request).outcome), "partial");
  EXPECT_THAT(target(), HasSubstr("a mode=444"));
}

TEST_F(Options, InPlaceWhereAnEmptyDirectoryStands) {
  build("a = file\n", "a/\n");
  Request request = this->request(Verb::kCopy);
  request.in_place = true;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target(), source());
}

TEST_F(Options, PruningLeavesOutWhatHoldsNothing) {
  build("e/f/g/\nfull/deep/x = 1\nonly/dirs/\n", "e/f/stale/\nonly/dirs/\nother/\n");
  Request request = this->request(Verb::kCopy);
  request.prune_empty_directories = true;
  Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(names(),
            "e/\ne/f/\ne/f/stale/\nfull/\nfull/deep/\nfull/deep/x = 1\nonly/\nonly/dirs/\n"
            "other/\n");
  request.verb = Verb::kMirror;
  report = run(request);
  EXPECT_EQ(names(), "full/\nfull/deep/\nfull/deep/x = 1\n");
}

TEST_F(Options, PruningMayKeepFromCreatingOnly) {
  build("both/\nfull/x = 1\nonly/\n", "both/extra = 2\nfull/\nother/\n");
  Request request = this->request(Verb::kMirror);
  request.prune_empty_directories = true;
  request.delete_pruned = false;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(names(), "both/\nfull/\nfull/x = 1\n");
}

TEST_F(Options, WhatIsOfAnotherKindMayStay) {
  constexpr std::string_view kThere =
      "d = file\nempty/\nf/\nf/in = precious\nl = file\nr -> elsewhere\n";
  build("d/in = 1\nempty = 1\nf = 1\nl -> x\nr = 1\n", kThere);
  const std::string before = source();
  for (const Verb verb : {Verb::kCopy, Verb::kMirror, Verb::kMove}) {
    Request request = this->request(verb);
    request.leave_mismatched = true;
    observer.wants = Observer::Wants::kChanges;
    const Report report = run(request);
    EXPECT_EQ(to_string(report.outcome), "ok");
    EXPECT_EQ(names(), kThere);
    EXPECT_EQ(source(), before);
    EXPECT_EQ(report.counters.skipped.total(), 5U);
    EXPECT_TRUE(adds_up(report.counters));
    EXPECT_EQ(std::ranges::count_if(observer.events, [](const Event& e) { return e.changes.kind; }),
              5)
        << "told, whatever is wanted";
  }
}

TEST_F(Options, PruningDoesNotDeleteWhatIsProtected) {
  build("d/large = 123456789\nm/\nl/s -> x\nv/gone = 1\nkeep = 1\n",
        "d/large = precious\nm/in = precious\nl/s = precious\nv/gone = precious\n");
  memory.mount("/src/m", {});
  memory.build("/src/m", "in = mounted\n");
  Request request = this->request(Verb::kMirror);
  request.prune_empty_directories = true;
  request.one_file_system = true;
  request.size_max = 4;
  request.links = LinkPolicy::kSkip;
  faulty.add({.operation = Operation::kListEntry, .path = "/src/v/gone", .vanish = true});
  (void)run(request);
  for (const char* kept :
       {"d/large = precious", "m/in = precious", "l/s = precious", "v/gone = precious"}) {
    EXPECT_THAT(names(), HasSubstr(kept));
  }
}

TEST_F(Options, PruningOnManyThreads) {
  std::string spec;
  for (int i = 0; i < 200; ++i) {
    const std::string at = "p" + std::to_string(i % 10) + "/q/r" + std::to_string(i);
    spec += at + "/empty/\n" + at + "/s/f = " + std::to_string(i) + "\n";
  }
  for (int round = 0; round < 5; ++round) {
    fs::MemoryFileSystem fresh;
    fresh.build("/src", spec);
    fresh.build("/dst", "");
    Request request = this->request(Verb::kCopy);
    request.prune_empty_directories = true;
    request.threads = 8;
    Recorder silent;
    const auto report = sync_on(fresh, request, silent, cancellation);
    ASSERT_TRUE(report);
    EXPECT_EQ(to_string(report->outcome), "ok");
    EXPECT_EQ(report->counters.created.files, 200U);
    EXPECT_THAT(fresh.dump("/dst"), Not(HasSubstr("empty")));
  }
}

TEST_F(Options, FilesFromSelects) {
  build("a = 1\nb = 2\nd/x = 3\nd/y = 4\nd/z/w = 5\nwhole/p = 6\nwhole/q/r = 7\n",
        "a = extra?\nunlisted = kept\nd/unlisted = kept\n");
  Request request = this->request(Verb::kMirror);
  request.files_from = list("a\nd/x\nwhole/\nabsent\n");
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial") << "a name that was asked for is missing";
  EXPECT_EQ(names(),
            "a = 1\nd/\nd/unlisted = kept\nd/x = 3\nunlisted = kept\nwhole/\nwhole/p = "
            "6\nwhole/q/\nwhole/q/r = 7\n");
  EXPECT_THAT(problem_paths(), ElementsAre("absent"));
}

TEST_F(Options, FilesFromTellsWhatLiesBeneathALink) {
  build("d/x = 1\nlink -> d\nother -> d\n", "");
  Request request = this->request(Verb::kMove);
  request.files_from = list("link/x\nother\n");
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(names(), "other -> d\n");
  EXPECT_THAT(problem_paths(), ElementsAre("link"));
  EXPECT_EQ(source(kNamesAndContents), "d/\nd/x = 1\nlink -> d\n") << "it was not named";
}

TEST_F(Options, OneFileSystemStopsAtAMountPoint) {
  build("m/\nn = 1\nd/deep/\n", "m/kept = because not looked at\nextra = x\n");
  memory.mount("/src/m", {});
  memory.build("/src/m", "inside = other volume\n");
  memory.mount("/src/d/deep", {});
  memory.build("/src/d/deep", "inside = other volume\n");
  Request request = this->request(Verb::kMirror);
  request.one_file_system = true;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(names(), "d/\nd/deep/\nm/\nm/kept = because not looked at\nn = 1\n");
  EXPECT_TRUE(adds_up(report.counters));
  request.one_file_system = false;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(names(), HasSubstr("d/deep/inside = other volume"));
}

TEST_F(Options, LinkPolicies) {
  memory.build("/outside", "o = out\n");
  build("d/f = in\nsafe -> d/f\nunsafe -> /outside/o\nto_dir -> d\ndangling -> nowhere\n", "");
  const auto copied = [&](LinkPolicy policy) {
    Request request = this->request(Verb::kCopy);
    request.links = policy;
    request.target = "/to" + std::to_string(static_cast<int>(policy));
    const Report report = run(request);
    EXPECT_TRUE(adds_up(report.counters)) << request.target;
    return memory.dump(request.target, kNamesAndContents);
  };
  EXPECT_EQ(copied(LinkPolicy::kKeep), source(kNamesAndContents));
  EXPECT_EQ(copied(LinkPolicy::kSkip), "d/\nd/f = in\n");
  EXPECT_EQ(copied(LinkPolicy::kKeepSafe),
            "d/\nd/f = in\ndangling -> nowhere\nsafe -> d/f\nto_dir -> d\n");
  EXPECT_EQ(copied(LinkPolicy::kFollowUnsafe),
            "d/\nd/f = in\ndangling -> nowhere\nsafe -> d/f\nto_dir -> d\nunsafe = out\n");
  EXPECT_EQ(copied(LinkPolicy::kFollow),
            "d/\nd/f = in\nsafe = in\nto_dir/\nto_dir/f = in\nunsafe = out\n");
}

TEST_F(Options, RulesAboutDirectoriesHoldForFollowedLinksToThem) {
  build("d/f = in\nlink -> d/f\nto_dir -> d\n", "");
  Request request = this->request(Verb::kCopy);
  request.links = LinkPolicy::kFollow;
  request.filters = {{.text = "- to_dir/"}, {.text = "- link/"}};
  EXPECT_TRUE(adds_up(run(request).counters));
  EXPECT_EQ(target(kNamesAndContents), "d/\nd/f = in\nlink = in\n");
}

TEST_F(Options, AFollowedLinkThatLeadsBackIsNotGoneInto) {
  build("d/f = in\nd/back -> ..\nhere -> .\n", "");
  Request request = this->request(Verb::kCopy);
  request.links = LinkPolicy::kFollow;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  ASSERT_EQ(observer.problems.size(), 2U);
  for (const auto& problem : observer.problems) {
    EXPECT_THAT(problem.error.message(), HasSubstr("the same directory as the root above it"));
  }
  EXPECT_EQ(target(kNamesAndContents), "d/\nd/f = in\n");
}

TEST_F(Options, PartialFilesAreResumed) {
  const std::string content(3'000'000, 'r');
  build("big = " + content + "\n", "");
  Request request = this->request(Verb::kCopy);
  request.keep_partial = true;
  request.fast_paths = {.clone = false, .copy_range = false};
  faulty.add({.operation = Operation::kRead, .path = "/src/big", .nth = 6, .before = [this] {
                cancellation.request();
              }});
  EXPECT_EQ(to_string(run(request).outcome), "cancelled");
  EXPECT_TRUE(has_staging(target()));
  EXPECT_THAT(target(), Not(HasSubstr("\nbig")));
  faulty.clear();
  Recorder seen;
  const Cancellation never;
  const auto report = sync_on(faulty, request, seen, never);
  ASSERT_TRUE(report);
  EXPECT_EQ(to_string(report->outcome), "ok");
  EXPECT_EQ(report->counters.resumed_files, 1U);
  EXPECT_LT(report->counters.written_bytes, content.size());
  EXPECT_EQ(target(), source());
}

TEST_F(Options, LeftoversOfDeadRunsAreRemovedAndThoseOfLiveOnesKept) {
  build("a = 1\nd/b = 2\n",
        ".robosync-0123456789abcdef = dead\n.robosync-00000000000000aa/x = dead\n"
        ".robosync-00000000000000bb = alive\n.robosync-notours = a user's\nd/\n"
        "d/.robosync-00000000000000cc -> dead\n");
  const auto held = *(*memory.open_root("/dst"))->open_file(".robosync-00000000000000bb");
  ASSERT_TRUE(*held->try_lock());
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(report.counters.leftovers_removed, 3U);
  EXPECT_EQ(names(),
            ".robosync-00000000000000bb = alive\n.robosync-notours = a user's\na = 1\nd/\nd/b = "
            "2\n");
}

TEST_F(Options, LeftoversInTheSourceAreNotCopied) {
  build("a = 1\n.robosync-0123456789abcdef = half\n", "");
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(names(), "a = 1\n");
  EXPECT_EQ(report.counters.skipped.files, 1U);
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Options, ChmodChangesWhatIsMade) {
  build("a mode=600\nd/ mode=700\n", "");
  Request request = this->request(Verb::kCopy);
  request.chmod = *tree::ModeChange::parse("D755,F644");
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target({}), "a mode=644\nd/ mode=755\n");
  expect_settled(request);
}

TEST_F(Options, ReflinkAlwaysFailsWhereItCannot) {
  build("a = x\n", "");
  Request request = this->request(Verb::kCopy);
  request.reflink = Reflink::kAlways;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(run(request).counters.plain_copied_files, 0U);
  memory.build("/other", "");
  memory.mount("/other", {.can_clone = false});
  request.target = "/other";
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(report.problems.at(0).error.kind, ErrorKind::kUnsupported);
  EXPECT_EQ(memory.dump("/other"), "");
}

}  // namespace
}  // namespace robosync
