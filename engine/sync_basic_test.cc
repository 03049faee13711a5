// What each verb does when nothing goes wrong.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using base::ErrorKind;
using fs::Operation;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

// Every kind of entry, directories in all states, names that sort in odd ways.
constexpr std::string_view kTree =
    "a.txt mode=640 t=1000.000000001 = alpha\n"
    "a mode=755 t=-5.000000007 = before 1970\n"
    "empty\n"
    "big size=300000\n"
    "link t=77.000000000 -> a.txt\n"
    "dangling -> nowhere/at/all\n"
    "pipe mode=600 |\n"
    "sock ~\n"
    "tty mode=620 c=1281\n"
    "d/ mode=500 t=1234.000000005\n"
    "d/e/ mode=700\n"
    "d/e/f = deep\n"
    "d/g = sibling\n"
    "nothing/\n"
    "odd\\x20name\\n = newline\n"
    "d.x = between\n";

class Basic : public SyncTest {
 protected:
  Basic() {
    memory.build("/src", kTree);
    memory.build("/dst", "");
  }
};

TEST_F(Basic, CopyMakesTheTreesEqual) {
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(target(), source());
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_EQ(report.counters.created.total() + 1, report.counters.scanned.total()) << "the root";
  EXPECT_EQ(report.counters.transferred_bytes, report.counters.source_bytes);
  EXPECT_EQ(observer.lines.size(), report.counters.scanned.total());
  EXPECT_THAT(observer.lines, Contains("metadata directory .").Times(1));
  EXPECT_EQ(memory.open_handles(), 0U);
}

// The system takes the bits away when an entry is given to another owner.
TEST_F(Basic, ANewOwnerKeepsTheSetIdBits) {
  memory.build("/src", "set-id mode=6755 uid=7 gid=8 t=9.000000000 = x\n");
  memory.build("/dst", "set-id mode=6755 uid=5 gid=6 t=9.000000000 = x\n");
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(target({.owners = true}), source({.owners = true}));
}

TEST_F(Basic, CopyMakesItsTarget) {
  Request request = this->request(Verb::kCopy);
  request.target = "/new";
  const Report report = run(request);
  EXPECT_EQ(memory.dump("/new", kFullText), source());
  EXPECT_EQ((*memory.open_root("/new"))->stat()->mode, (*memory.open_root("/src"))->stat()->mode);
  EXPECT_EQ((*memory.open_root("/new"))->stat()->mtime, (*memory.open_root("/src"))->stat()->mtime);
  EXPECT_THAT(observer.lines, Contains("created directory ."));
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Basic, ASourceWithoutASlashIsTheEntryItself) {
  Request request = this->request(Verb::kCopy);
  request.sources = {"/src"};
  const Report report = run(request);
  EXPECT_EQ(memory.dump("/dst/src", kFullText), source());
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_THAT(observer.lines, Contains("created directory src"));
}

TEST_F(Basic, ASingleFileIsASource) {
  Request request = this->request(Verb::kCopy);
  request.sources = {"/src/a.txt"};
  request.target = "/dst/renamed";
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target(kNamesAndContents), "renamed = alpha\n");
}

TEST_F(Basic, SeveralSourcesMakeATargetThatOthersCanUse) {
  Request request = this->request(Verb::kCopy);
  request.sources = {"/src/a.txt", "/src/d"};
  request.target = "/new";
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ((*memory.open_root("/new"))->stat()->mode, 0755U);
  EXPECT_EQ(memory.dump("/new", kNamesAndContents),
            "a.txt = alpha\nd/\nd/e/\nd/e/f = deep\nd/g = sibling\n");
}

TEST_F(Basic, OfSeveralSourcesTheFirstWins) {
  memory.build("/other", "a.txt = omega\nd/g = late\nd/new = only here\n");
  Request request = this->request(Verb::kCopy);
  request.sources = {"/src/", "/other/"};
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_THAT(observer.lines, Contains("skipped file a.txt").Times(1))
      << "what stays behind is told";
  const std::string text = target(kNamesAndContents);
  EXPECT_THAT(text, HasSubstr("a.txt = alpha\n"));
  EXPECT_THAT(text, HasSubstr("d/g = sibling\n"));
  EXPECT_THAT(text, HasSubstr("d/new = only here\n"));
}

TEST_F(Basic, NothingToDoOpensNothingForWriting) {
  for (const Verb verb : {Verb::kCopy, Verb::kMirror}) {
    run_cleanly(request(verb));
    memory.log().clear();
    const Report report = run(verb);
    EXPECT_EQ(to_string(report.outcome), "ok");
    EXPECT_THAT(memory.log().changes(), IsEmpty());
    EXPECT_EQ(memory.log().count(Operation::kOpenFile), 0U) << "nothing is read either";
    EXPECT_EQ(report.counters.unchanged.total(), report.counters.scanned.total());
    EXPECT_TRUE(adds_up(report.counters));
  }
}

TEST_F(Basic, NothingToDoAlsoForAnOrdinaryUser) {
  fs::MemoryFileSystem fresh;
  fresh.build("/src", "d/ mode=500\nd/f mode=400 = x\ng = y\n");
  fresh.build("/dst", "");
  const auto give = [&](const std::string& path) {
    const auto root = fresh.open_root("/");
    ASSERT_TRUE((*root)->set_entry_metadata(path, {.uid = 1000, .gid = 1000}));
  };
  give("dst");
  fresh.set_privileges(fs::ordinary_user(1000));
  // Unreadable to this user is nothing: modes of /src are the privileged user's, world-readable.
  fresh.set_privileges(fs::privileged_user());
  const auto d = (*fresh.open_root("/src"))->set_entry_metadata("d", {.uid = 1000, .gid = 1000});
  ASSERT_TRUE(d);
  ASSERT_TRUE((*fresh.open_root("/src/d"))->set_entry_metadata("f", {.uid = 1000, .gid = 1000}));
  fresh.set_privileges(fs::ordinary_user(1000));
  Recorder seen;
  auto first = sync_on(fresh, request(Verb::kMirror), seen, cancellation);
  ASSERT_TRUE(first);
  EXPECT_EQ(to_string(first->outcome), "ok");
  EXPECT_EQ(fresh.dump("/dst", kFullText), fresh.dump("/src", kFullText));
  fresh.log().clear();
  auto second = sync_on(fresh, request(Verb::kMirror), seen, cancellation);
  ASSERT_TRUE(second);
  EXPECT_THAT(fresh.log().changes(), IsEmpty());
}

TEST_F(Basic, ADigestRunReadsButDoesNotWrite) {
  run_cleanly(request(Verb::kCopy));
  Request request = this->request(Verb::kMirror);
  request.comparison = Comparison::kDigest;
  memory.log().clear();
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  EXPECT_GT(memory.log().count(Operation::kOpenFile), 0U);
}

TEST_F(Basic, CopyDeletesNothing) {
  memory.build("/dst", "old = keep\nd/extra = keep\nnothing/x/y = keep\n");
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "ok");
  const std::string text = target(kNamesAndContents);
  EXPECT_THAT(text, HasSubstr("old = keep\n"));
  EXPECT_THAT(text, HasSubstr("d/extra = keep\n"));
  EXPECT_THAT(text, HasSubstr("nothing/x/y = keep\n"));
  EXPECT_EQ(report.counters.deleted.total(), 0U);
}

TEST_F(Basic, MirrorDeletesWhatTheSourceHasNot) {
  memory.build("/dst", "old = x\nd/extra/deep/file = x\nd/e/ mode=555\nd/e/stale -> a\nq |\n");
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(target(), source());
  EXPECT_TRUE(adds_up(report.counters));
  EXPECT_EQ(report.counters.deleted.files, 2U);
  EXPECT_EQ(report.counters.deleted.directories, 2U);
  EXPECT_EQ(report.counters.deleted.symlinks, 1U);
  EXPECT_EQ(report.counters.deleted.others, 1U);
  ASSERT_EQ(observer.asked.size(), 1U);
  EXPECT_EQ(observer.asked[0].entries, 6U);
}

TEST_F(Basic, MirrorReplacesKindsInEveryDirection) {
  memory.build("/dst",
               "a/x/y = a directory where a file is to be\n"
               "link/z = a directory where a link is to be\n"
               "pipe = a file where a fifo is to be\n"
               "nothing -> a\n"
               "d = a file where a directory is to be\n"
               "empty -> /elsewhere\n");
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "ok") << testing::PrintToString(observer.lines);
  EXPECT_EQ(target(), source());
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Basic, CopyReplacesAnythingButAFullDirectory) {
  memory.build("/dst", "a/x = full\nempty/\npipe = file\nnothing -> a\nd = file\n");
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("a"));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("a/x = full\n"));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("\nempty\n"));
  EXPECT_THAT(target(kNamesAndContents), HasSubstr("d/e/f = deep\n"));
  EXPECT_TRUE(adds_up(report.counters));
  remove("/dst/a", "x");
  EXPECT_EQ(to_string(run(Verb::kCopy).outcome), "ok");
  EXPECT_EQ(target(), source());
}

TEST_F(Basic, MoveLeavesOnlyTheRoot) {
  const std::string before = source();
  const Report report = run(Verb::kMove);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(target(), before);
  EXPECT_EQ(source(), "");
  EXPECT_EQ(report.counters.removed_from_source,
            report.counters.scanned.total() - report.counters.scanned.directories);
  EXPECT_TRUE(adds_up(report.counters));
}

TEST_F(Basic, MoveOfANamedDirectoryTakesItAway) {
  Request request = this->request(Verb::kMove);
  request.sources = {"/src"};
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_FALSE(memory.open_root("/src"));
  EXPECT_TRUE(memory.open_root("/dst/src"));
}

TEST_F(Basic, VerifyTellsDifferencesAndChangesNothing) {
  run_cleanly(request(Verb::kCopy));
  EXPECT_EQ(to_string(run(Verb::kVerify).outcome), "ok");
  EXPECT_TRUE(adds_up(run(Verb::kVerify).counters));
  memory.build("/dst", "extra/f = x\n");
  remove("/dst", "empty");
  const auto d = memory.open_root("/dst/d");
  const tree::Time time = (*d)->stat_entry("g")->metadata.mtime;
  write("/dst/d", "g", "SIBLING");
  ASSERT_TRUE((*d)->set_entry_metadata("g", {.mtime = time}));
  ASSERT_TRUE((*memory.open_root("/dst"))->set_entry_metadata("a", {.mode = 0600}));
  memory.log().clear();
  const Report report = run(Verb::kVerify);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  EXPECT_EQ(to_string(report.outcome), "different");
  EXPECT_THAT(observer.lines, Contains("different file a"));
  EXPECT_THAT(observer.lines, Contains("different file d/g"));
  EXPECT_THAT(observer.lines, Contains("only-source file empty"));
  EXPECT_THAT(observer.lines, Contains("only-target file extra/f"));
  EXPECT_THAT(observer.lines, Contains("only-target directory extra"));
  EXPECT_EQ(report.counters.only_source, 1U);
  EXPECT_EQ(report.counters.only_target, 2U);
}

// What nobody asked to leave out and nobody compared is no success.
TEST_F(Basic, VerifySaysWhatItCouldNotCompare) {
  memory.build("/src", "away -> /elsewhere\n");
  run_cleanly(request(Verb::kMirror));
  Request without_links = request(Verb::kVerify);
  without_links.links = LinkPolicy::kKeepSafe;
  Report report = run(without_links);
  EXPECT_EQ(to_string(report.outcome), "ok") << "as asked";
  EXPECT_EQ(report.counters.skipped.symlinks, 1U);
  memory.build("/src", ".robosync-0123456789abcdef = half\n");
  report = run(Verb::kVerify);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre(".robosync-0123456789abcdef"));
  EXPECT_EQ(to_string(run(Verb::kMirror).outcome), "ok") << "never transferred";
}

// Comparing makes no device.
TEST_F(Basic, VerifyComparesDevicesWithoutPrivileges) {
  run_cleanly(request(Verb::kCopy));
  fs::Privileges few = memory.privileges();
  few.owns_everything = false;
  memory.set_privileges(few);
  const Report report = run(Verb::kVerify);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(report.counters.skipped.total(), 0U);
}

TEST_F(Basic, ARequestThatMakesNoSenseChangesNothing) {
  memory.log().clear();
  Request request = this->request(Verb::kMirror);
  request.sources = {"/src/", "/src/d/"};
  EXPECT_EQ(refused(request).kind, ErrorKind::kUsage);
  request = this->request(Verb::kCopy);
  request.sources = {"/absent"};
  EXPECT_EQ(refused(request).kind, ErrorKind::kNotFound);
  request = this->request(Verb::kCopy);
  request.target = "/src";
  EXPECT_EQ(refused(request).kind, ErrorKind::kRefused);
  request = this->request(Verb::kCopy);
  request.target = "/src/d/inside";
  EXPECT_EQ(refused(request).kind, ErrorKind::kRefused);
  request = this->request(Verb::kMirror);
  request.sources = {"/src/d/"};
  request.target = "/src";
  EXPECT_EQ(refused(request).kind, ErrorKind::kRefused);
  request = this->request(Verb::kCopy);
  request.target = "/dst/missing/deeper";
  EXPECT_EQ(refused(request).kind, ErrorKind::kNotFound);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
}

TEST_F(Basic, ATargetInsideTheSourceIsReachedOnlyIfExcluded) {
  memory.build("/src/inner", "");
  Request request = this->request(Verb::kCopy);
  request.target = "/src/inner";
  memory.log().clear();
  EXPECT_EQ(refused(request).kind, ErrorKind::kRefused);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  request.filters = {{tree::FilterArgument::Form::kExclude, "/inner"}};
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(memory.dump("/src/inner", kNamesAndContents), Not(HasSubstr("inner")));
}

TEST_F(Basic, ProgressReachesTheTotal) {
  observer.with_progress = true;
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "ok");
  std::uint64_t last = 0;
  for (const Progress& progress : observer.progresses) {
    EXPECT_GE(progress.bytes_done, last);
    EXPECT_LE(progress.bytes_done, progress.bytes_total);
    EXPECT_LE(progress.entries_done, progress.entries_total);
    last = progress.bytes_done;
  }
}

}  // namespace
}  // namespace robosync
