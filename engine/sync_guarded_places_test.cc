// Places where writing or deleting would hit what is not the run's: mount points in the target,
// backup directories that are a source, entries that the target's own rules protect.
#include "engine/sync_testing.h"

namespace robosync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class GuardedPlaces : public SyncTest {
 protected:
  void build(std::string_view source_spec, std::string_view target_spec) {
    memory.build("/src", source_spec);
    memory.build("/dst", target_spec);
  }
  void mount(const std::string& path, std::string_view spec) {
    memory.mount(path, {});
    memory.build(path, spec);
  }
  [[nodiscard]] std::string names() const { return target(kNamesAndContents); }
};

TEST_F(GuardedPlaces, WhatIsMountedInAnExtraDirectoryIsKept) {
  build("a = 1\n", "a = 1\nextra/f = 2\nextra/mounted/\nplain/f = 3\n");
  mount("/dst/extra/mounted", "precious = only copy\n");
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("extra/mounted"));
  EXPECT_THAT(names(), HasSubstr("extra/mounted/precious = only copy"));
  EXPECT_THAT(names(), Not(HasSubstr("plain"))) << "the other deletions go on";
  EXPECT_THAT(names(), Not(HasSubstr("extra/f")));
}

TEST_F(GuardedPlaces, WithOneFileSystemThatIsNoProblem) {
  build("a = 1\nd/f = 1\n", "a = 1\nextra/mounted/\nd/\n");
  mount("/dst/extra/mounted", "precious = only copy\n");
  mount("/dst/d", "f = 0\nprecious = only copy\nsub/g = another\n");
  Request request = this->request(Verb::kMirror);
  request.one_file_system = true;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_THAT(names(), HasSubstr("extra/mounted/precious = only copy"));
  EXPECT_THAT(names(), HasSubstr("d/precious = only copy"));
  EXPECT_THAT(names(), HasSubstr("d/sub/g = another"));
  EXPECT_THAT(names(), HasSubstr("d/f = 1")) << "what the source has is brought";
  EXPECT_EQ(report.counters.deleted.total(), 0U);
}

TEST_F(GuardedPlaces, AnotherFileSystemUnderAnOrdinaryNameIsMirroredAsRsyncDoes) {
  build("d/f = 1\n", "d/\n");
  mount("/dst/d", "f = 1\nextra = 2\n");
  EXPECT_EQ(to_string(run(Verb::kMirror).outcome), "ok");
  EXPECT_THAT(names(), Not(HasSubstr("extra")));
}

TEST_F(GuardedPlaces, ABackupDirectoryInTheSourceIsRefused) {
  build("a = new\nd/b = 1\n", "a = old one\n");
  for (const char* directory : {"/src", "/src/d", "/src/d/new"}) {
    Request request = this->request(Verb::kMirror);
    request.backup = true;
    request.backup_dir = directory;
    EXPECT_EQ(refused(request).kind, base::ErrorKind::kRefused) << directory;
  }
  EXPECT_THAT(source(kNamesAndContents), HasSubstr("a = new"));
  EXPECT_THAT(names(), HasSubstr("a = old one"));
}

TEST_F(GuardedPlaces, ABackupDirectoryThatIsTheTargetIsRefused) {
  build("a = new\n", "a = old one\nextra = 1\n");
  Request request = this->request(Verb::kMirror);
  request.backup = true;
  request.backup_dir = "/dst";
  request.backup_suffix = "";
  for (const bool dry : {true, false}) {
    request.dry_run = dry;
    EXPECT_EQ(refused(request).kind, base::ErrorKind::kRefused) << dry;
    EXPECT_EQ(names(), "a = old one\nextra = 1\n") << dry;
  }
}

TEST_F(GuardedPlaces, AnAbsoluteBackupDirectoryBelowTheTargetSurvivesTheNextMirror) {
  build("a = new\n", "a = old one\nextra = 1\n");
  Request request = this->request(Verb::kMirror);
  request.backup = true;
  request.backup_dir = "/dst/saved";
  request.backup_suffix = "";
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(to_string(run(request).outcome), "ok") << i;
    EXPECT_EQ(names(), "a = new\nsaved/\nsaved/a = old one\nsaved/extra = 1\n") << i;
  }
}

TEST_F(GuardedPlaces, TheTargetsOwnMergeFileProtects) {
  build("a = 1\nd/b = 2\n",
        "a = 1\nd/precious = 1\nd/other = 2\nd/.rules = P precious\n"
        "gone/.rules = P kept\ngone/kept = 3\n");
  Request request = this->request(Verb::kMirror);
  request.filters = {{.text = "dir-merge .rules"}, {.text = "P .rules"}};
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_THAT(names(), HasSubstr("d/precious"));
  EXPECT_THAT(names(), Not(HasSubstr("d/other")));
  EXPECT_THAT(names(), HasSubstr("gone/kept"));
}

TEST_F(GuardedPlaces, AMergeFileOfTheTargetThatMakesNoSenseKeepsItsDirectory) {
  build("a = 1\nd/b = 2\n", "d/precious = 1\nd/.rules = what is this\nextra = 1\n");
  Request request = this->request(Verb::kMirror);
  request.filters = {{.text = "dir-merge .rules"}};
  EXPECT_EQ(to_string(run(request).outcome), "partial");
  EXPECT_THAT(problem_paths(), ElementsAre("d"));
  EXPECT_THAT(names(), HasSubstr("d/precious"));
  EXPECT_THAT(names(), Not(HasSubstr("extra")));
}

TEST_F(GuardedPlaces, ADirectoryThatCannotBeRenamedAsideKeepsItsContents) {
  build("a = file\n", "a/in = precious\n");
  faulty.add({.operation = fs::Operation::kRename,
              .path = "/dst/a",
              .error = base::from_errno(EPERM, "rename")});
  EXPECT_EQ(to_string(run(Verb::kMirror).outcome), "partial");
  EXPECT_EQ(names(), "a/\na/in = precious\n");
}

TEST_F(GuardedPlaces, WhatADiscardedDirectoryHeldIsNotCounted) {
  build("d/a = 1\nd/b = 2\nd/c = 3\n", "");
  faulty.add({.operation = fs::Operation::kWrite,
              .path = "*/c",
              .error = base::from_errno(ENOSPC, "write")});
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "aborted");
  EXPECT_EQ(names(), "");
  EXPECT_EQ(report.counters.created.files, 0U);
}

TEST_F(GuardedPlaces, AReadOnlyTargetEndsARunThatOnlySetsAttributes) {
  build("", "");
  ASSERT_TRUE((*memory.open_root("/src"))->set_metadata({.mode = 0711}));
  memory.set_read_only("/dst", true);
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(to_string(report.outcome), "aborted");
  ASSERT_TRUE(report.fatal);
  EXPECT_EQ(report.fatal->kind, base::ErrorKind::kReadOnly);
}

}  // namespace
}  // namespace robosync
