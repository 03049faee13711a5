#include "harness/dataset/names.h"

#include <fmt/format.h>

#include <array>
#include <cstddef>

namespace robosync::parity {
namespace {

// What stands before and after the number. Two patterns must not make one name.
struct Pattern {
  std::string_view before;
  std::string_view after;
};

constexpr std::array<std::string_view, 8> kExtensions{".txt",  ".cc", ".h",   ".md",
                                                      ".json", ".o",  ".png", ""};

constexpr std::array<Pattern, 12> kUnicode{{
    {"gr\u00f6\u00dfe-", ".txt"},                                // composed
    {"gro\u0308\u00dfe-", ".txt"},                               // decomposed
    {"\u0444\u0430\u0439\u043b-", ".txt"},                       // Cyrillic
    {"\u6587\u4ef6-", ".txt"},                                   // Chinese
    {"\u30d5\u30a1\u30a4\u30eb-", ".txt"},                       // Japanese
    {"\ud30c\uc77c-", ".txt"},                                   // Korean, composed
    {"\u0645\u0644\u0641-", ".txt"},                             // Arabic, right to left
    {"\u05e7\u05d5\u05d1\u05e5-", ".txt"},                       // Hebrew
    {"\U0001f600\U0001f469\u200d\U0001f4bb-", ".txt"},           // beyond the basic plane, joined
    {"with spaces and 'quotes' ", " (copy).txt"},                //
    {"\u00e9\u0301\u0327-", ".txt"},                             // stacked marks
    {"\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e\u65e5\u672c\u8a9e-",  // many bytes for few characters
     ".\u30c6\u30ad\u30b9\u30c8"},
}};

constexpr std::array<Pattern, 24> kOdd{{
    {"\xff\xfe-", ""},                // no UTF-8
    {"cut-\xe2\x82-", ""},            // a sequence that ends too soon
    {"overlong-\xc0\xaf-", ""},       // "/" in a form that UTF-8 forbids
    {"surrogate-\xed\xa0\x80-", ""},  // half a UTF-16 pair
    {"latin1-gr\xf6\xdf\x65-", ""},
    {"new\nline-", ""},
    {"carriage\rreturn-", ""},
    {"tab\t-", ""},
    {"bell\a-escape\x1b[31m-", ""},
    {"delete\x7f-", ""},
    {" leading-space-", ""},
    {"trailing-space-", " "},
    {"trailing-dot-", "."},
    {"-dash-", ""},
    {"--option=", ""},
    {"quotes-\"'`-", ""},
    {"back\\slash-", ""},
    {"*?[glob]-", ""},
    {"$(shell);|&<>-", ""},
    {"stream:", ":$DATA"},
    {"CASE-", ""},
    {"case-", ""},
    {"CON.", ""},  // a device on Windows, whatever follows the dot
    {"%41#fragment-", "~"},
}};

}  // namespace

std::string file_name(NameStyle style, std::uint64_t number) {
  if (style == NameStyle::kPlain)
    return fmt::format("file-{:06}{}", number, kExtensions[number % kExtensions.size()]);
  if (style == NameStyle::kUnicode) {
    const Pattern& pattern = kUnicode[number % kUnicode.size()];
    return fmt::format("{}{:04}{}", pattern.before, number / kUnicode.size(), pattern.after);
  }
  const std::uint64_t kinds = kOdd.size() + 1;
  const std::uint64_t round = number / kinds;
  if (number % kinds == kOdd.size())
    return fmt::format("{:x<{}}", fmt::format("longest-{:04}-", round), kNameBytesMax);
  const Pattern& pattern = kOdd[number % kinds];
  return fmt::format("{}{:04}{}", pattern.before, round, pattern.after);
}

std::string directory_name(NameStyle style, std::string_view stem, std::uint64_t number) {
  if (style == NameStyle::kUnicode) return fmt::format("\u8cc7\u6599-{}-{:03}", stem, number);
  if (style == NameStyle::kOddBytes) return fmt::format("\xfe \n-{}-{:03}", stem, number);
  return fmt::format("{}-{:03}", stem, number);
}

}  // namespace robosync::parity
