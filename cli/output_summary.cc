#include "cli/output_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/error_text.h"
#include "cli/output_counters.h"
#include "cli/output_names.h"
#include "cli/output_units.h"

namespace robosync::cli {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string aligned(const Rows& rows) {
  std::size_t width = 0;
  for (const auto& [label, value] : rows) width = std::max(width, label.size());
  std::string text;
  for (const auto& [label, value] : rows) {
    text += fmt::format("{:<{}}  {}\n", label, width, value);
  }
  return text;
}

bool selects(const Request& request) {
  return !request.filters.empty() || request.files_from || request.size_min || request.size_max ||
         request.age_min || request.age_max || request.links == LinkPolicy::kSkip;
}

// The counters that are never left out, zero or not.
bool always_shown(Verb verb, std::string_view name) {
  if (name == "scanned") return true;
  if (verb == Verb::kVerify) return false;
  return name == "created" || name == "updated" || (name == "deleted" && verb == Verb::kMirror);
}

Rows short_rows(Verb verb, const Counters& counters) {
  Rows rows;
  for (const KindCounter& counter : kind_counters()) {
    const Counters::ByKind& kinds = counters.*counter.field;
    if (kinds.total() == 0 && !always_shown(verb, counter.name)) continue;
    std::string words = kinds_in_words(kinds);
    if (counter.name == "scanned" && kinds.files > 0) {
      words += "; " + human_bytes(counters.source_bytes);
    }
    rows.emplace_back(counter.label, words);
  }
  for (const PlainCounter& counter : plain_counters()) {
    if (counter.unit == CounterUnit::kBytes || counter.name == "cloned_files") break;
    const std::uint64_t count = counters.*counter.field;
    if (count > 0) rows.emplace_back(counter.label, human_count(count));
  }
  return rows;
}

std::string kinds_in_full(const Counters::ByKind& kinds) {
  return fmt::format("{} (files {}, directories {}, links {}, others {})",
                     human_count(kinds.total()), human_count(kinds.files),
                     human_count(kinds.directories), human_count(kinds.symlinks),
                     human_count(kinds.others));
}

Rows all_rows(const Counters& counters) {
  Rows rows;
  for (const KindCounter& counter : kind_counters()) {
    rows.emplace_back(counter.label, kinds_in_full(counters.*counter.field));
  }
  for (const PlainCounter& counter : plain_counters()) {
    const std::uint64_t value = counters.*counter.field;
    std::string text = human_count(value);
    if (counter.unit == CounterUnit::kBytes) text += value == 1 ? " byte" : " bytes";
    rows.emplace_back(counter.label, std::move(text));
  }
  return rows;
}

// What the counters mean when they are mostly zero; empty when they speak for themselves.
std::string remark(const Request& request, const Report& report) {
  if (report.outcome != Outcome::kOk && report.outcome != Outcome::kDifferent) return {};
  const Counters& c = report.counters;
  const bool nothing_found =
      c.scanned.files + c.scanned.symlinks + c.scanned.others == 0 && c.scanned.directories <= 1;
  if (nothing_found) return selects(request) ? "nothing matched" : "the source is empty";
  if (request.verb == Verb::kVerify) {
    if (report.outcome == Outcome::kOk && c.skipped.total() > 0) {
      return "no difference found in what was compared; left out as asked: " +
             kinds_in_words(c.skipped);
    }
    if (report.outcome == Outcome::kOk) return "no difference found";
    // What copy calls TARGET is one level above what it makes of a SOURCE without a slash.
    const bool no_slash = !request.sources.empty() && !request.sources.front().ends_with('/');
    const bool nothing_there = c.only_source == c.scanned.total() && no_slash;
    return nothing_there ? "source and target differ: nothing of the source is in the target; end "
                           "SOURCE with / to compare what is in it"
                         : "source and target differ";
  }
  const std::uint64_t changes = c.created.total() + c.updated.total() + c.metadata_updated.total() +
                                c.linked.total() + c.deleted.total() + c.removed_from_source;
  return changes == 0 && c.skipped.total() == 0 ? "up to date" : "";
}

std::string last_line(Verb verb, const Report& report) {
  const Counters& counters = report.counters;
  std::string line = "read " + human_bytes(counters.read_bytes);
  if (verb != Verb::kVerify) {
    line += fmt::format(", wrote {}, cloned {}", human_bytes(counters.written_bytes),
                        human_bytes(counters.cloned_bytes));
  }
  line += " in " + human_duration(report.elapsed);
  const double rate = rate_of(verb, report);
  if (rate >= 1) line += " (" + human_rate(rate) + ")";
  return line;
}

std::string guarded_text(const RunEnd& end) {
  if (end.declined) return "nothing was deleted: you did not confirm it";
  const DeleteLimit& limit = end.request.delete_limit;
  if (limit.count || limit.percent) {
    return "nothing was deleted: more would go than --max-delete allows";
  }
  return "nothing was deleted: a guard against deleting too much stopped it";
}

std::string_view what_of_the_rest(Verb verb, const Counters& counters) {
  if (verb != Verb::kVerify) return "the rest was done";
  return counters.differences() == 0 ? "the rest was compared, without a difference"
                                     : "the rest was compared, and differs";
}

}  // namespace

double rate_of(Verb verb, const Report& report) {
  const double seconds = std::chrono::duration<double>(report.elapsed).count();
  if (seconds <= 0) return 0;
  const Counters& counters = report.counters;
  const std::uint64_t bytes =
      verb == Verb::kVerify ? counters.read_bytes : counters.transferred_bytes;
  return static_cast<double>(bytes) / seconds;
}

std::string summary_text(const RunEnd& end, Detail detail) {
  const Report& report = *end.result;
  const Verb verb = end.request.verb;
  std::string text = aligned(detail == Detail::kAll ? all_rows(report.counters)
                                                    : short_rows(verb, report.counters));
  text += last_line(verb, report) + "\n";
  const std::string closing = remark(end.request, report);
  if (!closing.empty()) text += closing + "\n";
  if (end.request.dry_run) text += "(dry run) nothing was changed\n";
  return text;
}

std::vector<std::string> trouble_lines(const RunEnd& end) {
  if (!end.result) return {error_text(end.result.error())};
  const Report& report = *end.result;
  std::vector<std::string> lines;
  if (report.fatal) lines.push_back("stopped: " + error_text(*report.fatal));
  if (report.outcome == Outcome::kPartial) {
    lines.push_back(fmt::format("{}; {}", counted(report.problem_count, "problem", "problems"),
                                what_of_the_rest(end.request.verb, report.counters)));
  }
  if (report.outcome == Outcome::kVanished) {
    lines.emplace_back("some entries vanished from the source while it was read");
  }
  if (report.outcome == Outcome::kGuarded) lines.push_back(guarded_text(end));
  if (report.deletions_withheld && report.outcome != Outcome::kGuarded) {
    lines.emplace_back("nothing was deleted: the source could not be read completely");
  }
  if (report.outcome == Outcome::kCancelled) {
    lines.emplace_back(end.request.in_place
                           ? "interrupted: run again to go on"
                           : "interrupted: what is in place is complete; run again to go on");
  }
  return lines;
}

}  // namespace robosync::cli
