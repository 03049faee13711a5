// The strings of --itemize are rsync's: the same changes, the same lines.
#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "cli/e2e/twins_linux_testing.h"

namespace robosync::e2e {
namespace {

struct Change {
  const char* name;
  std::function<void(TreeBuilder& source, TreeBuilder& target)> make;
  Arguments rsync = {};
  Arguments robosync = {};
  bool mirror = false;
};

void PrintTo(const Change& change, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << change.name;
}

class Itemize : public Twins, public ::testing::WithParamInterface<Change> {
 protected:
  void SetUp() override {
    Twins::SetUp();
    prepare([](TreeBuilder& tree) {
      TreeBuilder from(tree.at("src"));
      TreeBuilder to(tree.at("dst"));
      for (TreeBuilder* side : {&from, &to}) {
        side->file("file", "content").file("sub/other", "other").symlink("link", "file");
        side->directory("dir").fifo("pipe").file("script", "#!", 0755);
      }
      GetParam().make(from, to);
      set_directory_times(tree.root(), kOldTime);
    });
  }

  Runs run_itemized(const Arguments& more) {
    Arguments rsync = {"-a", "-i", "--modify-window=-1"};
    Arguments robosync = {GetParam().mirror ? "mirror" : "copy", "--itemize"};
    if (GetParam().mirror) rsync.emplace_back("--delete-after");
    rsync.insert(rsync.end(), GetParam().rsync.begin(), GetParam().rsync.end());
    robosync.insert(robosync.end(), GetParam().robosync.begin(), GetParam().robosync.end());
    for (Arguments* arguments : {&rsync, &robosync}) {
      arguments->insert(arguments->end(), more.begin(), more.end());
      arguments->insert(arguments->end(), {"src/", "dst"});
    }
    return run_both(rsync, robosync);
  }
};

TEST_P(Itemize, LinesEqualRsyncs) {
  const Runs dry = run_itemized({"--dry-run"});
  EXPECT_EQ(itemized_lines(dry.rsync.out), itemized_lines(dry.robosync.out)) << "in a dry run";
  const Runs real = run_itemized({});
  EXPECT_EQ(itemized_lines(real.rsync.out), itemized_lines(real.robosync.out));
  Aspects aspects = twin_aspects();
  expect_equal(aspects);
}

const std::vector<Change>& changes() {
  using Tree = TreeBuilder;
  static const std::vector<Change> all = {
      {"Nothing", [](Tree&, Tree&) {}},
      {"NewFile", [](Tree& s, Tree&) { s.file("new", "n").file("sub/new", "n"); }},
      {"NewDirectory", [](Tree& s, Tree&) { s.file("newdir/deeper/f", "f").directory("hollow"); }},
      {"NewLink", [](Tree& s, Tree&) { s.symlink("newlink", "some/where"); }},
      {"NewFifo", [](Tree& s, Tree&) { s.fifo("newpipe"); }},
      {"Size", [](Tree& s, Tree&) { s.file("file", "longer content"); }},
      {"Time", [](Tree& s, Tree&) { s.time("file", kNewTime); }},
      {"TimeOnTarget", [](Tree&, Tree& t) { t.time("file", kNewTime); }},
      {"SizeAndTime", [](Tree& s, Tree&) { s.file("file", "longer", 0644, kNewTime); }},
      {"Permissions", [](Tree& s, Tree&) { s.mode("file", 0600).mode("dir", 0700); }},
      {"PermissionsAndTime", [](Tree& s, Tree&) { s.mode("file", 0600).time("file", kNewTime); }},
      {"Owner",
       [](Tree& s, Tree&) {
         if (is_root()) s.owner("file", 1234, 0).owner("link", 0, 99).owner("dir", 7, 8);
       }},
      {"Everything",
       [](Tree& s, Tree&) {
         s.file("file", "quite another content", 0600, kNewTime);
         if (is_root()) s.owner("file", 1, 2);
       }},
      {"LinkTarget", [](Tree& s, Tree&) { s.remove("link").symlink("link", "elsewhere"); }},
      {"LinkTime", [](Tree& s, Tree&) { s.time("link", kNewTime); }},
      {"FifoTime", [](Tree& s, Tree&) { s.time("pipe", kNewTime).mode("pipe", 0600); }},
      {"FileBecomesLink", [](Tree& s, Tree&) { s.remove("file").symlink("file", "x"); }},
      {"LinkBecomesFile", [](Tree& s, Tree&) { s.remove("link").file("link", "x"); }},
      {"FileBecomesDirectory", [](Tree& s, Tree&) { s.remove("file").file("file/in", "x"); }},
      {"EmptyDirectoryBecomesFile", [](Tree& s, Tree&) { s.remove("dir").file("dir", "x"); }},
      {"DirectoryBecomesFileInAMirror",
       [](Tree& s, Tree& t) {
         s.remove("sub").file("sub", "x");
         t.file("sub/more", "m");
       },
       {},
       {},
       true},
      {"Deletions",
       [](Tree&, Tree& t) { t.file("extra", "e").file("gone/a", "a").symlink("old", "x"); },
       {},
       {},
       true},
      {"ChecksumFindsNothing", [](Tree& s, Tree&) { s.time("file", kNewTime); }, {"-c"}, {"-c"}},
      {"ChecksumFindsSize",
       [](Tree& s, Tree&) { s.file("file", "longer content"); },
       {"-c"},
       {"-c"}},
      {"ChecksumFindsContent", [](Tree& s, Tree&) { s.file("file", "CONTENT"); }, {"-c"}, {"-c"}},
      {"IgnoreTimes", [](Tree&, Tree&) {}, {"-I"}, {"-I"}},
      {"NoTimes",
       [](Tree& s, Tree&) { s.file("file", "longer", 0644, kNewTime).file("new", "n"); },
       {"--no-times"},
       {"--no-times"}},
      {"NoTimesOfWhatHasTheSameTime",
       [](Tree& s, Tree& t) {
         s.file("file", "longer").symlink("other-link", "x");
         t.symlink("other-link", "y");
       },
       {"--no-times"},
       {"--no-times"}},
      {"NoPerms",
       [](Tree& s, Tree&) { s.mode("file", 0600).file("new", "n", 0600); },
       {"--no-perms"},
       {"--no-perms"}},
      {"HardLinkAdded", [](Tree& s, Tree&) { s.hard_link("file-too", "file"); }, {"-H"}, {"-H"}},
      {"Xattrs",
       [](Tree& s, Tree&) { s.xattr("file", "user.a", "1").xattr("dir", "user.b", "2"); },
       {"-X"},
       {"-X"}},
      {"Existing",
       [](Tree& s, Tree&) { s.file("new", "n").file("file", "longer"); },
       {"--existing"},
       {"--existing"}},
      {"TwiceListsUnchanged", [](Tree&, Tree&) {}, {"-i"}, {"--itemize"}},
      {"OddNames",
       [](Tree& s, Tree&) { s.file("a\nb", "x").file("\xff\x01", "y").file("sp ace", "z"); }},
  };
  return all;
}

std::string change_name(const ::testing::TestParamInfo<Change>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Changes, Itemize, ::testing::ValuesIn(changes()), change_name);

}  // namespace
}  // namespace robosync::e2e
