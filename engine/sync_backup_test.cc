// Backups: what is replaced or deleted is still there under another name, and survives mirrors.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using base::ErrorKind;
using fs::Operation;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class BackupRun : public SyncTest {
 protected:
  BackupRun() {
    memory.build("/src", "a = new\nd/b = new\nk = file\nl -> new\nwas_file/x = 1\n");
    memory.build(
        "/dst",
        "a = old\nd/b = old\nd/gone = old\nk -> old\nl -> old\nwas_file = old\nx = extra\n");
  }
  static Request with_backup(Verb verb) {
    Request request = SyncTest::request(verb);
    request.backup = true;
    return request;
  }
  [[nodiscard]] std::string names() const { return target(kNamesAndContents); }
};

TEST_F(BackupRun, BesideTheOriginal) {
  const Report report = run(with_backup(Verb::kCopy));
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(names(),
            "a = new\na~ = old\nd/\nd/b = new\nd/b~ = old\nd/gone = old\nk = file\nk~ -> old\n"
            "l -> new\nl~ -> old\nwas_file/\nwas_file/x = 1\nwas_file~ = old\nx = extra\n");
  EXPECT_GE(report.counters.backups, 2U);
}

TEST_F(BackupRun, WithASuffix) {
  Request request = with_backup(Verb::kCopy);
  request.backup_suffix = ".bak";
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(names(), HasSubstr("a.bak = old\n"));
}

TEST_F(BackupRun, AMirrorKeepsWhatItDeletesAndTheBackups) {
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(to_string(run(with_backup(Verb::kMirror)).outcome), "ok");
    EXPECT_EQ(names(),
              "a = new\na~ = old\nd/\nd/b = new\nd/b~ = old\nd/gone~ = old\nk = file\nk~ -> old\n"
              "l -> new\nl~ -> old\nwas_file/\nwas_file/x = 1\nwas_file~ = old\nx~ = extra\n");
  }
}

TEST_F(BackupRun, InADirectoryOfTheTarget) {
  Request request = with_backup(Verb::kMirror);
  request.backup_dir = ".saved/today";
  request.backup_suffix = "";
  for (int round = 0; round < 3; ++round) {
    EXPECT_EQ(to_string(run(request).outcome), "ok");
    EXPECT_EQ(memory.dump("/dst/.saved/today", kNamesAndContents),
              "a = old\nd/\nd/b = old\nd/gone = old\nk -> old\nl -> old\nwas_file = old\nx = "
              "extra\n");
    EXPECT_THAT(names(), HasSubstr("\nwas_file/x = 1\n"));
    EXPECT_THAT(names(), Not(HasSubstr("\nx = extra")));
  }
}

TEST_F(BackupRun, WhereCaseIsIgnoredAnySpellingIsTheDirectory) {
  memory.build("/folding", "");
  memory.mount("/folding", {.name_case = fs::NameCase::kInsensitive, .tells_case = true});
  memory.build("/folding", "extra = extra\nSaved/before = before\n");
  Request request = with_backup(Verb::kMirror);
  request.target = "/folding";
  request.backup_dir = "SAVED";
  request.backup_suffix = ".B";
  const auto there = [&] { return memory.dump("/folding", kNamesAndContents); };
  for (int round = 0; round < 2; ++round) EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(there(), HasSubstr("Saved/before = before\nSaved/extra.B = extra\n"));
  request.backup_dir = "saved";
  memory.build("/folding", "one.b = one\n");
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(there(), HasSubstr("Saved/one.b.B = one\n"));
  request.backup_dir.clear();
  memory.build("/folding", "two.b = two\n");
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(there(), HasSubstr("two.b = two\n")) << "a backup by its suffix";
}

TEST_F(BackupRun, NotUnderANameThatIsSweptAway) {
  Request request = with_backup(Verb::kMirror);
  for (const char* name : {".robosync-0123456789abcdef", "old/.robosync-0123456789abcdef/x"}) {
    request.backup_dir = name;
    EXPECT_EQ(refused(request).kind, ErrorKind::kUsage) << name;
  }
  EXPECT_THAT(names(), HasSubstr("x = extra\n"));
}

TEST_F(BackupRun, InADirectoryElsewhere) {
  memory.build("/saved", "");
  Request request = with_backup(Verb::kMirror);
  request.backup_dir = "/saved";
  request.backup_suffix = ".1";
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(target(), source());
  EXPECT_THAT(memory.dump("/saved", kNamesAndContents), HasSubstr("d/gone.1 = old\n"));
}

TEST_F(BackupRun, OnWindowsPathsAreThoseOfWindows) {
  fs::Privileges windows = fs::privileged_user();
  windows.windows_names = true;
  memory.set_privileges(windows);
  memory.build("/D:", "");
  memory.build("/server/share", "");
  Request request = with_backup(Verb::kMirror);
  request.backup_suffix = ".1";
  for (const auto& [given, place] :
       {std::pair{"D:\\old", "/D:/old"}, std::pair{"\\\\server\\share\\x", "/server/share/x"},
        std::pair{"sub\\dir", "/dst/sub/dir"}}) {
    request.backup_dir = given;
    memory.build("/dst", "extra = extra\n");
    EXPECT_EQ(to_string(run(request).outcome), "ok") << given;
    EXPECT_THAT(memory.dump(place, kNamesAndContents), HasSubstr("extra.1 = extra\n")) << given;
  }
}

// A backslash is a character of a name there.
TEST_F(BackupRun, ElsewhereTheyAreNot) {
  Request request = with_backup(Verb::kMirror);
  request.backup_dir = "D:\\old";
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(names(), HasSubstr("D:\\\\old/"));
}

TEST_F(BackupRun, OnAnotherFileSystemIsRefusedBeforeAnythingIsTouched) {
  memory.build("/saved", "");
  memory.mount("/saved", {});
  memory.build("/dst", "mounted/\n");
  memory.mount("/dst/mounted", {});
  Request request = with_backup(Verb::kMirror);
  for (const bool dry_run : {false, true}) {
    for (const char* place :
         {"/saved", "/saved/new", "/dst/mounted", "mounted", "mounted/not/yet"}) {
      request.backup_dir = place;
      request.dry_run = dry_run;
      memory.log().clear();
      const base::Error error = refused(request);
      EXPECT_EQ(error.kind, ErrorKind::kUsage) << place;
      EXPECT_THAT(error.context, HasSubstr("another file system")) << place;
      EXPECT_THAT(memory.log().changes(), IsEmpty()) << place;
    }
  }
}

TEST_F(BackupRun, AnOlderBackupIsReplacedInOneStep) {
  memory.build("/dst", "a~ = oldest\n");
  faulty.add({.operation = Operation::kRename, .path = "/dst/a~", .error = fs::fault(EIO)});
  EXPECT_EQ(to_string(run(with_backup(Verb::kCopy)).outcome), "partial");
  EXPECT_THAT(names(), HasSubstr("a = old\na~ = oldest\n"));
  faulty.clear();
  EXPECT_EQ(to_string(run(with_backup(Verb::kCopy)).outcome), "ok");
  EXPECT_THAT(names(), HasSubstr("a = new\na~ = old\n"));
}

TEST_F(BackupRun, AFailingFileKeepsItsOriginal) {
  faulty.add({.operation = Operation::kRead, .path = "/src/a", .error = fs::fault(EIO)});
  EXPECT_EQ(to_string(run(with_backup(Verb::kCopy)).outcome), "partial");
  EXPECT_THAT(names(), HasSubstr("a = old\n"));
  EXPECT_THAT(names(), Not(HasSubstr("a~")));
}

class BackupPlace : public BackupRun, public testing::WithParamInterface<const char*> {};

// The events of a dry run, which must leave the disk as it is, and of the run itself.
TEST_P(BackupPlace, ADryRunPredictsTheRun) {
  memory.build("/dst", "saved/inner/f = oldest\n");
  memory.build("/elsewhere", "");
  Request request = with_backup(Verb::kMirror);
  request.backup_dir = GetParam();
  request.dry_run = true;
  memory.log().clear();
  const Report predicted = run(request);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  const auto lines = observer.sorted();
  request.dry_run = false;
  const Report real = run(request);
  EXPECT_EQ(to_string(real.outcome), to_string(predicted.outcome));
  EXPECT_EQ(observer.sorted(), lines);
}

INSTANTIATE_TEST_SUITE_P(Directories, BackupPlace,
                         testing::Values("/dst/saved", "/dst/saved/inner", "/dst/fresh", "saved",
                                         "fresh", "/elsewhere"));

TEST_F(BackupRun, ADryRunPredictsADirectoryInATargetThatIsNotThereYet) {
  Request request = with_backup(Verb::kMirror);
  request.target = "/new";
  request.backup_dir = "/new/saved";
  request.dry_run = true;
  memory.log().clear();
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  const auto lines = observer.sorted();
  request.dry_run = false;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(observer.sorted(), lines);
}

TEST_F(BackupRun, CannotGoTogether) {
  Request request = with_backup(Verb::kCopy);
  request.in_place = true;
  EXPECT_EQ(refused(request).kind, ErrorKind::kUsage);
  request = with_backup(Verb::kCopy);
  request.backup_suffix = "/x";
  EXPECT_EQ(refused(request).kind, ErrorKind::kUsage);
  request = with_backup(Verb::kCopy);
  request.backup_dir = "../outside";
  EXPECT_EQ(refused(request).kind, ErrorKind::kUsage);
}

}  // namespace
}  // namespace robosync
