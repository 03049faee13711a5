#include "engine/daemon/log.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iterator>

namespace robosync::daemon {
namespace {

constexpr std::array<std::string_view, 4> kLevelNames = {"error", "warning", "info", "debug"};
constexpr std::array<int, 4> kJournalLevels = {3, 4, 6, 7};

std::string utc_now() {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

// log_clean() leaves nothing but printable ASCII, so these two are all that JSON asks for.
std::string json_string(std::string_view text) {
  std::string out = "\"";
  for (const char byte : log_clean(text)) {
    if (byte == '"' || byte == '\\') out += '\\';
    out += byte;
  }
  return out + '"';
}

// key=value, quoted where a reader could not tell where it ends.
std::string text_value(std::string_view text) {
  std::string clean = log_clean(text);
  if (!clean.empty() && clean.find_first_of(" \"=") == std::string::npos) return clean;
  std::string out = "\"";
  for (const char byte : clean) out += byte == '"' ? '\'' : byte;
  return out + '"';
}

}  // namespace

std::string log_clean(std::string_view text) {
  std::string out;
  for (const char byte : text.substr(0, kLogValueBytesMax)) {
    const auto code = static_cast<unsigned char>(byte);
    if (code < 0x20 || code > 0x7e || byte == '\\') {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", code);
    } else {
      out += byte;
    }
  }
  if (text.size() > kLogValueBytesMax) out += "...";
  return out;
}

void Log::write(LogLevel level, std::string_view message,
                std::initializer_list<LogField> fields) const {
  if (level > level_) return;
  const auto index = static_cast<std::size_t>(level);
  std::string line;
  if (prefix_ == Prefix::kJournal) line = fmt::format("<{}>", kJournalLevels.at(index));
  if (format_ == LogFormat::kJson) {
    line += fmt::format(R"({{"time":"{}","level":"{}","message":{})", utc_now(),
                        kLevelNames.at(index), json_string(message));
    for (const LogField& field : fields) {
      line += fmt::format(R"(,"{}":{})", field.key, json_string(field.value));
    }
    line += '}';
  } else {
    if (prefix_ == Prefix::kTime) line += utc_now() + ' ';
    line += fmt::format("{}: {}", kLevelNames.at(index), log_clean(message));
    for (const LogField& field : fields) {
      line += fmt::format(" {}={}", field.key, text_value(field.value));
    }
  }
  line += '\n';
  sink_(line);
}

}  // namespace robosync::daemon
