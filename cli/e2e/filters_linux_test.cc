// rsync's filter language on real runs: the same tree, the same rules, the same result, for what is
// copied and for what a mirror deletes.
#include <gtest/gtest.h>

#include <ostream>
#include <string>
#include <vector>

#include "cli/e2e/twins_linux_testing.h"

namespace robosync::e2e {
namespace {

struct RuleSet {
  const char* name;
  Arguments rules;  // taken by both programs as they are
};

void PrintTo(const RuleSet& set, std::ostream* out) {  // NOLINT: GoogleTest's name
  *out << ::testing::PrintToString(set.rules);
}

void fill_source(TreeBuilder& tree) {
  for (const char* name : {"a.c",
                           "a.o",
                           "b.log",
                           "core",
                           "docs/a.txt",
                           "docs/b.log",
                           "docs/core",
                           "docs/deep/a.o",
                           "docs/deep/er/a.txt",
                           "src/main.c",
                           "src/main.o",
                           "src/lib/x.c",
                           "src/lib/x.o",
                           "src/lib/core/y",
                           "tmp/scratch",
                           "tmp/keep.txt",
                           "build/out.o",
                           "src/build/out.o",
                           "with space/f x",
                           "brackets/[a]",
                           "brackets/a",
                           "star/x*y",
                           "star/xzy",
                           "dir.d/f",
                           "UPPER/Case.C",
                           "question/ab",
                           "question/abc",
                           "a/b/c/d/e/f.txt",
                           "a/b/c/other",
                           "foo/bar",
                           "foo/baz/bar",
                           "x/foo/bar",
                           "back\\slash/f",
                           ".hidden/f",
                           ".dot"}) {
    tree.file(name, name);
  }
  tree.symlink("docs/link.o", "a.txt").directory("hollow").directory("src/hollow.d");
  tree.file(".rules", "- *.o\n+ keep.txt\n").file("docs/.rules", "- b.log\n");
  tree.file("src/.rules", "!\n- *.c\n").file("src/lib/.rules", "+ x.c\n");
  tree.file("tmp/.exclude", "scratch\n").file("excludes", "*.o\n/docs/deep\n# comment\n\n; too\n");
  tree.file("dos", "*.o\r\n*.log\r\n").file("words/.words", "a.txt b.txt");
  tree.file("words/a.txt", "a").file("words/c.txt", "c");
}

void fill_target(TreeBuilder& tree) {
  for (const char* name :
       {"dst/a.o", "dst/extra.o", "dst/extra.c", "dst/docs/extra.log", "dst/docs/deep/extra",
        "dst/src/lib/core/extra", "dst/tmp/extra", "dst/gone/a.o", "dst/gone/deep/core",
        "dst/gone/keep.txt", "dst/build/extra", "dst/foo/extra", "dst/.hidden/extra",
        "dst/hollow/extra.o", "dst/a/b/extra"}) {
    tree.file(name, "at the target");
  }
}

class Filters : public Twins, public ::testing::WithParamInterface<RuleSet> {};

TEST_P(Filters, CopyTheSameAndDeleteTheSameAsRsync) {
  prepare([](TreeBuilder& tree) {
    TreeBuilder from(tree.at("src"));
    fill_source(from);
    fill_target(tree);
  });
  const auto run_verb = [this](const std::string& verb, const Arguments& rsync_verb,
                               const Arguments& more) {
    Arguments rsync = {"-a"};
    Arguments robosync = {verb};
    if (verb == "mirror") robosync.emplace_back("--allow-empty-source");
    rsync.insert(rsync.end(), rsync_verb.begin(), rsync_verb.end());
    for (Arguments* arguments : {&rsync, &robosync}) {
      arguments->insert(arguments->end(), GetParam().rules.begin(), GetParam().rules.end());
      arguments->insert(arguments->end(), more.begin(), more.end());
      arguments->insert(arguments->end(), {"src/", "dst"});
    }
    const Runs runs = run_both(rsync, robosync);
    EXPECT_EQ(runs.rsync.exit_code, runs.robosync.exit_code)
        << runs.rsync.describe() << runs.robosync.describe();
    Aspects aspects = twin_aspects();
    aspects.directory_time = false;  // which directories were touched is not the point here
    expect_equal(aspects);
    EXPECT_FALSE(HasFailure()) << verb << runs.robosync.describe();
  };
  run_verb("copy", {}, {});
  run_verb("mirror", {"--delete-after"}, {});
  run_verb("mirror", {"--delete-after"}, {"--delete-excluded"});
}

const std::vector<RuleSet>& rule_sets() {
  static const std::vector<RuleSet> sets = {
      {"Suffix", {"--exclude=*.o"}},
      {"Name", {"--exclude=core"}},
      {"AnchoredName", {"--exclude=/core"}},
      {"DirectoryOnly", {"--exclude=core/"}},
      {"AnchoredDirectory", {"--exclude=/build/"}},
      {"PathInTheMiddle", {"--exclude=foo/bar"}},
      {"AnchoredPath", {"--exclude=/foo/bar"}},
      {"StarStaysInALevel", {"--exclude=/src/*/x.c"}},
      {"DoubleStar", {"--exclude=/a/**/f.txt"}},
      {"DoubleStarAtTheEnd", {"--exclude=docs/**"}},
      {"DoubleStarInside", {"--exclude=a**d"}},
      {"TripleStar", {"--exclude=/src/***"}},
      {"TripleStarInclude", {"--include=/src/***", "--exclude=*"}},
      {"QuestionMark", {"--exclude=ab?"}},
      {"Brackets", {"--exclude=[ab].c"}},
      {"NegatedBrackets", {"--exclude=[!a].log"}},
      {"BracketRange", {"--exclude=[a-c].*"}},
      {"CharacterClass", {"--exclude=[[:upper:]]*"}},
      {"EscapedStar", {"--exclude=x\\*y"}},
      {"EscapedBracket", {"--exclude=\\[a\\]"}},
      {"Backslash", {"--exclude=back\\slash"}},
      {"BackslashBeforeWildcard", {"--exclude=back\\\\sl*"}},
      {"Space", {"--exclude=with space"}},
      {"Hidden", {"--exclude=.*"}},
      {"CaseMatters", {"--exclude=*.C"}},
      {"FirstMatchWins", {"--include=a.o", "--exclude=*.o"}},
      {"FirstMatchWinsTheOtherWay", {"--exclude=*.o", "--include=a.o"}},
      {"ExcludedDirectoryHidesWhatIsInside", {"--exclude=docs", "--include=docs/a.txt"}},
      {"OnlyText", {"--include=*/", "--include=*.txt", "--exclude=*"}},
      {"OnlyTextPruned", {"--include=*/", "--include=*.txt", "--exclude=*", "-m"}},
      {"EverythingExcluded", {"--exclude=*"}},
      {"ShortRules", {"--filter=+ /src/", "--filter=- *.o", "--filter=- /*/core"}},
      {"LongRules", {"--filter=include a.o", "--filter=exclude *.o"}},
      {"UnderscoreRule", {"--filter=-_*.o"}},
      {"HideAndProtect", {"--filter=hide *.o", "--filter=protect extra*"}},
      {"ShowAndRisk", {"--filter=show a.o", "--filter=risk extra.o", "--filter=- *.o"}},
      {"HideShort", {"--filter=H *.log", "--filter=P build"}},
      {"SenderAndReceiverSides", {"--filter=-s *.o", "--filter=-r *.c"}},
      {"PerishableRule", {"--filter=-p *.o"}},
      {"NegatedRule", {"--filter=-! *.o", "--filter=- x"}},
      {"Clear", {"--exclude=*.o", "--filter=!", "--exclude=*.log"}},
      {"MergeFile", {"--filter=merge src/.rules"}},
      {"MergeShort", {"--filter=. src/.rules"}},
      {"MergeExcludes", {"--filter=.- src/tmp/.exclude"}},
      {"DirectoryMerge", {"--filter=dir-merge .rules"}},
      {"DirectoryMergeShort", {"--filter=: .rules"}},
      {"DirectoryMergeNotInherited", {"--filter=:n .rules"}},
      {"DirectoryMergeExcludesOnly", {"--filter=:- .exclude"}},
      {"DirectoryMergeWords", {"--filter=:w- .words"}},
      {"DirectoryMergeBeforeRules", {"--filter=: .rules", "--exclude=*.txt"}},
      {"DirectoryMergeAfterRules", {"--include=*.o", "--filter=: .rules"}},
      {"ExcludeFrom", {"--exclude-from=src/excludes"}},
      {"ExcludeFromDos", {"--exclude-from=src/dos"}},
      {"IncludeFrom", {"--include=*/", "--include-from=src/tmp/.exclude", "--exclude=*"}},
      {"PrunedWithoutObjects", {"--exclude=*.o", "-m"}},
      {"LeadingDoubleStar", {"--exclude=**/core"}},
      {"SlashStar", {"--exclude=/*/core"}},
      {"TrailingStarSlash", {"--exclude=*.d/"}},
      {"EmptySegments", {"--exclude=docs//deep"}},
      {"DotSlash", {"--exclude=./docs"}},
      {"SizeAndFilter", {"--exclude=*.o", "--min-size=5"}},
  };
  return sets;
}

std::string rule_name(const ::testing::TestParamInfo<RuleSet>& info) { return info.param.name; }

INSTANTIATE_TEST_SUITE_P(Rules, Filters, ::testing::ValuesIn(rule_sets()), rule_name);

TEST_F(Option, Filter_RulesThatCannotBeHonouredAreErrors) {
  source().file("a", "a");
  // rsync takes these relative to the root of the file system.
  for (const char* rule : {"-/ /src/main.c", ": /.rules", ":n /etc/rules"}) {
    ROBOSYNC_EXPECT_EXIT(kExitUsage, copy({std::string("--filter=") + rule}));
    EXPECT_FALSE(exists(target_path()));
  }
}

// rsync reads the rules for deletions from the target, where an excluded merge file never arrives;
// here they travel with the source's directory.
TEST_F(Option, Filter_AMergeFileThatExcludesItselfStillProtects) {
  source().file(".rules", "- *.o\n").file("a.c", "c").file("a.o", "o");
  target().file("kept.o", "k").file("gone.c", "g");
  ROBOSYNC_EXPECT_EXIT(kExitOk, mirror({"--filter=:e .rules"}));
  EXPECT_EQ((std::vector<std::string>{"a.c", "kept.o"}), names_in(target_path()));
}

class FileLists : public Twins {
 protected:
  void compare(const std::string& list, const Arguments& rsync_options) {
    SCOPED_TRACE(list);
    remove_tree(theirs());
    remove_tree(ours());
    prepare([&](TreeBuilder& tree) {
      TreeBuilder from(tree.at("src"));
      fill_source(from);
      tree.file("list", list).directory("dst");
    });
    Arguments rsync = {"-a", "--files-from=list"};
    rsync.insert(rsync.end(), rsync_options.begin(), rsync_options.end());
    rsync.insert(rsync.end(), {"src/", "dst"});
    const Runs runs = run_both(rsync, {"copy", "--files-from=list", "src/", "dst"});
    EXPECT_EQ(runs.rsync.exit_code, runs.robosync.exit_code)
        << runs.rsync.describe() << runs.robosync.describe();
    Aspects aspects = twin_aspects();
    aspects.directory_time = false;
    expect_equal(aspects);
  }
};

TEST_F(FileLists, PlainNamesAreTakenAsRsyncTakesThem) {
  for (const char* list : {"docs\n", "docs/deep/a.o\nsrc\n", "a/b/c/d/e/f.txt\n", "hollow\n.dot\n",
                           "./src/main.c\n", "docs//deep/a.o\n", "docs/link.o\n", "docs/a.txt"}) {
    compare(list, {});
  }
}

TEST_F(FileLists, ATrailingSlashMeansEverythingBeneath) {
  for (const char* list : {"docs/\n", "a/b/\nsrc/lib/\n", "hollow/\n", "./src/\n", "a.c\nx/\n"}) {
    compare(list, {"-r"});
  }
}

}  // namespace
}  // namespace robosync::e2e
