// Targets that cannot hold every name: those of Windows, whose rules are the same on every system
// that is told to have them; and filters where case is not told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class IllegalNames : public SyncTest {
 protected:
  void SetUp() override {
    fs::Privileges windows = fs::privileged_user();
    windows.windows_names = true;
    memory.set_privileges(windows);
  }
  [[nodiscard]] std::string names() const { return target(kNamesAndContents); }
  // The names below /src as a run makes of them what stands below /dst.
  static constexpr std::string_view kSome =
      "a:b = 1\ncon/in = 2\nend. = 3\ngood = 4\nd/x? = 5\nd/y = 6\n";
};

TEST_F(IllegalNames, AreSkippedToldWithTheCharacterAndItsPositionAndTheRestIsDone) {
  memory.build("/src", kSome);
  memory.build("/dst", "");
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(names(), "d/\nd/y = 6\ngood = 4\n");
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(report.counters.skipped.files, 3U);
  EXPECT_EQ(report.counters.skipped.directories, 1U);
  EXPECT_EQ(report.counters.failed.total(), 0U);
  EXPECT_THAT(problem_paths(), ElementsAre("a:b", "con", "d/x?", "end."));
  for (const tree::Problem& problem : observer.problems) {
    if (problem.path == "a:b") {
      EXPECT_EQ(problem.error.message(), "illegal name on Windows: ':' at position 2");
    }
  }
}

TEST_F(IllegalNames, ADryRunTellsTheSame) {
  memory.build("/src", kSome);
  memory.build("/dst", "");
  Request request = this->request(Verb::kCopy);
  request.dry_run = true;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(report.counters.skipped.total(), 4U);
  EXPECT_EQ(report.counters.created.files, 2U);
}

TEST_F(IllegalNames, AMoveKeepsThemAtTheSource) {
  memory.build("/src", kSome);
  memory.build("/dst", "");
  run(Verb::kMove);
  EXPECT_EQ(source(kNamesAndContents), "a:b = 1\ncon/\ncon/in = 2\nd/\nd/x? = 5\nend. = 3\n");
}

TEST_F(IllegalNames, AreMappedAndComeBackFromThere) {
  memory.build("/src", kSome);
  memory.build("/dst", "");
  Request request = this->request(Verb::kMirror);
  request.illegal_names = apply::IllegalNames::kMap;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "ok");
  EXPECT_EQ(names(),
            "a\\xef\\x80\\xbab = 1\nd/\nd/x\\xef\\x80\\xbf = 5\nd/y = 6\nend\\xef\\x80\\xae = 3\n"
            "good = 4\n\\xef\\x81\\xa3on/\n\\xef\\x81\\xa3on/in = 2\n");
  memory.log().clear();
  run(request);
  EXPECT_THAT(memory.log().changes(), IsEmpty()) << "they are known again, and not extraneous";
  Request verify = this->request(Verb::kVerify);
  verify.illegal_names = apply::IllegalNames::kMap;
  EXPECT_EQ(to_string(run(verify).outcome), "ok");

  memory.set_privileges(fs::privileged_user());
  memory.build("/back", "");
  request.sources = {"/dst/"};
  request.target = "/back";
  run(request);
  EXPECT_EQ(memory.dump("/back", kNamesAndContents), source(kNamesAndContents));
}

TEST_F(IllegalNames, AMoveTakesMappedOnesAlong) {
  memory.build("/src", kSome);
  memory.build("/dst", "");
  Request request = this->request(Verb::kMove);
  request.illegal_names = apply::IllegalNames::kMap;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(source(kNamesAndContents), "");
}

TEST_F(IllegalNames, OneThatIsLeftOutProtectsItsMappedNameFromDeletion) {
  memory.build("/src", "a:b size=100\ngood\n");
  memory.build("/dst", "a\\xef\\x80\\xbab = kept\ngone\n");
  Request request = this->request(Verb::kMirror);
  request.illegal_names = apply::IllegalNames::kMap;
  request.size_max = 10;
  run(request);
  EXPECT_EQ(names(), "a\\xef\\x80\\xbab = kept\ngood\n");
}

TEST_F(IllegalNames, OneWhoseOwnNameIsTakenStaysMapped) {
  memory.set_privileges(fs::privileged_user());
  memory.build("/src", "a:b = 1\na\\xef\\x80\\xbab = 2\n");
  memory.build("/dst", "");
  Request request = this->request(Verb::kCopy);
  request.illegal_names = apply::IllegalNames::kMap;
  run(request);
  EXPECT_EQ(names(), "a:b = 1\na\\xef\\x80\\xbab = 2\n");
}

TEST_F(IllegalNames, OneThatIsTakenByAMappedOneIsMappedOnceMore) {
  memory.build("/src", "a:b = 1\na\\xef\\x80\\xbab = 2\n");
  memory.build("/dst", "");
  Request request = this->request(Verb::kMirror);
  request.illegal_names = apply::IllegalNames::kMap;
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  memory.set_privileges(fs::privileged_user());
  memory.build("/back", "");
  request.sources = {"/dst/"};
  request.target = "/back";
  EXPECT_EQ(to_string(run(request).outcome), "ok");
  EXPECT_EQ(memory.dump("/back", kNamesAndContents), source(kNamesAndContents));
}

TEST_F(IllegalNames, ThoseThatComeFromWindowsMappedStayAsTheyAre) {
  fs::Privileges windows = memory.privileges();
  windows.has_native_attributes = true;
  memory.set_privileges(windows);
  memory.build("/src", "a\\xef\\x80\\xbab = 1\n");
  memory.build("/dst", "");
  Request request = this->request(Verb::kMirror);
  request.illegal_names = apply::IllegalNames::kMap;
  run(request);
  EXPECT_EQ(names(), "a\\xef\\x80\\xbab = 1\n");
}

TEST_F(IllegalNames, WhatIsLeftOutStaysAsItWasMappedBefore) {
  memory.build("/src", "a:b = new\ncon/in = new\nx? size=100\n");
  memory.build("/dst",
               "a\\xef\\x80\\xbab = kept\n\\xef\\x81\\xa3on/in = kept\n"
               "x\\xef\\x80\\xbf = kept\ny\\xef\\x80\\xbf = gone\n");
  Request request = this->request(Verb::kMirror);
  request.size_max = 10;
  run(request);
  EXPECT_EQ(names(),
            "a\\xef\\x80\\xbab = kept\nx\\xef\\x80\\xbf = kept\n\\xef\\x81\\xa3on/\n"
            "\\xef\\x81\\xa3on/in = kept\n");
}

// Rules are about the names of the source, at the target as well.
class MappedFilter : public IllegalNames {
 protected:
  static Request mirror(std::initializer_list<const char*> rules) {
    Request request = SyncTest::request(Verb::kMirror);
    request.illegal_names = apply::IllegalNames::kMap;
    for (const char* rule : rules) {
      request.filters.push_back({.form = tree::FilterArgument::Form::kRule, .text = rule});
    }
    return request;
  }
};

TEST_F(MappedFilter, NothingElseGetsANameOfWhatIsLeftOut) {
  memory.set_privileges(fs::privileged_user());
  Request by_rule = mirror({"- a:b"});
  Request by_size = mirror({});
  by_size.size_max = 10;
  int round = 0;
  const auto after = [&](Request request, const std::string& from, const std::string& to) {
    const std::string number = std::to_string(++round);
    request.sources = {"/from" + number + "/"};
    request.target = "/to" + number;
    memory.build("/from" + number, from);
    memory.build(request.target, to);
    run(request);
    return memory.dump(request.target, kNamesAndContents);
  };
  const std::string mapped = "a\\xef\\x80\\xbab";
  for (const Request& request : {by_rule, by_size}) {
    EXPECT_EQ(
        after(request, "a:b size=100\n" + mapped + " = 2\n", "a:b = kept\n" + mapped + " = old\n"),
        "a:b = kept\n" + mapped + " = 2\n");
  }
  EXPECT_EQ(
      after(by_size, "a:b = 1\n" + mapped + " size=100\n", "a:b = old\n" + mapped + " = kept\n"),
      "a:b = 1\n" + mapped + " = kept\n");
}

TEST_F(MappedFilter, ProtectsWhatIsMapped) {
  memory.build("/src", "x:y/in = 1\nx:y/.rules = - /merged\n");
  memory.build("/dst",
               "a\\xef\\x80\\xbab = kept\ng\\xef\\x80\\xba/gone\ng\\xef\\x80\\xba/z = kept\n"
               "x\\xef\\x80\\xbay/gone\nx\\xef\\x80\\xbay/merged = kept\n"
               "x\\xef\\x80\\xbay/old = kept\n");
  run(mirror({": .rules", "- a:b", "- /g:/z", "- /x:y/old"}));
  EXPECT_EQ(names(),
            "a\\xef\\x80\\xbab = kept\ng\\xef\\x80\\xba/\ng\\xef\\x80\\xba/z = kept\n"
            "x\\xef\\x80\\xbay/\nx\\xef\\x80\\xbay/.rules = - /merged\n"
            "x\\xef\\x80\\xbay/in = 1\nx\\xef\\x80\\xbay/merged = kept\n"
            "x\\xef\\x80\\xbay/old = kept\n");
}

TEST_F(MappedFilter, ProtectsWhatComesBack) {
  memory.set_privileges(fs::privileged_user());
  memory.build("/src", "a\\xef\\x80\\xbab/in = 1\n");
  memory.build("/dst", "a:b/gone\na:b/old = kept\nc:d = kept\ne:f = kept\n");
  run(
      mirror({"- /a\xef\x80\xba"
              "b/old",
              "- c\xef\x80\xba"
              "d",
              "- e:f"}));
  EXPECT_EQ(names(), "a:b/\na:b/in = 1\na:b/old = kept\nc:d = kept\ne:f = kept\n");
}

class FilterCase : public SyncTest {
 protected:
  void ignore_case() {
    fs::Privileges windows = fs::privileged_user();
    windows.ignores_case = true;
    memory.set_privileges(windows);
  }
};

TEST_F(FilterCase, IsIgnoredOnASystemThatIgnoresItOnBothSides) {
  memory.build("/src", "A.LOG\nb.log\nKeep/x\nTMP/y\n\\xc3\\x84.txt\n");
  memory.build("/dst", "C.Log\nd.TXT\n");
  Request request = this->request(Verb::kMirror);
  for (const char* rule : {"- *.log", "- /tmp/", "- \xC3\xA4.*"}) {
    request.filters.push_back({.form = tree::FilterArgument::Form::kRule, .text = rule});
  }
  ignore_case();
  run(request);
  EXPECT_EQ(target(kNamesAndContents), "C.Log\nKeep/\nKeep/x\n");
  EXPECT_THAT(observer.warnings, IsEmpty());
}

TEST_F(FilterCase, IsToldElsewhere) {
  memory.build("/src", "A.LOG\nb.log\n");
  memory.build("/dst", "C.Log\n");
  Request request = this->request(Verb::kMirror);
  request.filters.push_back({.form = tree::FilterArgument::Form::kRule, .text = "- *.log"});
  run(request);
  EXPECT_EQ(target(kNamesAndContents), "A.LOG\n");
}

class NoLinks : public SyncTest {
 protected:
  void SetUp() override {
    memory.build("/src", "d/inner = 1\nfile = 2\nl1 -> file\nl2 -> d\nsub/l3 -> ../file\n");
    memory.build("/dst", "");
    memory.mount("/dst", {.has_symlinks = false});
  }
  [[nodiscard]] std::string names() const { return target(kNamesAndContents); }
};

TEST_F(NoLinks, AreLeftOutWithOneWarningCountedAsSkipped) {
  const Report report = run(Verb::kCopy);
  EXPECT_EQ(names(), "d/\nd/inner = 1\nfile = 2\nsub/\n");
  EXPECT_EQ(to_string(report.outcome), "partial");
  EXPECT_EQ(report.counters.skipped.symlinks, 3U);
  EXPECT_EQ(report.counters.failed.total(), 0U);
  EXPECT_TRUE(adds_up(report.counters));
  ASSERT_EQ(observer.problems.size(), 1U);
  EXPECT_THAT(observer.problems[0].error.message(), HasSubstr("--links-fallback=copy"));
}

TEST_F(NoLinks, WhatStandsUnderTheirNamesStays) {
  const auto there = memory.open_root("/dst");
  ASSERT_TRUE(fs::write_whole(**there, "l1", "mine"));
  ASSERT_TRUE((*there)->make_directory("l2", 0755));
  ASSERT_TRUE(fs::write_whole(**(*there)->open_directory("l2"), "x", "too"));
  run(Verb::kMirror);
  EXPECT_EQ(names(), "d/\nd/inner = 1\nfile = 2\nl1 = mine\nl2/\nl2/x = too\nsub/\n");
}

TEST_F(NoLinks, AFaultOfOneLinkIsAFailureOfThatLink) {
  memory.build("/plain", "");
  Request request = this->request(Verb::kCopy);
  request.target = "/plain";
  faulty.add({.operation = fs::Operation::kMakeSymlink, .error = fs::fault(EACCES)});
  const Report report = run(request);
  EXPECT_EQ(report.counters.failed.symlinks, 1U);
  EXPECT_EQ(report.counters.created.symlinks, 2U);
}

class LinksCopied : public NoLinks {
 protected:
  static Request copying(Verb verb) {
    Request request = SyncTest::request(verb);
    request.links_fallback = LinksFallback::kCopy;
    return request;
  }
};

TEST_F(LinksCopied, WhatTheyLeadToIsThereAndStays) {
  const Report report = run(copying(Verb::kMirror));
  EXPECT_EQ(names(), "d/\nd/inner = 1\nfile = 2\nl1 = 2\nl2/\nl2/inner = 1\nsub/\nsub/l3 = 2\n");
  EXPECT_EQ(to_string(report.outcome), "ok");
  ASSERT_EQ(observer.warnings.size(), 1U);
  EXPECT_THAT(observer.warnings[0], HasSubstr("no symbolic links can be made"));
  memory.log().clear();
  run(copying(Verb::kMirror));
  EXPECT_EQ(report.counters.created.files, 5U);
  EXPECT_THAT(memory.log().changes(), ElementsAre(HasSubstr("/dst/.robosync-"))) << "the probe";
}

TEST_F(LinksCopied, WhereLinksCanBeMadeTheyAreAndNothingIsSaid) {
  memory.build("/plain", "");
  Request request = copying(Verb::kCopy);
  request.target = "/plain";
  run(request);
  EXPECT_EQ(memory.dump("/plain", kNamesAndContents), source(kNamesAndContents));
  EXPECT_THAT(observer.warnings, IsEmpty());
}

TEST_F(LinksCopied, NothingIsSaidWhereThereAreNone) {
  memory.build("/bare", "f = 1\n");
  Request request = copying(Verb::kCopy);
  request.sources = {"/bare/"};
  run(request);
  EXPECT_THAT(observer.warnings, IsEmpty());
}

TEST_F(LinksCopied, ADryRunTriesNothing) {
  Request request = copying(Verb::kCopy);
  request.dry_run = true;
  memory.log().clear();
  run(request);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
}

TEST_F(LinksCopied, NotWithPoliciesThatLeaveNoLinkToMake) {
  for (const LinkPolicy policy : {LinkPolicy::kFollow, LinkPolicy::kSkip, LinkPolicy::kKeepSafe}) {
    Request request = copying(Verb::kCopy);
    request.links = policy;
    EXPECT_EQ(refused(request).kind, base::ErrorKind::kUsage);
  }
}

}  // namespace
}  // namespace robosync
