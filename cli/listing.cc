#include "cli/listing.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/output_names.h"
#include "engine/base/encoding.h"

namespace robosync::cli {
namespace {

char letter_of(tree::Kind kind) {
  switch (kind) {
    case tree::Kind::kDirectory:
      return 'd';
    case tree::Kind::kSymlink:
      return 'l';
    case tree::Kind::kFifo:
      return 'p';
    case tree::Kind::kSocket:
      return 's';
    case tree::Kind::kCharDevice:
      return 'c';
    case tree::Kind::kBlockDevice:
      return 'b';
    default:
      return '-';
  }
}

std::string permissions(const tree::Metadata& metadata) {
  std::string text(1, letter_of(metadata.kind));
  for (int shift = 6; shift >= 0; shift -= 3) {
    const std::uint32_t bits = metadata.mode >> static_cast<unsigned>(shift);
    text += (bits & 4U) != 0 ? 'r' : '-';
    text += (bits & 2U) != 0 ? 'w' : '-';
    text += (bits & 1U) != 0 ? 'x' : '-';
  }
  return text;
}

// UTC: a listing of another machine has no local time.
std::string time_text(const tree::Time& time) {
  const std::chrono::sys_seconds seconds{std::chrono::seconds(time.seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(seconds);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(seconds - day);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string name_text(const tree::Entry& entry) {
  std::string text = printable(entry.name);
  if (entry.metadata.is_directory()) text += '/';
  if (entry.metadata.is_symlink()) text += " -> " + printable(entry.link_target);
  return text;
}

std::string json_line(const tree::Entry& entry) {
  nlohmann::ordered_json line;
  line["message_type"] = "entry";
  if (base::is_utf8(entry.name)) {
    line["path"] = entry.name;
  } else {
    line["path_base64"] = base::base64(entry.name);
  }
  line["kind"] = tree::to_string(entry.metadata.kind);
  line["size_bytes"] = entry.metadata.size;
  line["mtime_seconds"] = entry.metadata.mtime.seconds;
  line["mtime_nanoseconds"] = entry.metadata.mtime.nanoseconds;
  line["mode"] = entry.metadata.mode;
  return line.dump() + "\n";
}

}  // namespace

std::string listing_text(const std::vector<tree::Entry>& entries, ListingForm form) {
  std::string text;
  for (const tree::Entry& entry : entries) {
    if (form == ListingForm::kJson) {
      text += json_line(entry);
      continue;
    }
    if (form == ListingForm::kLong) {
      text += fmt::format("{} {:>14} {} ", permissions(entry.metadata), entry.metadata.size,
                          time_text(entry.metadata.mtime));
    }
    text += name_text(entry) + "\n";
  }
  return text;
}

}  // namespace robosync::cli
