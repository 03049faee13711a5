// Requirement 15: which name a source gets in the target, decided exactly as rsync decides it,
// whichever side is at the far end of a connection.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "cli/e2e/twins_linux_testing.h"

namespace robosync::e2e {
namespace {

struct NamingCase {
  const char* name;
  Arguments operands;  // sources and target, relative to a directory that lay_out() made
  // rsync does nothing and calls it a success; robosync says that it is the same file.
  bool refused_by_us = false;
};

void PrintTo(const NamingCase& naming, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << ::testing::PrintToString(naming.operands);
}

void lay_out(TreeBuilder& tree) {
  tree.file("dir/a", "a in dir").file("dir/sub/b", "b").symlink("dir/link", "a");
  tree.directory("empty").directory("dir/hollow");
  tree.file("other/a", "a in other").file("other/c", "c").file("other/sub/d", "d");
  tree.file("file", "content").file("second", "second").file("-dash", "dash");
  tree.symlink("to-dir", "dir").symlink("to-file", "file").symlink("to-nothing", "missing");
  tree.directory("target").file("target/kept", "kept").file("target/a", "older a");
  tree.file("target-file", "target file");
  tree.symlink("target-link", "target").symlink("target-dangling", "nowhere");
  tree.symlink("target-file-link", "target-file");
  tree.directory("clash").directory("clash/dir").file("clash/dir/kept", "kept");
  tree.directory("clash/file").directory("full-clash").file("full-clash/file/inside", "inside");
  tree.file("block/dir", "a file where the directory goes");
}

class DestinationNames : public Twins, public ::testing::WithParamInterface<NamingCase> {
 protected:
  void compare(const std::string& verb, const Arguments& rsync_options,
               Route route = Route::kLocal) {
    prepare(lay_out);
    Arguments rsync = {"-a"};
    rsync.insert(rsync.end(), rsync_options.begin(), rsync_options.end());
    Arguments robosync = {verb};
    if (verb == "mirror") robosync.emplace_back("--allow-empty-source");
    for (const std::string& operand : GetParam().operands) {
      rsync.push_back(operand);
      robosync.push_back(operand);
    }
    std::size_t count = GetParam().operands.size();
    if (GetParam().operands.front() == "--") --count;
    const Runs runs = run_both(rsync, over(route, robosync, count));
    // Over a connection nobody can tell that both sides are the same file.
    const bool refused = GetParam().refused_by_us && route == Route::kLocal;
    EXPECT_EQ(runs.rsync.exit_code == 0 && !refused, runs.robosync.exit_code == 0)
        << "rsync: " << runs.rsync.describe() << "\nrobosync: " << runs.robosync.describe();
    expect_equal();
  }
};

TEST_P(DestinationNames, Row15_CopyNamesAsRsyncDoes) { compare("copy", {}); }
TEST_P(DestinationNames, Row15_PushNamesAsRsyncDoes) { compare("copy", {}, Route::kPush); }
TEST_P(DestinationNames, Row15_PullNamesAsRsyncDoes) { compare("copy", {}, Route::kPull); }

class MirrorNames : public DestinationNames {};

TEST_P(MirrorNames, Row15_MirrorNamesAsRsyncDoes) { compare("mirror", {"--delete-after"}); }

std::string case_name(const ::testing::TestParamInfo<NamingCase>& info) { return info.param.name; }

const std::vector<NamingCase>& one_source_cases() {
  static const std::vector<NamingCase> cases = {
      {"DirectoryToMissing", {"dir", "new"}},
      {"DirectoryToMissingSlash", {"dir", "new/"}},
      {"DirectorySlashToMissing", {"dir/", "new"}},
      {"DirectorySlashToMissingSlash", {"dir/", "new/"}},
      {"DirectoryToExisting", {"dir", "target"}},
      {"DirectoryToExistingSlash", {"dir", "target/"}},
      {"DirectorySlashToExisting", {"dir/", "target"}},
      {"DirectorySlashToExistingSlash", {"dir/", "target/"}},
      {"DirectoryDoubleSlash", {"dir//", "target"}},
      {"DirectorySlashDot", {"dir/.", "target"}},
      {"DirectorySlashDotSlash", {"dir/./", "new"}},
      {"DirectoryInsideSlashDot", {"./dir", "new"}},
      {"DirectoryDotInTheMiddle", {"./dir/./sub", "new"}},
      {"DirectoryThroughParent", {"dir/../dir", "new"}},
      {"DirectoryEndingInParent", {"dir/sub/..", "new"}},
      {"DirectoryNested", {"dir/sub", "target"}},
      {"EmptyToMissing", {"empty", "new"}},
      {"EmptySlashToMissing", {"empty/", "new"}},
      {"EmptyToMissingSlash", {"empty", "new/"}},
      {"EmptyToExisting", {"empty", "target"}},
      {"DirectoryIntoClash", {"dir", "clash"}},
      {"DirectoryOverFileInside", {"dir", "block"}},
      {"DirectoryToFile", {"dir", "target-file"}},
      {"DirectorySlashToFile", {"dir/", "target-file"}},
      {"EmptyToFile", {"empty", "target-file"}},
      {"DirectoryToMissingParent", {"dir", "no/such/parent"}},
      {"DirectoryToLinkedDirectory", {"dir", "target-link"}},
      {"DirectorySlashToLinkedDirectory", {"dir/", "target-link"}},
      {"DirectorySlashToLinkedDirectorySlash", {"dir/", "target-link/"}},
      {"DirectorySlashToDanglingLink", {"dir/", "target-dangling"}},
      {"LinkToDirectoryToMissing", {"to-dir", "new"}},
      {"LinkToDirectorySlashToMissing", {"to-dir/", "new"}},
      {"LinkToDirectoryToExisting", {"to-dir", "target"}},
      {"LinkToDirectorySlashToExisting", {"to-dir/", "target"}},
      {"DirectoryToDotTarget", {"dir/sub", "."}},
      {"DirectorySlashToDotTarget", {"dir/sub/", "."}},
      {"MissingSource", {"missing", "new"}},
      {"MissingSourceSlash", {"missing/", "target"}},
  };
  return cases;
}

const std::vector<NamingCase>& further_cases() {
  static const std::vector<NamingCase> cases = {
      {"FileToMissing", {"file", "new"}},
      {"FileToMissingSlash", {"file", "new/"}},
      {"FileToExisting", {"file", "target"}},
      {"FileToExistingSlash", {"file", "target/"}},
      {"FileToFile", {"file", "target-file"}},
      {"FileToFileSlash", {"file", "target-file/"}},
      {"FileToMissingParent", {"file", "no/such/parent"}},
      {"FileToLinkedDirectory", {"file", "target-link"}},
      {"FileToLinkedFile", {"file", "target-file-link"}},
      {"FileToDanglingLink", {"file", "target-dangling"}},
      {"FileOntoEmptyDirectoryInside", {"file", "clash"}},
      {"FileOntoFullDirectoryInside", {"file", "full-clash"}},
      {"FileSlash", {"file/", "new"}},
      {"FileToItself", {"file", "file"}, true},
      {"FileToItselfInDirectory", {"dir/a", "dir"}, true},
      {"FileToDot", {"dir/a", "."}},
      {"FileToParent", {"dir/a", "dir/.."}},
      {"FileWithDash", {"--", "-dash", "new"}},
      {"FileFromNestedToMissing", {"dir/sub/b", "new"}},
      {"LinkToFileToMissing", {"to-file", "new"}},
      {"LinkToFileToExisting", {"to-file", "target"}},
      {"DanglingLinkToMissing", {"to-nothing", "new"}},
      {"TwoFilesToMissing", {"file", "second", "new"}},
      {"TwoFilesToExisting", {"file", "second", "target"}},
      {"TwoFilesToFile", {"file", "second", "target-file"}},
      {"SameFileTwice", {"file", "file", "new"}},
      {"TwoFilesOfOneName", {"dir/a", "other/a", "target"}},
      {"TwoDirectories", {"dir", "other", "new"}},
      {"TwoDirectoriesMerged", {"dir/", "other/", "new"}},
      {"TwoDirectoriesMergedOverExisting", {"other/", "dir/", "target"}},
      {"DirectoryAndFile", {"dir", "file", "new"}},
      {"DirectorySlashAndFile", {"dir/", "file", "new"}},
      {"EmptySlashAndFile", {"empty/", "file", "new"}},
      {"TwoEmptyMerged", {"empty/", "dir/hollow/", "new"}},
      {"DirectoryAndFileToFile", {"dir", "file", "target-file"}},
      {"MissingAmongSources", {"missing", "file", "target"}},
      {"MissingAfterSources", {"dir/", "missing", "target"}},
  };
  return cases;
}

// Without mirrors into a directory that holds the source: guards_linux_test.cc has those.
std::vector<NamingCase> mirror_cases() {
  std::vector<NamingCase> cases = one_source_cases();
  std::erase_if(cases, [](const NamingCase& naming) { return naming.operands.back() == "."; });
  return cases;
}

INSTANTIATE_TEST_SUITE_P(One, DestinationNames, ::testing::ValuesIn(one_source_cases()), case_name);
INSTANTIATE_TEST_SUITE_P(Further, DestinationNames, ::testing::ValuesIn(further_cases()),
                         case_name);
INSTANTIATE_TEST_SUITE_P(One, MirrorNames, ::testing::ValuesIn(mirror_cases()), case_name);

}  // namespace
}  // namespace robosync::e2e
