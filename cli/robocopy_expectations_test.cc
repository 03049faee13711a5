// What each switch that Microsoft documents for robocopy does here: which fields of the Request and
// of the output it changes, exactly; or that it is refused.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/request_text_testing.h"
#include "cli/robocopy_command.h"

namespace robosync::cli {
namespace {

constexpr std::string_view kRefused = "refused";

struct Row {
  std::vector<std::string> words;  // the switch in front
  std::string effect;              // what differs from a run without the words; or kRefused
  MetadataFamily family = MetadataFamily::kPosix;
};

// The time "now" is 2026-03-02 00:00 local time: ages of dates are whole days, or nearly so.
std::chrono::system_clock::time_point now() {
  std::tm day{};
  day.tm_year = 126;
  day.tm_mon = 2;
  day.tm_mday = 2;
  day.tm_isdst = -1;
  return std::chrono::system_clock::from_time_t(std::mktime(&day));
}

// In filters "2:" is the form kRule. The run without switches has the rule "- /*/".
const std::vector<Row>& copy_rows() {
  static const std::vector<Row> kRows = {
      {{"/S"}, "filters= prune_empty_directories=true"},
      {{"/E"}, "filters="},
      {{"/LEV:1"}, ""},
      {{"/LEV:0", "/E"}, "filters="},
      {{"/LEV:3", "/E"}, "filters=2:- /*/*/*/"},
      {{"/LEV:2", "/S"}, "filters=2:- /*/*/ prune_empty_directories=true"},
      {{"/LEV:2001"}, "refused"},
      {{"/Z"}, "keep_partial=true"},
      {{"/B"}, "refused"},
      {{"/ZB"}, "refused"},
      {{"/J"}, ""},
      {{"/EFSRAW"}, "refused"},
      {{"/COPY:DAT"}, ""},
      {{"/COPY:DT"}, "keep_permissions=false"},
      {{"/COPY:DT", "/DCOPY:DT"}, "keep_permissions=false keep_directory_times=true"},
      {{"/COPY:DT", "/DCOPY:DAT"}, "refused"},
      {{"/COPY:DT", "/DCOPY:T"}, "keep_permissions=false keep_directory_times=true"},
      {{"/COPY:DA"}, "keep_times=false"},
      {{"/COPY:DA", "/DCOPY:DAT"}, "refused"},
      {{"/COPY:DAT", "/DCOPY:DT"}, "refused"},
      {{"/COPY:D"}, "keep_permissions=false keep_times=false"},
      {{"/COPY:DATX"}, ""},
      {{"/COPY:DATX"}, "refused", MetadataFamily::kWindows},
      {{"/COPY:DATX", "/DCOPY:DAX"}, "keep_streams=false", MetadataFamily::kWindows},
      {{"/COPY:DATX", "/COPY:DAT"}, "", MetadataFamily::kWindows},
      {{"/COPY:DATS"}, "keep_acls=true"},
      {{"/COPY:DATS"}, "refused", MetadataFamily::kWindows},
      {{"/COPY:DATO"}, "keep_owner=true keep_group=true"},
      {{"/COPY:DATSOU"}, "keep_owner=true keep_group=true keep_acls=true"},
      {{"/COPY:AT"}, "refused"},
      {{"/COPY:DQ"}, "refused"},
      {{"/SEC"}, "keep_acls=true"},
      {{"/SEC"}, "refused", MetadataFamily::kWindows},
      {{"/COPYALL"}, "keep_owner=true keep_group=true keep_acls=true"},
      {{"/COPYALL"}, "refused", MetadataFamily::kWindows},
      {{"/NOCOPY"},
       "existing_only=true ignore_existing=true keep_permissions=false keep_times=false"},
      {{"/NOCOPY", "/DCOPY:DAT"},
       "existing_only=true ignore_existing=true keep_permissions=false keep_times=false "
       "keep_directory_times=true"},
      {{"/NOCOPY", "/IS"}, "refused"},
      {{"/NOCOPY", "/IT"}, "refused"},
      {{"/DCOPY:DA"}, ""},
      {{"/DCOPY:AT"}, "refused"},
      {{"/DCOPY:T"}, "keep_directory_times=true"},
      {{"/DCOPY:DAT"}, "keep_directory_times=true"},
      {{"/DCOPY:DATX"}, "keep_directory_times=true"},
      {{"/DCOPY:DATX"}, "refused", MetadataFamily::kWindows},
      {{"/DCOPY:DATE"}, "refused"},
      {{"/NODCOPY"}, "refused"},
      {{"/SECFIX"}, "refused"},
      {{"/TIMFIX"}, "refused"},
      {{"/PURGE"}, "verb=1 leave_mismatched=false"},
      {{"/MIR"}, "verb=1 leave_mismatched=false filters="},
      {{"/MOV"}, "verb=2"},
      {{"/MOVE"}, "verb=2"},
      {{"/MOVE", "/E"}, "verb=2 filters="},
      {{"/MOV", "/E"}, "refused"},
      {{"/MOVE", "/PURGE"}, "refused"},
      {{"/MOVE", "/NOCOPY"}, "refused"},
  };
  return kRows;
}

const std::vector<Row>& mode_rows() {
  static const std::vector<Row> kRows = {
      {{"/A+:R"}, "chmod=Fa-w"},
      {{"/A+:RA"}, "chmod=Fa-w attributes_set=32"},
      {{"/A+:SHN"}, "attributes_set=8198"},
      {{"/A+:R", "/A+:H"}, "attributes_set=2"},
      {{"/A+:C"}, "refused"},
      {{"/A+:X"}, "refused"},
      {{"/A+:"}, "refused"},
      {{"/A+:R", "/COPY:DT"}, "refused"},
      {{"/A-:H", "/COPY:DT"}, "refused"},
      {{"/A-:R"}, "chmod=Fu+w"},
      {{"/A-:SH"}, "attributes_cleared=6"},
      {{"/A-:O"}, "refused"},
      {{"/A-:H", "/A+:H"}, "refused"},
      {{"/CREATE"}, "empty_files=true"},
      {{"/CREATE", "/MOVE"}, "refused"},
      {{"/CREATE", "/Z"}, "refused"},
      {{"/FAT"}, "refused"},
      {{"/256"}, "refused"},
      {{"/MON:1"}, "refused"},
      {{"/MOT:1"}, "refused"},
      {{"/RH:0100-0200"}, "refused"},
      {{"/PF"}, "refused"},
      {{"/IPG:0"}, ""},
      {{"/IPG:1000"}, "bytes_per_second_max=65536"},
      {{"/SJ"}, "warn_of_junctions=false"},
      {{"/SJ", "/XJ"}, "links=4 junctions=2 warn_of_junctions=false"},
      {{"/SL"}, "links=0 warn_of_junctions=false"},
      {{"/MT"}, "threads=8"},
      {{"/MT:128"}, "threads=128"},
      {{"/MT:0"}, "refused"},
      {{"/MT:129"}, "refused"},
      {{"/NOOFFLOAD"}, "copy_range=false"},
      {{"/NOCLONE"}, "reflink=2"},
      {{"/COMPRESS"}, ""},
      {{"/SPARSE:N"}, "refused"},
      {{"/LFSM"}, "refused"},
      {{"/LFSM:1M"}, "refused"},
      {{"/IOMAXSIZE:1M"}, "refused"},
      {{"/IORATE:1M"}, "bytes_per_second_max=1048576"},
      {{"/THRESHOLD:1M"}, "refused"},
  };
  return kRows;
}

const std::vector<Row>& selection_rows() {
  static const std::vector<Row> kRows = {
      {{"/A"}, "attributes_any=32"},
      {{"/A", "/XA:H"}, "attributes_any=32 attributes_none=2"},
      {{"/M"}, "attributes_any=32 reset_archive=true"},
      {{"/M", "/CREATE"}, "refused"},
      {{"/IA:RASHCNETO"}, "attributes_any=31015"},
      {{"/IA:A", "/A"}, "refused"},
      {{"/IA:Q"}, "refused"},
      {{"/IA"}, "refused"},
      {{"/XA:sh"}, "attributes_none=6"},
      {{"/XA:Q"}, "refused"},
      {{"/XF", "*.bak", "b?"}, "filters=2:- /*/|2:+ */|2:- *.bak|2:- b?"},
      {{"/XF", "*.*"}, "filters=2:- /*/|2:+ */|2:- *"},
      {{"/XF", "sub/*.*", "/E"}, "filters=2:+ */|2:- /sub/*"},
      {{"/XF"}, "refused"},
      {{"/XF", "/E"}, "refused"},
      {{"/XF", "src/one", "/E"}, "filters=2:+ */|2:- /src/one"},
      {{"/XD", "tmp", "x*"}, "filters=2:- tmp/|2:- x*/|2:- /*/"},
      {{"/XD", "sub/deep", "/E"}, "filters=2:- /sub/deep/"},
      {{"/XD", "*.*", "/E"}, "filters=2:- */"},
      {{"/XD"}, "refused"},
      {{"/XD", "--", "a"}, "refused"},
      {{"/XD", "."}, "refused"},
      {{"/XD", "./"}, "refused"},
      {{"/XD", ""}, "refused"},
      {{"/XF", "A1"}, "filters=2:- /*/|2:+ */|2:- A1", MetadataFamily::kWindows},
      {{"/XF:a"}, "refused"},
      {{"/IF"}, "refused"},
      {{"/IF", "*.txt"}, "filters=2:- /*/|2:+ */|2:+ *.txt|2:- *"},
      {{"/IM"}, "refused"},
      {{"/MAX:10"}, "size_max=10"},
      {{"/MIN:10"}, "size_min=10"},
      {{"/MIN:10", "/MAX:9"}, "refused"},
      {{"/MAX:1k"}, "refused"},
      {{"/MAXAGE:2"}, "age_max=172800000000000"},
      {{"/MINAGE:2"}, "age_min=172800000000000"},
      {{"/MINAGE:3", "/MAXAGE:2"}, "refused"},
      {{"/MAXAGE:1899"}, "age_max=164073600000000000"},
      {{"/MAXAGE:20260228"}, "age_max=172800000000000"},
      {{"/MINAGE:20260301"}, "age_min=86400000000000"},
      {{"/MAXAGE:20260302"}, "age_max=0"},
      {{"/MAXAGE:18991231"}, "refused"},
      {{"/MAXAGE:99991231"}, "refused"},
      {{"/MAXAGE:20260230"}, "refused"},
      {{"/MAXAGE:20260303"}, "refused"},
      {{"/MAXAGE:1900"}, "refused"},
      {{"/MAXLAD:1"}, "refused"},
      {{"/MINLAD:1"}, "refused"},
      {{"/FFT"}, "modify_window_ns=2000000000"},
      {{"/DST"}, "ignore_one_hour=true"},
      {{"/XJ"}, "links=4 junctions=2 warn_of_junctions=false"},
      {{"/XJ", "/SL"}, "links=4 junctions=2 warn_of_junctions=false"},
      {{"/XJD"}, "links_left_out=2 junctions=2 warn_of_junctions=false"},
      {{"/XJF"}, "links_left_out=1"},
      {{"/XJF", "/SL"}, "links=0 links_left_out=1 warn_of_junctions=false"},
      {{"/XJF", "/XJD"}, "links=4 junctions=2 warn_of_junctions=false"},
      {{"/R:0"}, "retries=0"},
      {{"/R:1000000"}, "refused"},
      {{"/W:30"}, "retry_wait_ms=30000"},
      {{"/REG"}, "refused"},
      {{"/TBD"}, "refused"},
  };
  return kRows;
}

const std::vector<Row>& class_rows() {
  static const std::vector<Row> kRows = {
      {{"/XC"}, "leave_changed=true"},
      {{"/XN"}, "leave_older=true"},
      {{"/XN", "/XO"}, "update_only_newer=true leave_older=true"},
      {{"/XO"}, "update_only_newer=true"},
      {{"/XC", "/XN", "/XO"}, "ignore_existing=true"},
      {{"/XC", "/XN", "/XO", "/IS"},
       "comparison=3 update_only_newer=true leave_older=true leave_changed=true"},
      {{"/XC", "/XN", "/XO", "/IT"}, "update_only_newer=true leave_older=true leave_changed=true"},
      {{"/XX"}, ""},
      {{"/XX", "/X"}, ""},
      {{"/XX", "/MIR"}, "filters="},
      {{"/XL"}, "existing_only=true"},
      {{"/IS"}, "comparison=3"},
      {{"/IT"}, ""},
  };
  return kRows;
}

const std::vector<Row>& output_rows() {
  static const std::vector<Row> kRows = {
      {{"/L"}, "dry_run=true"},
      {{"/X"}, "extras=true"},
      {{"/V"}, "skipped=true"},
      {{"/TS"}, "times=true"},
      {{"/FP"}, "full_paths=true"},
      {{"/BYTES"}, "exact_bytes=true"},
      {{"/NS"}, "sizes=false"},
      {{"/NC"}, "classes=false"},
      {{"/NFL"}, "files=false"},
      {{"/NDL"}, "directories=false"},
      {{"/NP"}, ""},
      {{"/ETA"}, "progress=true"},
      {{"/ETA", "/NP"}, ""},
      {{"/LOG:C:/a.log"}, "log=C:/a.log"},
      {{"/LOG+:a"}, "log=a append=true"},
      {{"/LOG"}, "refused"},
      {{"/LOG:"}, "refused"},
      {{"/UNILOG:a"}, "refused"},
      {{"/UNILOG+:a"}, "refused"},
      {{"/TEE"}, "refused"},
      {{"/TEE", "/LOG:a"}, "tee=true log=a"},
      {{"/NJH"}, "header=false"},
      {{"/NJS"}, "summary=false"},
      {{"/UNICODE"}, ""},
      {{"/JOB:a"}, "refused"},
      {{"/SAVE:a"}, "refused"},
      {{"/QUIT"}, "refused"},
      {{"/NOSD"}, "refused"},
      {{"/NODD"}, "refused"},
  };
  return kRows;
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto* part :
       {&copy_rows(), &mode_rows(), &selection_rows(), &class_rows(), &output_rows()}) {
    rows.insert(rows.end(), part->begin(), part->end());
  }
  return rows;
}

std::vector<std::string> output_changes(const RobocopyOutput& output) {
  // A structured binding names every field: one more field, and this does not compile.
  const auto& [files, directories, sizes, classes, header, summary, exact_bytes, full_paths, times,
               skipped, extras, progress, warn_of_junctions, tee, append, log_file] = output;
  std::vector<std::string> lines;
  const auto off = [&](const char* name, bool value) {
    if (!value) lines.push_back(fmt::format("{}=false", name));
  };
  const auto on = [&](const char* name, bool value) {
    if (value) lines.push_back(fmt::format("{}=true", name));
  };
  off("files", files);
  off("directories", directories);
  off("sizes", sizes);
  off("classes", classes);
  off("header", header);
  off("summary", summary);
  on("exact_bytes", exact_bytes);
  on("full_paths", full_paths);
  on("times", times);
  on("skipped", skipped);
  on("extras", extras);
  on("progress", progress);
  off("warn_of_junctions", warn_of_junctions);
  on("tee", tee);
  if (!log_file.empty()) lines.push_back("log=" + log_file);
  on("append", append);
  return lines;
}

base::Result<RobocopyInvocation> parsed(std::vector<std::string> words, MetadataFamily family) {
  words.insert(words.begin(), {"src", "dst"});
  return parse_robocopy(
      words, {.family = family, .exists = [](const std::string&) { return false; }, .now = now()});
}

std::string effect_of(const Row& row) {
  const auto plain = parsed({}, row.family);
  const auto changed = parsed(row.words, row.family);
  if (!plain) return plain.error().message();
  if (!changed) return std::string(kRefused);
  std::vector<std::string> lines =
      changed_lines({.request = plain->request}, {.request = changed->request});
  for (std::string& line : output_changes(changed->output)) lines.push_back(std::move(line));
  return fmt::format("{}", fmt::join(lines, " "));
}

std::string name_of(const Row& row) { return row.words[0].substr(0, row.words[0].find(':')); }

TEST(RobocopyExpectations, EachSwitchHasItsEffectAndNoOther) {
  for (const Row& row : all_rows()) {
    EXPECT_EQ(effect_of(row), row.effect) << fmt::format("{}", fmt::join(row.words, " "));
  }
}

TEST(RobocopyExpectations, WhatRobocopyDoesOtherwiseThanTheNativeCommands) {
  const auto plain = parsed({}, MetadataFamily::kPosix);
  ASSERT_TRUE(plain);
  Request native;
  native.sources = {"src/"};
  native.target = "dst";
  EXPECT_EQ(
      fmt::format("{}",
                  fmt::join(changed_lines({.request = native}, {.request = plain->request}), " ")),
      "leave_mismatched=true filters=2:- /*/ links=1 delete_pruned=false "
      "keep_directory_times=false keep_owner=false keep_group=false "
      "retry_wait_doubles=false");
}

// Not to the hour: how far a place was from UTC has changed since.
TEST(RobocopyExpectations, DatesGoBackTo1900) {
  const std::vector<std::pair<std::string, int>> days_by_date = {
      {"19700102", 20513}, {"19700101", 20514}, {"19691231", 20515}, {"19000101", 46081}};
  for (const auto& [date, days] : days_by_date) {
    const auto result = parsed({"/MAXAGE:" + date}, MetadataFamily::kPosix);
    ASSERT_TRUE(result) << result.error().message();
    const auto hours = std::chrono::duration_cast<std::chrono::hours>(
        result->request.age_max.value_or(std::chrono::nanoseconds(0)));
    EXPECT_NEAR(static_cast<double>(hours.count()), 24.0 * days, 3) << date;
  }
}

TEST(RobocopyExpectations, CaseAndTheCharacterInFrontMakeNoDifference) {
  for (Row row : all_rows()) {
    for (char& c : row.words[0]) {
      if (c == ':') break;
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    row.words[0][0] = '-';
    EXPECT_EQ(effect_of(row), row.effect) << row.words[0];
  }
}

TEST(RobocopyExpectations, ARefusalNamesTheSwitchAndSaysWhy) {
  for (const Row& row : all_rows()) {
    if (row.effect != kRefused) continue;
    const auto result = parsed(row.words, row.family);
    ASSERT_FALSE(result) << row.words[0];
    EXPECT_EQ(result.error().kind, base::ErrorKind::kUsage);
    bool named = false;
    for (const std::string& word : row.words) {
      const std::string name = word.substr(0, word.find(':'));
      named = named || (!name.empty() && result.error().message().find(name) != std::string::npos);
    }
    EXPECT_TRUE(named) << result.error().message();
    EXPECT_GT(result.error().message().size(), name_of(row).size() + 12) << row.words[0];
  }
}

TEST(RobocopyExpectations, EachSwitchOfTheTableHasARow) {
  std::set<std::string> tested;
  for (const Row& row : all_rows()) tested.insert(name_of(row));
  for (const RobocopySwitch& known : robocopy_switches()) {
    EXPECT_TRUE(tested.contains(std::string(known.name))) << known.name;
    EXPECT_EQ(known.apply == nullptr, !known.refusal.empty()) << known.name;
    EXPECT_EQ(known.takes == SwitchValue::kNone, known.value.empty()) << known.name;
    tested.erase(std::string(known.name));
  }
  EXPECT_EQ(tested, std::set<std::string>{}) << "no such switches, or twice in the table";
}

}  // namespace
}  // namespace robosync::cli
