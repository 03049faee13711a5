// The same generated trees through the installed rsync and through robosync: new targets, targets
// that hold something else, and mirrors after a change must come out equal, whatever the options.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "cli/e2e/generated_tree_linux_testing.h"
#include "cli/e2e/twins_linux_testing.h"

namespace robosync::e2e {
namespace {

struct OptionSet {
  const char* name = "";
  Arguments rsync = {};
  Arguments robosync = {};
  bool links = true;           // false: only links that may be followed
  bool odd_names = false;      // in every run; the full version has them in every tree
  bool directory_time = true;  // false: rsync leaves the times of directories alone
  bool clashes = true;         // false: rsync itself fails where kinds clash
  bool exit_code = true;       // false: rsync complains where there is nothing to complain of
  // false: rsync does not leave alone what is not to be changed. Where deletions are withheld
  // (links that lead nowhere) it still replaces directories; with --ignore-existing it gives an
  // existing file the time of a directory of that name.
  bool mirror = true;
  // false: rsync gives a backup directory the mode its original is about to get, robosync the one
  // it had when the backup was made.
  bool mode = true;
};

void PrintTo(const OptionSet& options, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << ::testing::PrintToString(options.robosync);
}

class Differential : public Twins, public ::testing::WithParamInterface<OptionSet> {
 protected:
  void generate(std::uint64_t seed) {
    source().remove("");
    source() = TreeBuilder(at("src"));
    Shape shape;
    if (!full_run()) {
      shape.odd_names = GetParam().odd_names;
      shape.files = 100;
      shape.wide_entries = 20;
      shape.deep_levels = 15;
    }
    if (!GetParam().links) shape.links = 0;
    generate_tree(source().root(), seed, shape);
    if (GetParam().links) return;
    source().remove("link-long").remove("link-odd");
    TreeBuilder(at("elsewhere")).file("file", "elsewhere").file("dir/inner", "inner");
    source().symlink("to-file", "sparse/holes").symlink("out-file", "../elsewhere/file");
    source().symlink("out-dir", at("elsewhere/dir")).symlink("sparse/up", "../nodes");
  }

  void both(const std::string& verb, const Arguments& rsync_verb) {
    Arguments rsync = {"-a", "--modify-window=-1"};  // nanoseconds count, as they do here
    rsync.insert(rsync.end(), rsync_verb.begin(), rsync_verb.end());
    rsync.insert(rsync.end(), GetParam().rsync.begin(), GetParam().rsync.end());
    Arguments robosync = {verb};
    robosync.insert(robosync.end(), GetParam().robosync.begin(), GetParam().robosync.end());
    for (Arguments* arguments : {&rsync, &robosync}) {
      arguments->push_back(source_slash());
      arguments->emplace_back("dst");
    }
    const Runs runs = run_both(rsync, robosync);
    EXPECT_TRUE(!GetParam().exit_code || runs.rsync.exit_code == runs.robosync.exit_code)
        << verb << "\nrsync: " << runs.rsync.describe()
        << "\nrobosync: " << runs.robosync.describe();
    Aspects aspects = twin_aspects();
    // The directory that both work in belongs to neither.
    aspects.root = false;
    aspects.directory_time = GetParam().directory_time;
    aspects.mode = GetParam().mode;
    expect_equal(aspects);
    ASSERT_FALSE(HasFailure()) << verb << "\nrobosync: " << runs.robosync.describe();
  }
};

TEST_P(Differential, EqualsRsyncOnNewOldAndMirroredTargets) {
  const std::uint64_t first = test_seed();
  for (std::uint64_t seed = first; seed < first + (full_run() ? 25 : 1); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    TreeBuilder(theirs()).remove("");
    const TreeBuilder made_again(theirs());
    generate(seed);
    clone_theirs();
    both("copy", {});
    if (HasFailure()) return;
    if (GetParam().clashes) {  // onto a target with a history of its own
      mutate_tree(theirs() + "/dst", seed + 100);
      set_directory_times(theirs() + "/dst", kNewTime);
      clone_theirs();
      both("copy", {});
      if (HasFailure()) return;
    }
    if (!GetParam().mirror) continue;
    mutate_tree(source().root(), seed + 200);
    if (!GetParam().links) source().remove("to-file");  // it may lead nowhere by now
    clone_theirs();
    both("mirror", {"--delete-after"});
    if (HasFailure()) return;
  }
}

const std::vector<OptionSet>& option_sets() {
  static const std::vector<OptionSet> sets = {
      {.name = "Default", .odd_names = true},
      // rsync ends with an internal error where hard links meet a directory in their way.
      {.name = "HardLinks",
       .rsync = {"-H"},
       .robosync = {"-H"},
       .odd_names = true,
       .clashes = false},
      {.name = "Xattrs", .rsync = {"-X"}, .robosync = {"-X"}},
      {.name = "AclsAndXattrs", .rsync = {"-A", "-X"}, .robosync = {"-A", "-X"}},
      {.name = "HardLinksXattrsSparse",
       .rsync = {"-HXS"},
       .robosync = {"-H", "-X", "-S"},
       .clashes = false},
      {.name = "Checksum", .rsync = {"-c"}, .robosync = {"-c"}},
      {.name = "SizeOnly", .rsync = {"--size-only"}, .robosync = {"--size-only"}},
      {.name = "IgnoreTimes", .rsync = {"-I"}, .robosync = {"-I"}, .odd_names = true},
      {.name = "Update", .rsync = {"-u"}, .robosync = {"-u"}},
      {.name = "Existing", .rsync = {"--existing"}, .robosync = {"--existing"}},
      // rsync tries to look into files that stand where the source has directories.
      {.name = "IgnoreExisting",
       .rsync = {"--ignore-existing"},
       .robosync = {"--ignore-existing"},
       .clashes = false,
       .exit_code = false,
       .mirror = false},
      {.name = "ModifyWindow",
       .rsync = {"--modify-window=3600"},
       .robosync = {"--modify-window=3600"}},
      {.name = "NoPerms", .rsync = {"--no-perms"}, .robosync = {"--no-perms"}},
      {.name = "NoTimes", .rsync = {"--no-times"}, .robosync = {"--no-times"}},
      {.name = "NoOwnerNoGroup",
       .rsync = {"--no-owner", "--no-group"},
       .robosync = {"--no-owner", "--no-group"}},
      {.name = "NumericIds", .rsync = {"--numeric-ids"}, .robosync = {"--numeric-ids"}},
      {.name = "ChmodNumbers", .rsync = {"--chmod=D755,F644"}, .robosync = {"--chmod=D755,F644"}},
      {.name = "ChmodLetters",
       .rsync = {"--chmod=u+w,go-rwx,Dg+s,a+X"},
       .robosync = {"--chmod=u+w,go-rwx,Dg+s,a+X"}},
      {.name = "Sparse", .rsync = {"-S"}, .robosync = {"-S"}},
      {.name = "Inplace", .rsync = {"--inplace"}, .robosync = {"--inplace"}, .odd_names = true},
      {.name = "Preallocate", .rsync = {"--preallocate"}, .robosync = {"--preallocate"}},
      {.name = "Backup", .rsync = {"--backup"}, .robosync = {"--backup"}, .directory_time = false},
      {.name = "BackupSuffix",
       .rsync = {"--backup", "--suffix=.old"},
       .robosync = {"--backup", "--suffix=.old"},
       .directory_time = false},
      {.name = "BackupDir",
       .rsync = {"--backup", "--backup-dir=bak", "--exclude=/bak"},
       .robosync = {"--backup-dir=bak", "--exclude=/bak"},
       .mode = false},
      {.name = "MinSize", .rsync = {"--min-size=4096"}, .robosync = {"--min-size=4096"}},
      {.name = "MaxSize", .rsync = {"--max-size=20000"}, .robosync = {"--max-size=20000"}},
      {.name = "PruneEmptyDirs", .rsync = {"-m"}, .robosync = {"-m"}},
      {.name = "SkipLinks", .rsync = {"--no-links"}, .robosync = {"--skip-links"}},
      {.name = "SafeLinks", .rsync = {"--safe-links"}, .robosync = {"--safe-links"}},
      {.name = "CopyLinks",
       .rsync = {"--copy-links"},
       .robosync = {"--copy-links"},
       .links = false,
       .mirror = false},
      {.name = "CopyUnsafeLinks",
       .rsync = {"--copy-unsafe-links"},
       .robosync = {"--copy-unsafe-links"},
       .links = false},
      {.name = "ExcludeLogs", .rsync = {"--exclude=*.log"}, .robosync = {"--exclude=*.log"}},
      {.name = "OneThread", .rsync = {}, .robosync = {"--threads=1"}},
      {.name = "EightThreads",
       .rsync = {"-H"},
       .robosync = {"--threads=8", "-H"},
       .odd_names = true,
       .clashes = false},
      {.name = "NoFastPath",
       .rsync = {"-H"},
       .robosync = {"--no-fast-path=all", "-H"},
       .clashes = false},
      {.name = "VerifyAfter", .rsync = {}, .robosync = {"--verify-after", "--fsync"}},
  };
  return sets;
}

std::string set_name(const ::testing::TestParamInfo<OptionSet>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Options, Differential, ::testing::ValuesIn(option_sets()), set_name);

}  // namespace
}  // namespace robosync::e2e
