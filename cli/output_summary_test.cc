#include "cli/output_summary.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "cli/report_testing.h"

namespace robosync::cli {
namespace {

std::string summary(const Report& report, const Request& request = {},
                    Detail detail = Detail::kShort) {
  const base::Result<Report> result = report;
  return summary_text({.request = request, .result = result}, detail);
}

std::vector<std::string> trouble(const base::Result<Report>& result, const Request& request = {},
                                 bool declined = false) {
  return trouble_lines({.request = request, .result = result, .declined = declined});
}

TEST(Summary, ShortByDefault) {
  Report report;
  report.counters.scanned = {11000, 1300, 45, 0};
  report.counters.source_bytes = 3006477107;
  report.counters.created = {100, 20, 0, 0};
  report.counters.updated = {3, 0, 0, 0};
  report.counters.unchanged = {10897, 1280, 45, 0};
  report.counters.deleted = {0, 0, 1, 0};
  report.counters.removed_from_source = 7;
  report.counters.transferred_bytes = 1288490188;
  report.counters.read_bytes = 1288490188;
  report.counters.written_bytes = 1288490188;
  report.elapsed = std::chrono::milliseconds(4200);
  EXPECT_EQ(summary(report),
            "scanned              12,345: 11,000 files, 1,300 directories, 45 links; 2.80 GiB\n"
            "new                  120: 100 files, 20 directories\n"
            "updated              3 files\n"
            "unchanged            12,222: 10,897 files, 1,280 directories, 45 links\n"
            "deleted              1 link\n"
            "removed from source  7\n"
            "read 1.20 GiB, wrote 1.20 GiB, cloned 0 B in 4.20 s (293 MiB/s)\n");
}

TEST(Summary, NothingToDo) {
  EXPECT_EQ(summary(idle_report()),
            "scanned    6: 3 files, 2 directories, 1 link; 4.00 KiB\n"
            "new        0\n"
            "updated    0\n"
            "unchanged  6: 3 files, 2 directories, 1 link\n"
            "read 0 B, wrote 0 B, cloned 0 B in 0.01 s\n"
            "up to date\n");
}

TEST(Summary, TellsAnEmptySourceFromFiltersThatMatchNothing) {
  Report report;
  report.counters.scanned.directories = 1;
  report.counters.unchanged.directories = 1;
  Request request;
  EXPECT_NE(summary(report, request).find("\nthe source is empty\n"), std::string::npos);
  request.filters.push_back({.text = "- *"});
  EXPECT_NE(summary(report, request).find("\nnothing matched\n"), std::string::npos);
}

TEST(Summary, ADryRunSaysSo) {
  const Request request{.dry_run = true};
  EXPECT_TRUE(summary(idle_report(), request).ends_with("(dry run) nothing was changed\n"));
}

TEST(Summary, MirrorNamesDeletionsEvenWhenThereAreNone) {
  const Request request{.verb = Verb::kMirror};
  EXPECT_NE(summary(idle_report(), request).find("deleted    0\n"), std::string::npos);
}

TEST(Summary, VerifyTalksOfDifferences) {
  const Request request{.verb = Verb::kVerify};
  Report report = idle_report();
  report.counters.read_bytes = 8192;
  EXPECT_EQ(summary(report, request),
            "scanned    6: 3 files, 2 directories, 1 link; 4.00 KiB\n"
            "unchanged  6: 3 files, 2 directories, 1 link\n"
            "read 8.00 KiB in 0.01 s (667 KiB/s)\n"
            "no difference found\n");
  report.outcome = Outcome::kDifferent;
  report.counters.different = 2;
  report.counters.only_target = 1;
  EXPECT_EQ(summary(report, request),
            "scanned         6: 3 files, 2 directories, 1 link; 4.00 KiB\n"
            "unchanged       6: 3 files, 2 directories, 1 link\n"
            "different       2\n"
            "only in target  1\n"
            "read 8.00 KiB in 0.01 s (667 KiB/s)\n"
            "source and target differ\n");
}

TEST(Summary, VerifyClaimsNothingOfWhatItDidNotCompare) {
  const Request request{.verb = Verb::kVerify};
  Report report = idle_report();
  report.counters.skipped.symlinks = 1;
  EXPECT_TRUE(
      summary(report, request)
          .ends_with("no difference found in what was compared; left out as asked: 1 link\n"));
  report.outcome = Outcome::kPartial;
  report.problem_count = 1;
  EXPECT_EQ(summary(report, request).find("no difference"), std::string::npos);
  EXPECT_EQ(trouble(report, request),
            std::vector<std::string>{"1 problem; the rest was compared, without a difference"});
  report.counters.only_target = 1;
  EXPECT_EQ(trouble(report, request),
            std::vector<std::string>{"1 problem; the rest was compared, and differs"});
}

TEST(Summary, VerifyHasAnIdeaWhyNothingIsThere) {
  Report report = idle_report();
  report.outcome = Outcome::kDifferent;
  report.counters.unchanged = {};
  report.counters.only_source = report.counters.scanned.total();
  const auto advises = [&](const std::string& source) {
    const Request request{.verb = Verb::kVerify, .sources = {source}};
    return summary(report, request).find("end SOURCE with /") != std::string::npos;
  };
  EXPECT_TRUE(advises("photos"));
  EXPECT_FALSE(advises("photos/"));
  --report.counters.only_source;
  EXPECT_FALSE(advises("photos"));
}

TEST(Summary, StatsShowEveryCounter) {
  EXPECT_EQ(summary(busy_report(), {}, Detail::kAll),
            "scanned                     4,010 (files 1,001, directories 1,002, links 1,003, "
            "others 1,004)\n"
            "new                         4,026 (files 1,005, directories 1,006, links 1,007, "
            "others 1,008)\n"
            "updated                     4,042 (files 1,009, directories 1,010, links 1,011, "
            "others 1,012)\n"
            "attributes                  4,058 (files 1,013, directories 1,014, links 1,015, "
            "others 1,016)\n"
            "linked                      4,074 (files 1,017, directories 1,018, links 1,019, "
            "others 1,020)\n"
            "unchanged                   4,090 (files 1,021, directories 1,022, links 1,023, "
            "others 1,024)\n"
            "deleted                     4,106 (files 1,025, directories 1,026, links 1,027, "
            "others 1,028)\n"
            "skipped                     4,122 (files 1,029, directories 1,030, links 1,031, "
            "others 1,032)\n"
            "failed                      4,138 (files 1,033, directories 1,034, links 1,035, "
            "others 1,036)\n"
            "removed from source         1,037\n"
            "different                   1,038\n"
            "only in source              1,039\n"
            "only in target              1,040\n"
            "size of source              1,041,000,000 bytes\n"
            "transferred                 1,042,000,000 bytes\n"
            "read                        1,043,000,000 bytes\n"
            "written                     1,044,000,000 bytes\n"
            "cloned                      1,045,000,000 bytes\n"
            "files cloned                1,046\n"
            "files copied by the kernel  1,047\n"
            "files read and written      1,048\n"
            "files copied in parallel    1,049\n"
            "files with holes            1,050\n"
            "files resumed               1,051\n"
            "directories staged          1,052\n"
            "retries                     1,053\n"
            "backups                     1,054\n"
            "leftovers removed           1,055\n"
            "read 995 MiB, wrote 996 MiB, cloned 997 MiB in 2.50 s (397 MiB/s)\n");
}

TEST(Trouble, NoneOfASuccess) {
  EXPECT_TRUE(trouble(idle_report()).empty());
  Report different;
  different.outcome = Outcome::kDifferent;
  EXPECT_TRUE(trouble(different).empty()) << "differences are a result, not trouble";
}

TEST(Trouble, OfEachEnd) {
  const auto end = [](Outcome outcome, bool withheld = false) {
    Report report;
    report.outcome = outcome;
    report.problem_count = 1;
    report.deletions_withheld = withheld;
    return report;
  };
  using Lines = std::vector<std::string>;
  EXPECT_EQ(trouble(base::fail(base::make_error(base::ErrorKind::kRefused, "one in the other"))),
            Lines{"one in the other"});
  EXPECT_EQ(trouble(end(Outcome::kPartial)), Lines{"1 problem; the rest was done"});
  EXPECT_EQ(trouble(end(Outcome::kPartial, true)),
            (Lines{"1 problem; the rest was done",
                   "nothing was deleted: the source could not be read completely"}));
  EXPECT_EQ(trouble(end(Outcome::kVanished)),
            Lines{"some entries vanished from the source while it was read"});
  EXPECT_EQ(trouble(end(Outcome::kGuarded), {}, true),
            Lines{"nothing was deleted: you did not confirm it"});
  EXPECT_EQ(trouble(end(Outcome::kGuarded), {.delete_limit = {.count = 3}}),
            Lines{"nothing was deleted: more would go than --max-delete allows"});
  EXPECT_EQ(trouble(end(Outcome::kGuarded)),
            Lines{"nothing was deleted: a guard against deleting too much stopped it"});
  EXPECT_EQ(trouble(end(Outcome::kCancelled)),
            Lines{"interrupted: what is in place is complete; run again to go on"});
  EXPECT_EQ(trouble(end(Outcome::kCancelled), {.in_place = true}),
            Lines{"interrupted: run again to go on"});
  Report fatal = end(Outcome::kAborted);
  fatal.fatal = base::make_error(base::ErrorKind::kNoSpace, "write a");
  EXPECT_EQ(trouble(fatal), Lines{"stopped: write a (make room, then run again)"});
}

}  // namespace
}  // namespace robosync::cli
