// The mechanical house rules of docs/style.md, each a pure function over one file.
//
// A rule takes a Source (path and text) and returns what it found; it reads nothing else, so that
// tidy_test.cc can show each rule a good and a bad snippet before it walks the repository. The
// rules read text, not syntax trees: they are meant to be simple and to err on the side of silence.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace robosync::ci {

inline constexpr std::size_t kFileLinesMax = 500;
inline constexpr std::size_t kFunctionLinesMax = 70;

// One file. `path` is relative to the repository and `/`-separated.
struct Source {
  std::string path;
  std::string text;
};

struct Finding {
  std::size_t line = 0;  // from 1; 0 when the whole file is meant
  std::string message;
};

using Findings = std::vector<Finding>;

// Where a path belongs: "base", "fs", ..., "engine" for engine/*.cc, "cli", "tests", "ci"; empty
// for anything that is not code of ours.
[[nodiscard]] std::string layer_of(std::string_view path);

// The shell pattern language of skips.txt: `*` and `?`.
[[nodiscard]] bool matches_pattern(std::string_view pattern, std::string_view name);

// The first word of every line that is not a comment.
[[nodiscard]] std::vector<std::string> listed_patterns(std::string_view list);

// Includes of ours name a file from the repository's root and go down the order of the layers only.
[[nodiscard]] Findings check_include_direction(const Source& source);

// Other people's headers and the system's stand only where the design puts them.
[[nodiscard]] Findings check_foreign_includes(const Source& source);

// tree, plan and wire: no file system, thread, clock or environment.
[[nodiscard]] Findings check_purity(const Source& source);

// Platform conditions stand in engine/base only; elsewhere a difference is a suffixed file.
[[nodiscard]] Findings check_platform_conditions(const Source& source);

// Words that say nothing ("util") name no file, and names are snake_case.
[[nodiscard]] Findings check_file_name(const Source& source);

// Archived reports, which nobody writes by hand, may have any length.
[[nodiscard]] Findings check_file_length(const Source& source);
[[nodiscard]] Findings check_function_length(const Source& source);

// No tabs, no trailing blanks, one line feed at the end.
[[nodiscard]] Findings check_whitespace(const Source& source);

// A header opens with a comment that tells what it is, then `#pragma once`.
[[nodiscard]] Findings check_header_opening(const Source& source);

// A function declared in a header that returns a Result is [[nodiscard]].
[[nodiscard]] Findings check_nodiscard(const Source& source);

// No disabled test, no `#if 0`, no code in comments.
[[nodiscard]] Findings check_disabled_code(const Source& source);

// A test that may skip is listed; `patterns` are those of all platforms' lists.
[[nodiscard]] Findings check_skips(const Source& source, const std::vector<std::string>& patterns);

}  // namespace robosync::ci
