// robocopy's selection of files and directories (FILE, /XF, /XD, depth), as filter rules.
//
// robocopy compares each name with patterns of * and ?; a word with a separator is a path. The
// rules hold for both sides: what is left out of the copy is not deleted at the target either.
//
// Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/tree/filter.h"

namespace robosync::cli {

// Deeper than any path can be: a name and a separator take two bytes of 4096.
inline constexpr unsigned kLevelsMax = 2000;

struct RobocopySelection {
  std::vector<std::string> files;  // FILE and /IF; empty: all
  std::vector<std::string> excluded_files;
  std::vector<std::string> excluded_directories;
  unsigned levels = 0;  // 1 is the top directory alone, 0 all
};

struct RobocopyPlaces {
  std::string source;  // absolute and normal, with '/' between names and none at the end
  std::string target;  // likewise
  tree::NameCase name_case = tree::NameCase::kSensitive;
};

struct RobocopyRules {
  std::vector<tree::FilterArgument> filters;  // in the order in which they decide
  std::vector<std::string> warnings;          // of words that leave out nothing
};

// Fails with kUsage for a word that is no name,
// pattern or path, and for one that names the source itself.
[[nodiscard]] base::Result<RobocopyRules> robocopy_filters(const RobocopySelection& selection,
                                                           const RobocopyPlaces& places);

// `path` made absolute (relative ones start at `base`, or in the current directory when that is
// empty) and normal, in the form of RobocopyPlaces. Asks the system for the current directory only.
[[nodiscard]] std::string absolute_place(const std::string& path, const std::string& base = {});

}  // namespace robosync::cli
