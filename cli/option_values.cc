#include "cli/option_values.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "engine/base/case_folding.h"

namespace robosync::cli {
namespace {

base::Error usage(std::string message) {
  return base::make_error(base::ErrorKind::kUsage, std::move(message));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A number as written: the whole part exactly, the fraction apart, so that no large whole number
// loses digits.
struct Decimal {
  std::uint64_t whole = 0;
  double fraction = 0;
};

// Takes the number off the front of `rest`; nothing when there is none or it is out of range.
std::optional<Decimal> take_decimal(std::string_view& rest) {
  Decimal number;
  std::size_t i = 0;
  bool any = false;
  for (; i < rest.size() && is_digit(rest[i]); ++i) {
    const auto digit = static_cast<std::uint64_t>(rest[i] - '0');
    if (number.whole > (std::numeric_limits<std::uint64_t>::max() - digit) / 10) return {};
    number.whole = number.whole * 10 + digit;
    any = true;
  }
  if (i < rest.size() && rest[i] == '.') {
    double place = 0.1;
    for (++i; i < rest.size() && is_digit(rest[i]); ++i, place /= 10) {
      number.fraction += place * (rest[i] - '0');
      any = true;
    }
  }
  if (!any) return {};
  rest.remove_prefix(i);
  return number;
}

// number * unit, or nothing when that is more than `max`.
std::optional<std::uint64_t> scaled(Decimal number, std::uint64_t unit, std::uint64_t max) {
  const double extra = std::round(number.fraction * static_cast<double>(unit));
  if (extra >= static_cast<double>(max)) return {};
  const auto rest = static_cast<std::uint64_t>(extra);
  if (unit != 0 && number.whole > (max - rest) / unit) return {};
  return number.whole * unit + rest;
}

// The bytes that a suffix stands for ("", "k", "KiB", "mb"), or nothing.
std::optional<std::uint64_t> size_unit(std::string_view suffix, std::uint64_t default_unit) {
  if (suffix.empty()) return default_unit;
  std::string name;
  for (const char c : suffix) name += base::ascii_lower(c);
  if (name == "b") return 1;
  const std::size_t power = std::string_view("kmgtp").find(name.front());
  if (power == std::string_view::npos) return {};
  const std::string_view rest = std::string_view(name).substr(1);
  std::uint64_t base = 0;
  if (rest.empty() || rest == "ib") base = 1024;
  if (rest == "b") base = 1000;
  if (base == 0) return {};
  std::uint64_t unit = base;
  for (std::size_t i = 0; i < power; ++i) unit *= base;
  return unit;
}

constexpr auto kNanosecondsMax =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());

base::Result<std::chrono::nanoseconds> parse_time(std::string_view text, std::string_view units,
                                                  std::string_view accepted) {
  constexpr std::array<std::uint64_t, 5> kSeconds = {1, 60, 3600, 86400, 604800};
  std::string_view rest = text;
  const auto number = take_decimal(rest);
  std::uint64_t seconds = 1;
  bool valid = number.has_value() && rest.size() <= 1;
  if (valid && !rest.empty()) {
    const std::size_t index = units.find(base::ascii_lower(rest.front()));
    valid = index != std::string_view::npos;
    if (valid) seconds = kSeconds.at(index);
  }
  if (!valid) return base::fail(usage(fmt::format("'{}' is not {}", text, accepted)));
  const auto total = scaled(*number, seconds * 1'000'000'000, kNanosecondsMax);
  if (!total) return base::fail(usage(fmt::format("'{}' is too long a time", text)));
  return std::chrono::nanoseconds(static_cast<std::int64_t>(*total));
}

}  // namespace

base::Result<std::uint64_t> parse_size(std::string_view text, std::uint64_t unit_bytes) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  std::string_view rest = text;
  const auto number = take_decimal(rest);
  int offset = 0;
  if (rest.ends_with("+1")) offset = 1;
  if (rest.ends_with("-1")) offset = -1;
  if (offset != 0) rest.remove_suffix(2);
  const auto unit = size_unit(rest, unit_bytes);
  if (!number || !unit) {
    return base::fail(
        usage(fmt::format("'{}' is not a size (such as 100, 64K, 1.5GiB or 2MB)", text)));
  }
  const auto bytes = scaled(*number, *unit, kMax);
  if (!bytes || (offset > 0 && *bytes == kMax)) {
    return base::fail(usage(fmt::format("'{}' is too large", text)));
  }
  if (offset < 0 && *bytes == 0) {
    return base::fail(usage(fmt::format("'{}' is less than nothing", text)));
  }
  if (offset < 0) return *bytes - 1;
  return offset > 0 ? *bytes + 1 : *bytes;
}

base::Result<std::uint64_t> parse_rate(std::string_view text) {
  ROBOSYNC_ASSIGN(const std::uint64_t rate, parse_size(text, 1024));
  if (rate == 0 && text.find_first_of("123456789") != std::string_view::npos) {
    return base::fail(usage(fmt::format("'{}' is less than one byte per second", text)));
  }
  return rate;
}

base::Result<std::chrono::nanoseconds> parse_age(std::string_view text) {
  return parse_time(text, "smhdw", "an age (a number of s, m, h, d or w, such as 90s or 2w)");
}

base::Result<std::chrono::nanoseconds> parse_seconds(std::string_view text) {
  return parse_time(text, "", "a number of seconds (such as 2 or 0.1)");
}

base::Result<std::uint64_t> parse_count(std::string_view text, std::uint64_t max) {
  std::string_view rest = text;
  const auto number = take_decimal(rest);
  if (!number || !rest.empty() || text.find('.') != std::string_view::npos || number->whole > max) {
    return base::fail(usage(fmt::format("'{}' is not a whole number from 0 to {}", text, max)));
  }
  return number->whole;
}

base::Result<DeleteLimit> parse_delete_limit(std::string_view text) {
  constexpr std::string_view kAccepted = "a number of entries or a percentage (such as 100 or 10%)";
  DeleteLimit limit;
  if (text.ends_with('%')) {
    std::string_view rest = text.substr(0, text.size() - 1);
    const auto number = take_decimal(rest);
    const double percent = number ? static_cast<double>(number->whole) + number->fraction : -1.0;
    if (!number || !rest.empty() || percent > 100) {
      return base::fail(usage(fmt::format("'{}' is not {}", text, kAccepted)));
    }
    limit.percent = percent;
    return limit;
  }
  const auto count = parse_count(text, std::numeric_limits<std::uint64_t>::max());
  if (!count) return base::fail(usage(fmt::format("'{}' is not {}", text, kAccepted)));
  limit.count = *count;
  return limit;
}

}  // namespace robosync::cli
