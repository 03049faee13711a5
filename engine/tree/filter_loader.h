// FilterLoader: rule texts become a FilterSequence.
//
// Applies what rules do to the list they stand in: merge rules are replaced by their files' rules,
// `!` empties the list, dir-merge rules become places, `-C` becomes the CVS list. Used by one
// thread, for one command line or one merge file.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "engine/base/result.h"
#include "engine/tree/filter.h"
#include "engine/tree/filter_parse.h"
#include "engine/tree/filter_sequence.h"

namespace robosync::tree {

// FilterOptions with the roots in the form that paths are compared with (no '/' at either end).
struct FilterSettings {
  FilterOptions options;
  std::string source_root;
  std::string target_root;

  [[nodiscard]] const std::string& root_of(FilterSide side) const {
    return side == FilterSide::kSource ? source_root : target_root;
  }
};

// Names of the per-directory merge files in force. Each is read once per directory: a second
// dir-merge rule with the same name is ignored, which is also what ends a file that names itself.
using MergeNames = std::unordered_set<std::string>;

// Adds or removes the merge names of a sequence, layers included.
void add_merge_names(const FilterSequence& sequence, MergeNames& names);
void remove_merge_names(const FilterSequence& sequence, MergeNames& names);

class FilterLoader {
 public:
  struct Context {
    const FilterSettings* settings = nullptr;
    MergeNames* active = nullptr;
    // Reads the file of a `merge` rule.
    const FilterScope::FileReader* read_file = nullptr;
    // Collects the marks of arguments; null inside the tree.
    std::vector<std::unique_ptr<RuleUse>>* uses = nullptr;
    // What the list inherits, which `!` clears too.
    const std::vector<FilterLayer>* inherited = nullptr;
    // The rules stand in a per-directory merge file: it may name files of its own directory only.
    bool in_directory = false;
    RelPath base = {};       // where patterns are anchored,
    std::string outer = {};  // or, of a directory above the root, the way from it to the root, "a/"
  };

  explicit FilterLoader(Context context);

  [[nodiscard]] base::Result<void> add_argument(const FilterArgument& argument);
  // The content of a file; `label` is what messages call it.
  [[nodiscard]] base::Result<void> add_file(std::string_view content, const std::string& label,
                                            const RuleFlags& defaults, RulePrefix prefix,
                                            bool nul_separated);

  // True once a `!` was seen: what the list inherits is void.
  [[nodiscard]] bool cleared() const { return cleared_; }
  // The sequence, ready for asking. The loader is spent.
  [[nodiscard]] FilterSequence finish();

 private:
  [[nodiscard]] base::Result<void> add_rule(const ParsedRule& rule, RuleUse* use);
  [[nodiscard]] base::Result<void> add_pattern(const ParsedRule& parsed, RuleUse* use);
  [[nodiscard]] base::Result<void> add_merge(const ParsedRule& rule);
  [[nodiscard]] base::Result<void> add_dir_merge(const ParsedRule& rule);
  [[nodiscard]] base::Result<void> add_cvs_list(const RuleFlags& flags);
  [[nodiscard]] base::Result<std::vector<FilterLayer>> load_ancestors(std::string_view directory,
                                                                      const DirMerge& merge) const;
  [[nodiscard]] NameCase name_case() const { return context_.settings->options.name_case; }
  void exclude_self(std::string_view file_name);
  void clear();
  void end_list();
  [[nodiscard]] std::shared_ptr<RuleList> new_list() const;

  Context context_;
  std::size_t depth_ = 0;   // of merge rules
  std::size_t merges_ = 0;  // followed so far
  std::size_t rules_ = 0;   // added so far
  bool cleared_ = false;
  FilterSequence sequence_;
  std::shared_ptr<RuleList> list_;  // the run of rules that is being added to
};

}  // namespace robosync::tree
