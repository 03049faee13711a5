#include "engine/tree/staging_name.h"

#include <algorithm>

#include "engine/base/digest.h"

namespace robosync::tree {
namespace {

constexpr std::string_view kPrefix = ".robosync-";
constexpr std::size_t kDigits = 16;
constexpr std::string_view kAsideSuffix = ".old";

}  // namespace

std::string staging_name(std::uint64_t number) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string name(kPrefix);
  for (int shift = 60; shift >= 0; shift -= 4) name += kHex[(number >> shift) & 15U];
  return name;
}

std::string aside_name(std::uint64_t number) {
  return staging_name(number) + std::string(kAsideSuffix);
}

bool is_aside_name(std::string_view name) {
  return name.ends_with(kAsideSuffix) && is_staging_name(name);
}

bool is_staging_name(std::string_view name) {
  if (name.ends_with(kAsideSuffix)) name.remove_suffix(kAsideSuffix.size());
  if (name.size() != kPrefix.size() + kDigits || !name.starts_with(kPrefix)) return false;
  return std::all_of(name.begin() + kPrefix.size(), name.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

std::string partial_name(std::string_view name) { return staging_name(base::hash64(name)); }

}  // namespace robosync::tree
