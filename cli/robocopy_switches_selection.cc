// Switches about which files are looked at: names, classes, sizes, ages, links.
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <limits>

#include "cli/option_values.h"
#include "cli/robocopy_switch_effects.h"
#include "cli/robocopy_switches.h"

namespace robosync::cli {
namespace {

using enum SwitchValue;
using Age = std::chrono::nanoseconds;

constexpr std::uint64_t kDaysMax = 1899;  // from 1900 on it is a date

// The time from the midnight, local time, that begins `date` (YYYYMMDD) until `now`.
base::Result<Age> age_of_date(std::uint64_t date, std::chrono::system_clock::time_point now) {
  using namespace std::chrono;
  const year_month_day asked{year(static_cast<int>(date / 10000)),
                             month(static_cast<unsigned>(date / 100 % 100)),
                             day(static_cast<unsigned>(date % 100))};
  // Not every system knows midnights before 1970: those were as far from UTC's as the first of
  // them.
  const sys_days known = std::max(sys_days(asked), sys_days(1970y / January / 2));
  const year_month_day of_known(known);
  std::tm midnight{};
  midnight.tm_year = static_cast<int>(of_known.year()) - 1900;
  midnight.tm_mon = static_cast<int>(static_cast<unsigned>(of_known.month())) - 1;
  midnight.tm_mday = static_cast<int>(static_cast<unsigned>(of_known.day()));
  midnight.tm_isdst = -1;
  const std::time_t seconds_since_1970 = std::mktime(&midnight);
  if (date < 19000101 || !asked.ok() || seconds_since_1970 == std::time_t{-1}) {
    return base::fail(
        usage(fmt::format("'{}' is neither a number of days below 1900 nor a date "
                          "YYYYMMDD",
                          date)));
  }
  const sys_seconds at = sys_seconds(seconds(seconds_since_1970)) - (known - sys_days(asked));
  if (at > floor<seconds>(now)) {
    return base::fail(usage(fmt::format("'{}' lies in the future", date)));
  }
  return now - at;
}

base::Result<Age> parse_robocopy_age(const std::string& value, const RobocopyDraft& draft) {
  ROBOSYNC_ASSIGN(const std::uint64_t number, parse_count(value, 99991231));
  if (number > kDaysMax) return age_of_date(number, draft.now);
  return Age(std::chrono::hours(24 * number));
}

std::vector<RobocopySwitch> name_switches() {
  return {
      {"/XF", kList, "name...", "leave out files of these names, patterns or paths", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         draft.selection.excluded_files.push_back(value);
         return {};
       }},
      {"/XD", kList, "name...", "leave out directories of these names, patterns or paths", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         draft.selection.excluded_directories.push_back(value);
         return {};
       }},
      {"/IF", kList, "name...", "more FILE names and patterns", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         draft.selection.files.push_back(value);
         return {};
       }},
  };
}

// Which files, by their attributes of Windows.
std::vector<RobocopySwitch> attribute_switches() {
  return {
      {"/A", kNone, "", "copy only files with the archive attribute", "",
       set<&RobocopyDraft::archive_only>},
      {"/M", kNone, "", "like /A, and take the attribute from what was copied", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.archive_only = draft.request.reset_archive = true;
         return {};
       }},
      {"/IA", kNeeded, "RASHCNETO", "copy only files with one of the attributes", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.request.attributes_any, tree::parse_windows_attributes(value));
         return {};
       }},
      {"/XA", kNeeded, "RASHCNETO", "leave out files with one of the attributes", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.request.attributes_none, tree::parse_windows_attributes(value));
         return {};
       }},
  };
}

std::vector<RobocopySwitch> class_switches() {
  return {
      {"/XO", kNone, "", "leave out files that are newer at the target", "",
       set<&RobocopyDraft::skip_older>},
      {"/XC", kNone, "", "leave out files of the same time and another size", "",
       set<&RobocopyDraft::skip_changed>},
      {"/XN", kNone, "", "leave out files that are older at the target", "",
       set<&RobocopyDraft::skip_newer>},
      {"/XX", kNone, "", "leave alone what only the target has", "",
       set<&RobocopyDraft::keep_extras>},
      {"/XL", kNone, "", "leave out what only the source has", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.existing_only = true;
         return {};
       }},
      {"/IS", kNone, "", "copy files that are the same, too", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.comparison = Comparison::kAlways;
         return {};
       }},
      {"/IT", kNone, "", "bring files up to date of which only metadata differs; the default", "",
       set<&RobocopyDraft::include_tweaked>},
      {"/XJ", kNone, "", "leave out symbolic links and junctions", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.skip_file_links = draft.skip_directory_links = true;
         return {};
       }},
      {"/XJF", kNone, "", "leave out symbolic links to files", "",
       set<&RobocopyDraft::skip_file_links>},
      {"/XJD", kNone, "", "leave out symbolic links to directories", "",
       set<&RobocopyDraft::skip_directory_links>},
  };
}

std::vector<RobocopySwitch> bound_switches() {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  return {
      {"/MAX", kNeeded, "bytes", "leave out larger files", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.request.size_max, parse_count(value, kMax));
         return {};
       }},
      {"/MIN", kNeeded, "bytes", "leave out smaller files", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.request.size_min, parse_count(value, kMax));
         return {};
       }},
      {"/MAXAGE", kNeeded, "days|date", "leave out files older than that (date: YYYYMMDD)", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.request.age_max, parse_robocopy_age(value, draft));
         return {};
       }},
      {"/MINAGE", kNeeded, "days|date", "leave out files newer than that (date: YYYYMMDD)", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.request.age_min, parse_robocopy_age(value, draft));
         return {};
       }},
      {"/FFT", kNone, "", "times that differ by up to 2 seconds are equal (FAT)", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.modify_window_ns = 2'000'000'000;
         return {};
       }},
      {"/DST", kNone, "", "times exactly an hour apart are equal (summer time)", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.ignore_one_hour = true;
         return {};
       }},
  };
}

}  // namespace

std::vector<RobocopySwitch> robocopy_selection_switches() {
  std::vector<RobocopySwitch> table = name_switches();
  for (const auto& part : {attribute_switches(), class_switches(), bound_switches()}) {
    table.insert(table.end(), part.begin(), part.end());
  }
  return table;
}

}  // namespace robosync::cli
