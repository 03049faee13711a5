// Random trees and random rules, made to meet: both draw on the same few odd names.
//
// The sequence of a seed never changes within one version of this file. One thread.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "engine/tree/filter.h"
#include "engine/tree/filter_oracle_posix_testing.h"

namespace robosync::tree {

// One way of saying which entries to leave out, as rsync's arguments and as ours.
struct FilterCase {
  std::vector<std::string> rsync_arguments;
  std::vector<FilterArgument> arguments;
  std::string cvs_ignore;  // content of $HOME/.cvsignore

  // For messages: what was asked.
  [[nodiscard]] std::string describe() const;
};

class FilterCases {
 public:
  // `files` is a directory for rule files; `source_root` and `target_root` appear in absolute
  // rules.
  FilterCases(std::uint64_t seed, std::string files, std::string source_root,
              std::string target_root);

  // A tree of a few dozen entries, some of which are merge files. An entry of one path is of the
  // same kind in every tree of one object.
  [[nodiscard]] TreeNode tree();
  [[nodiscard]] FilterCase next();
  // Whether per-directory merge files of this object may merge others. rsync forgets the sides of
  // rules there, so such trees are not compared with rules or options that choose one.
  [[nodiscard]] bool nests_merge_files() const { return nests_merge_files_; }
  // A merge file for a directory above the root; some of its patterns are anchored there.
  [[nodiscard]] std::string ancestor_file(const std::string& way_to_root);

 private:
  [[nodiscard]] std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  [[nodiscard]] bool one_in(std::uint64_t n) { return below(n) == 0; }
  [[nodiscard]] std::string pattern();
  [[nodiscard]] std::string name();
  [[nodiscard]] std::string component();
  [[nodiscard]] std::string byte_set();
  [[nodiscard]] std::string rule(bool in_merge_file);
  [[nodiscard]] std::string modifiers(bool merges);
  [[nodiscard]] std::string rule_file(bool in_merge_file);
  [[nodiscard]] std::string pattern_file();
  void fill(TreeNode& directory, const std::string& path, unsigned depth);
  void add_file_option(const char* option, FilterArgument::Form form, FilterCase& made);
  void add_argument(FilterCase& made);

  std::mt19937_64 random_;
  std::string files_;
  std::string source_root_;
  std::string target_root_;
  bool nests_merge_files_;
  unsigned file_count_ = 0;
};

}  // namespace robosync::tree
