#include "engine/tree/windows_name.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>

#include "engine/base/case_folding.h"
#include "engine/base/encoding.h"
#include "engine/base/wide_text.h"
#include "engine/tree/rel_path.h"

namespace robosync::tree {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

constexpr std::string_view kForbidden = "<>:\"/\\|?*";

// Characters, of which a lone surrogate is one, in the first `bytes` bytes.
std::size_t characters_in(std::string_view name, std::size_t bytes) {
  const auto begins = [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(name.substr(0, bytes), begins));
}

std::string shown(char c) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  const auto byte = static_cast<unsigned char>(c);
  if (byte >= 0x20 && byte < 0x7F) return std::string("'") + c + "'";
  return std::string("byte 0x") + kDigits[byte >> 4U] + kDigits[byte & 0xFU];
}

std::unexpected<base::Error> illegal(std::string_view name, std::size_t at, const char* why) {
  return fail(make_error(ErrorKind::kInvalid,
                         "illegal name on Windows: " + shown(name[at]) + " at position " +
                             std::to_string(characters_in(name, at) + 1) + why));
}

// "COM1" of "com1 .txt"; the superscripts 1, 2 and 3 count as digits.
bool is_device(std::string_view name) {
  std::string stem(name.substr(0, name.find('.')));
  while (stem.ends_with(' ')) stem.pop_back();
  std::ranges::transform(stem, stem.begin(), base::ascii_upper);
  static constexpr std::array<std::string_view, 6> kDevices = {"CON", "PRN",    "AUX",
                                                               "NUL", "CONIN$", "CONOUT$"};
  if (std::ranges::find(kDevices, stem) != kDevices.end()) return true;
  if (!stem.starts_with("COM") && !stem.starts_with("LPT")) return false;
  const std::string_view number = std::string_view(stem).substr(3);
  if (number.size() == 1) return number[0] >= '1' && number[0] <= '9';
  return number == "\xC2\xB9" || number == "\xC2\xB2" || number == "\xC2\xB3";
}

Result<void> validate_units(std::string_view name) {
  const base::Utf16Text wide = base::utf16_of(name);
  if (wide.valid_bytes < name.size()) return illegal(name, wide.valid_bytes, " is not UTF-8");
  if (wide.text.size() > kWindowsNameUnitsMax) {
    return fail(make_error(ErrorKind::kLimit, "name longer than 255 UTF-16 units"));
  }
  return {};
}

}  // namespace

Result<void> validate_windows_characters(std::string_view name) {
  for (std::size_t at = 0; at < name.size(); ++at) {
    const auto byte = static_cast<unsigned char>(name[at]);
    if (byte < 0x20 || kForbidden.find(name[at]) != std::string_view::npos) {
      return illegal(name, at, "");
    }
  }
  return validate_units(name);
}

Result<void> validate_stream_name(std::string_view name) {
  if (name.empty()) return fail(make_error(ErrorKind::kInvalid, "a stream without a name"));
  const std::size_t at = name.find_first_of(std::string_view("\\/:\0", 4));
  if (at != std::string_view::npos) return illegal(name, at, "");
  return validate_units(name);
}

Result<void> validate_windows_name(std::string_view name) {
  ROBOSYNC_TRY(validate_windows_characters(name));
  if (name.ends_with('.') || name.ends_with(' ')) {
    return illegal(name, name.size() - 1, ", the end");
  }
  if (!is_device(name)) return {};
  return fail(make_error(ErrorKind::kInvalid,
                         "illegal name on Windows: '" + std::string(name) + "' means a device"));
}

bool may_be_windows_alias(std::string_view name) {
  constexpr std::size_t kAliasUnitsMax = 12;
  return name.find('~') != std::string_view::npos &&
         base::utf16_of(name).text.size() <= kAliasUnitsMax;
}

namespace {

// What stands for bytes: U+F000 to U+F0FF, 0xEF 0x80 0x80 to 0xEF 0x83 0xBF.
constexpr std::size_t kStandInBytes = 3;

unsigned char byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

bool is_stand_in(std::string_view text, std::size_t at) {
  return at + kStandInBytes <= text.size() && byte_at(text, at) == 0xEF &&
         (byte_at(text, at + 1) & 0xFCU) == 0x80 && (byte_at(text, at + 2) & 0xC0U) == 0x80;
}

void add_stand_in(std::string& out, unsigned char byte) {
  out += '\xEF';
  out += static_cast<char>(0x80U | (byte >> 6U));
  out += static_cast<char>(0x80U | (byte & 0x3FU));
}

// How many bytes from `at` on need stand-ins, one after the other.
std::size_t illegal_bytes(std::string_view name, std::size_t at, bool is_device_name) {
  if (is_stand_in(name, at)) return kStandInBytes;
  const unsigned char byte = byte_at(name, at);
  if (byte < 0x20 || kForbidden.find(name[at]) != std::string_view::npos) return 1;
  if (at == 0 && is_device_name) return 1;
  if (at + 1 == name.size() && (byte == '.' || byte == ' ')) return 1;
  return 0;
}

}  // namespace

bool is_below_windows_link(std::string_view target) {
  constexpr std::string_view kSlashes = "/\\";
  if (target.empty() || kSlashes.contains(target.front()) || target.contains(':')) return false;
  for (std::size_t begin = 0; begin < target.size();) {
    const std::size_t end = std::min(target.find_first_of(kSlashes, begin), target.size());
    if (target.substr(begin, end - begin) == "..") return false;
    begin = end + 1;
  }
  return true;
}

std::string mapped_windows_name(std::string_view name, StandIns stand_ins) {
  const bool device = is_device(name);
  std::string out;
  std::size_t valid_until = 0;
  for (std::size_t at = 0; at < name.size();) {
    if (at >= valid_until) valid_until = at + base::utf16_of(name.substr(at)).valid_bytes;
    if (stand_ins == StandIns::kKeep && is_stand_in(name, at)) {
      out += name.substr(at, kStandInBytes);
      at += kStandInBytes;
      continue;
    }
    std::size_t illegal = illegal_bytes(name, at, device);
    if (at >= valid_until) illegal = std::max<std::size_t>(illegal, 1);
    if (illegal == 0) {
      out += name[at++];
      continue;
    }
    for (; illegal > 0; --illegal) add_stand_in(out, byte_at(name, at++));
  }
  return validate_component(out) && validate_windows_name(out) ? out : std::string(name);
}

std::string unmapped_windows_name(std::string_view name) {
  std::string out;
  for (std::size_t at = 0; at < name.size();) {
    if (!is_stand_in(name, at)) {
      out += name[at++];
      continue;
    }
    const unsigned high = byte_at(name, at + 1);
    out += static_cast<char>((high << 6U) | (byte_at(name, at + 2) & 0x3FU));
    at += kStandInBytes;
  }
  return validate_component(out) && mapped_windows_name(out) == name ? out : std::string(name);
}

}  // namespace robosync::tree
