// Filters: which names are hidden from the transfer and which are protected from deletion.
//
// rsync's rule language (man page section FILTER RULES): ordered rules, the first that matches
// decides, no match means included. Matching is on the path relative to the transfer root, never on
// what the root's ancestors are called. Pure: reads no file; whoever lists a directory passes in
// the contents of the merge files found there.
//
// The scanner never descends into an excluded directory, so questions are asked only about entries
// of directories that were entered; an entry below an excluded directory may well be "included".
//
// Where we differ from rsync 3.5 on purpose:
// - Per-directory merge files of the source hold for both sides; rsync's receiver reads its own
//   only. (Whoever deletes asks a second scope, of the target's files, as well.)
// - A merge file inside the tree may name other files of its own directory only ("merge other",
//   "merge ./other"), and no directories in dir-merge: a tree must not make us read outside it.
// - Rules keep to their sides in a file that a per-directory merge file merges, too; rsync forgets
//   them there, so that even `protect` hides.
// - The path of a merge file's directory is plain text in its anchored patterns; rsync takes a '*'
//   or a backslash in it for part of the pattern.
// - In a file of words (`w`) "- foo" is one rule, as rsync's man page says; rsync refuses it.
// - What rsync drops without an error is one: a rule that is too long, a NUL byte in a rule,
//   something behind "-C", a dir-merge name that ends in '/'.
// - [:alpha:] and its like mean the C locale's, whatever the user's locale is.
//
// A FilterScope is immutable and may be shared between threads.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/tree/filter_glob.h"
#include "engine/tree/rel_path.h"

namespace robosync::tree {

inline constexpr std::size_t kFilterPatternBytesMax = 4096;
inline constexpr std::size_t kFilterFileBytesMax = 16 * 1024 * 1024;
// Rules in force in one directory.
inline constexpr std::size_t kFilterRulesMax = 500'000;
// How deep merge rules may name files that hold merge rules, and how many may be followed for one
// command line or per-directory file: a file that names itself twice would be read 2^depth times.
inline constexpr std::size_t kFilterMergeDepthMax = 32;
inline constexpr std::size_t kFilterMergesMax = 1000;
// How many per-directory merge files one directory may have.
inline constexpr std::size_t kFilterDirMergesMax = 64;

// The side a question is asked for: `kSource` decides hiding (what is transferred), `kTarget`
// decides protection (what may be deleted). `kTargetRemoval` is kTarget inside a directory that is
// itself being deleted: perishable rules (`p`, the CVS list) protect nothing there.
enum class FilterSide { kSource, kTarget, kTargetRemoval };

// One filter argument, in command line order.
struct FilterArgument {
  enum class Form {
    kExclude,      // text is a pattern, as --exclude: "+ ", "- " and "!" mean what they do there
    kInclude,      // text is a pattern, as --include, likewise
    kRule,         // text is a whole rule, as --filter
    kExcludeFile,  // text is the content of a file of patterns, as --exclude-from
    kIncludeFile,  // likewise, as --include-from
  };
  Form form = Form::kRule;
  std::string text;
  bool nul_separated = false;  // file forms only: entries end in NUL, not at line ends (-0)
  std::string file_name = {};  // file forms only: what messages call the file
};

// A file that a listing found in a directory and that this scope wants to read.
struct MergeFile {
  std::string name;
  std::string content;
};

// What rules may depend on besides their own text.
struct FilterOptions {
  // Absolute, '/'-separated paths of the directories that RelPaths start from. Needed only by rules
  // that name absolute paths (modifier `/`, or a per-directory merge file with a directory, such as
  // -F's "dir-merge /.rsync-filter"); without them such a rule fails with kUsage.
  std::string source_root = {};
  std::string target_root = {};
  // The sources are entries of source_root named one by one (no trailing slash), not its content:
  // the root counts as one of the ancestors whose merge files such a dir-merge rule reads.
  bool names_given = false;
  bool delete_excluded = false;  // rules that name no side apply to the source alone
  NameCase name_case = NameCase::kSensitive;
  bool nul_separated_files = false;  // merge files are lists ended by NUL (-0)
  // What the user adds to the CVS list of `-C`: $HOME/.cvsignore and $CVSIGNORE, in that order.
  std::string cvs_ignore = {};
};

// The rules in force inside one directory.
class FilterScope {
 public:
  // Reads the file named by a `merge FILE` rule on the command line, and the ancestors' merge
  // files. A missing file is kNotFound.
  using FileReader = std::function<base::Result<std::string>(const std::string& path)>;

  // Reads the file `name` (one component) of the directory that is being entered; nothing when
  // there is no such file. An error of the reader becomes the error of enter().
  using MergeReader =
      std::function<base::Result<std::optional<std::string>>(const std::string& name)>;

  // Compiles the command line's rules into the scope of the root. Fails with kUsage and a message
  // that quotes the rule (or, of a file, names the file and line), with kLimit, or as `read_file`.
  [[nodiscard]] static base::Result<std::shared_ptr<const FilterScope>> compile(
      const std::vector<FilterArgument>& arguments, const FileReader& read_file,
      const FilterOptions& options = {});

  virtual ~FilterScope() = default;

  // True when nothing can ever be excluded: callers may skip every question.
  [[nodiscard]] virtual bool is_trivial() const = 0;

  // True when `path` (an entry of this scope's directory) is excluded for that side.
  [[nodiscard]] virtual bool excludes(const RelPath& path, bool is_directory,
                                      FilterSide side) const = 0;

  // The same for the entry `name` of `directory`; does not build the path unless a rule needs it.
  [[nodiscard]] virtual bool excludes_entry(const RelPath& directory, std::string_view name,
                                            bool is_directory, FilterSide side) const = 0;

  // True when the rules about extended attributes (modifier `x`) exclude the attribute `name`.
  // An attribute is copied when neither side excludes it, and removed from the target when the
  // source lacks it and the target does not exclude it. Callers apply a default of their own when
  // there are no such rules.
  [[nodiscard]] virtual bool has_xattr_rules() const = 0;
  [[nodiscard]] virtual bool excludes_xattr(std::string_view name, FilterSide side) const = 0;

  // Names of per-directory merge files to look for in a directory entered below this scope
  // (and in the root itself, for the scope that compile() returned).
  [[nodiscard]] virtual std::vector<std::string> merge_file_names() const = 0;

  // The scope of the directory `path`, reading the merge files it wants through `read` (those of
  // merge_file_names() and those that they name in turn); returns this scope itself when nothing
  // changes. Fails with kUsage when a merge file holds a rule that is not valid, or with kLimit:
  // then what is excluded here is not known, and nothing may be copied or deleted on a guess.
  [[nodiscard]] virtual base::Result<std::shared_ptr<const FilterScope>> enter(
      const RelPath& path, const MergeReader& read) const = 0;

  // The same with the files already read. Several of one name (sources merged into one target) are
  // taken as one file, in their order. Fails with kUsage, too, when a merge file names a file that
  // is not in `found`.
  [[nodiscard]] base::Result<std::shared_ptr<const FilterScope>> enter(
      const RelPath& path, const std::vector<MergeFile>& found) const;

  // Pattern rules given one by one on the command line (not in files) that have matched nothing so
  // far, as written (for a warning). A rule for the target only counts once the target was asked.
  [[nodiscard]] virtual std::vector<std::string> unmatched_rules() const = 0;
};

}  // namespace robosync::tree
