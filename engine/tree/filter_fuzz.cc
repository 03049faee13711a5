// Fuzz target: any bytes as rules, merge files and paths. The filter must take or refuse them
// within its limits, and answer the same question the same way however it is put.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/check.h"
#include "engine/tree/chmod.h"
#include "engine/tree/file_list.h"
#include "engine/tree/filter.h"

namespace robosync::tree {
namespace {

using base::Result;

constexpr std::array kSides = {FilterSide::kSource, FilterSide::kTarget,
                               FilterSide::kTargetRemoval};

// Takes the input apart: pieces end at a byte that no rule needs.
class Pieces {
 public:
  explicit Pieces(std::string_view input) : rest_(input) {}

  std::string next() {
    const std::size_t end = rest_.find('\x1e');
    const std::string piece(rest_.substr(0, end));
    rest_ = end == std::string_view::npos ? std::string_view() : rest_.substr(end + 1);
    return piece;
  }

  [[nodiscard]] bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

void ask(const FilterScope& scope, const RelPath& path) {
  for (const FilterSide side : kSides) {
    for (const bool is_directory : {false, true}) {
      const bool excluded = scope.excludes(path, is_directory, side);
      ROBOSYNC_CHECK(excluded == scope.excludes(path, is_directory, side));
      if (path.is_root()) {
        ROBOSYNC_CHECK(!excluded);
        continue;
      }
      ROBOSYNC_CHECK(excluded ==
                     scope.excludes_entry(path.parent(), path.name(), is_directory, side));
      ROBOSYNC_CHECK(!excluded || !scope.is_trivial());
    }
    [[maybe_unused]] const bool attribute = scope.excludes_xattr(path.str(), side);
  }
}

// Enters every directory on the way to `path`, each with the same merge files.
void descend(std::shared_ptr<const FilterScope> scope, const RelPath& path,
             const std::string& content) {
  const FilterScope::MergeReader read =
      [&](const std::string& name) -> Result<std::optional<std::string>> {
    ROBOSYNC_CHECK(validate_component(name).has_value());
    return std::optional(content);
  };
  RelPath directory;
  for (const std::string_view name : path.components()) {
    auto entered = scope->enter(directory, read);
    if (!entered) return;
    scope = std::move(*entered);
    ROBOSYNC_CHECK(scope->merge_file_names().size() <= kFilterDirMergesMax);
    directory = directory.child(name);
    ask(*scope, directory);
  }
}

void try_input(std::string_view input) {
  Pieces pieces(input);
  const std::string path_text = pieces.next();
  const std::string content = pieces.next();
  FilterOptions options;
  options.delete_excluded = content.size() % 2 == 1;
  options.nul_separated_files = content.size() % 3 == 1;
  options.source_root = content.size() % 5 == 1 ? "" : "/some/root";
  options.target_root = options.source_root;
  options.cvs_ignore = path_text;

  std::vector<FilterArgument> arguments;
  while (!pieces.empty() && arguments.size() < 64) {
    FilterArgument argument;
    argument.text = pieces.next();
    argument.form = static_cast<FilterArgument::Form>(argument.text.size() % 5);
    // Whole rules most of the time: the other forms are simpler.
    if (argument.text.size() % 3 == 0) argument.form = FilterArgument::Form::kRule;
    argument.nul_separated = options.nul_separated_files;
    arguments.push_back(std::move(argument));
  }
  const auto scope = FilterScope::compile(
      arguments, [&](const std::string&) -> Result<std::string> { return content; }, options);
  if (!scope) return;
  const auto path = RelPath::parse(path_text);
  if (!path) return;
  ask(**scope, *path);
  descend(*scope, *path, content);
  ROBOSYNC_CHECK((*scope)->unmatched_rules().size() <= arguments.size());
}

}  // namespace
}  // namespace robosync::tree

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  robosync::tree::try_input(input);
  if (const auto change = robosync::tree::ModeChange::parse(input)) {
    ROBOSYNC_CHECK(change->apply(0644, false, 022) <= 07777);
  }
  using Separator = robosync::tree::FileList::Separator;
  for (const Separator separator : {Separator::kNewline, Separator::kNul}) {
    const auto list = robosync::tree::FileList::parse(input, separator);
    ROBOSYNC_CHECK(list || !list.error().message().empty());
  }
  return 0;
}
