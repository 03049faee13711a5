// Filters: which names are hidden from the transfer and which are protected from deletion.
//
// rsync's rule language (man page section FILTER RULES): ordered rules, the first that matches
// decides, no match means included. Matching is on the path relative to the transfer root, never on
// what the root's ancestors are called. Pure: reads no file; whoever lists a directory passes in
// the contents of the merge files found there.
//
// A FilterScope is immutable and may be shared between threads.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/tree/rel_path.h"

namespace robosync::tree {

// The side a question is asked for: `kSource` decides hiding (what is transferred), `kTarget`
// decides protection (what may be deleted).
enum class FilterSide { kSource, kTarget };

// One filter argument, in command line order.
struct FilterArgument {
  enum class Form {
    kExclude,      // text is a pattern, as --exclude
    kInclude,      // text is a pattern, as --include
    kRule,         // text is a whole rule, as --filter
    kExcludeFile,  // text is the content of a file of patterns, as --exclude-from
    kIncludeFile,  // likewise, as --include-from
  };
  Form form = Form::kRule;
  std::string text;
  bool nul_separated = false;  // file forms only: entries end in NUL, no comments
};

// A file that a listing found in a directory and that this scope wants to read.
struct MergeFile {
  std::string name;
  std::string content;
};

// The rules in force inside one directory.
class FilterScope {
 public:
  // Reads the file named by a `merge FILE` rule on the command line.
  using FileReader = std::function<base::Result<std::string>(const std::string& path)>;

  // Compiles the command line's rules into the scope of the root. Fails with kUsage and a message
  // that quotes the rule.
  [[nodiscard]] static base::Result<std::shared_ptr<const FilterScope>> compile(
      const std::vector<FilterArgument>& arguments, const FileReader& read_file);

  virtual ~FilterScope() = default;

  // True when nothing can ever be excluded: callers may skip every question.
  [[nodiscard]] virtual bool is_trivial() const = 0;

  // True when `path` (an entry of this scope's directory) is excluded for that side.
  [[nodiscard]] virtual bool excludes(const RelPath& path, bool is_directory,
                                      FilterSide side) const = 0;

  // Names of per-directory merge files to look for in a directory entered below this scope
  // (and in the root itself, for the scope that compile() returned).
  [[nodiscard]] virtual std::vector<std::string> merge_file_names() const = 0;

  // The scope of the directory `path`, given the merge files found in it; returns this scope itself
  // when nothing changes. Fails with kUsage when a merge file holds a rule that is not valid.
  [[nodiscard]] virtual base::Result<std::shared_ptr<const FilterScope>> enter(
      const RelPath& path, const std::vector<MergeFile>& found) const = 0;

  // Command line rules that have matched nothing so far, as written (for a warning).
  [[nodiscard]] virtual std::vector<std::string> unmatched_rules() const = 0;
};

}  // namespace robosync::tree
