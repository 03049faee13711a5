#include "engine/tree/filter.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "engine/tree/filter_loader.h"
#include "engine/tree/filter_sequence.h"

namespace robosync::tree {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using PlacePtr = std::shared_ptr<const DirMergePlace>;
using ListPtr = std::shared_ptr<const RuleList>;

// What all scopes of one command line share.
struct Program {
  FilterSettings settings;
  std::vector<std::unique_ptr<RuleUse>> uses;  // of rules that are still in force
  mutable std::atomic<bool> target_asked{false};
};

std::string without_outer_slashes(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path);
}

// Builds the sequence of one directory from that of its parent.
class DirectoryEntering {
 public:
  DirectoryEntering(const Program& program, const RelPath& path,
                    const FilterScope::MergeReader& read)
      : settings_(program.settings), path_(path), read_(read) {
    // Merge rules of merge files read through the same door as the merge files themselves.
    read_merged_ = [this](const std::string& name) -> Result<std::string> {
      ROBOSYNC_ASSIGN(auto content, read_(name));
      if (content) return std::move(*content);
      return fail(make_error(ErrorKind::kUsage, "no file '" + label(name) + "' to merge"));
    };
  }

  // Nothing when the directory changes nothing.
  [[nodiscard]] Result<std::optional<FilterSequence>> enter(const FilterSequence& sequence) {
    add_merge_names(sequence, active_);
    FilterSequence entered = sequence;
    ROBOSYNC_ASSIGN(const bool changed, enter_in_place(entered));
    if (!changed) return std::optional<FilterSequence>();
    return std::optional(std::move(entered));
  }

 private:
  [[nodiscard]] std::string label(const std::string& name) const { return path_.child(name).str(); }

  [[nodiscard]] Result<bool> enter_in_place(FilterSequence& sequence) {
    bool changed = false;
    for (FilterItem& item : sequence) {
      auto* place = std::get_if<PlacePtr>(&item);
      if (place == nullptr) continue;
      ROBOSYNC_ASSIGN(PlacePtr entered, enter_place(*place));
      changed |= entered != *place;
      *place = std::move(entered);
    }
    return changed;
  }

  [[nodiscard]] Result<PlacePtr> enter_place(const PlacePtr& place) {
    std::vector<FilterLayer> layers;
    ROBOSYNC_ASSIGN(bool changed, inherit(*place, layers));
    ROBOSYNC_ASSIGN(const auto content, read_(place->merge->name));
    if (content) {
      ROBOSYNC_TRY(add_layer(*place->merge, *content, layers));
      changed = true;
    }
    if (!changed) return place;
    return std::make_shared<const DirMergePlace>(DirMergePlace{place->merge, std::move(layers)});
  }

  // The layers of `place` that are still in force here; says whether they differ.
  [[nodiscard]] Result<bool> inherit(const DirMergePlace& place, std::vector<FilterLayer>& layers) {
    if (place.merge->defaults.not_inherited) {
      for (const FilterLayer& layer : place.layers) remove_merge_names(*layer, active_);
      return !place.layers.empty();
    }
    bool changed = false;
    for (const FilterLayer& layer : place.layers) {
      FilterSequence sequence = *layer;
      ROBOSYNC_ASSIGN(const bool layer_changed, enter_in_place(sequence));
      layers.push_back(layer_changed ? std::make_shared<const FilterSequence>(std::move(sequence))
                                     : layer);
      changed |= layer_changed;
    }
    return changed;
  }

  [[nodiscard]] Result<void> add_layer(const DirMerge& merge, const std::string& content,
                                       std::vector<FilterLayer>& layers) {
    FilterLoader::Context context;
    context.settings = &settings_;
    context.active = &active_;
    context.read_file = &read_merged_;
    context.inherited = &layers;
    context.in_directory = true;
    context.base = path_;
    FilterLoader loader(std::move(context));
    ROBOSYNC_TRY(loader.add_file(content, label(merge.name), merge.defaults, RulePrefix::kFull,
                                 settings_.options.nul_separated_files));
    if (loader.cleared()) layers.clear();
    FilterSequence sequence = loader.finish();
    // Merge files that this one brings in are looked for here already.
    ROBOSYNC_TRY(enter_in_place(sequence));
    layers.insert(layers.begin(), std::make_shared<const FilterSequence>(std::move(sequence)));
    return {};
  }

  const FilterSettings& settings_;
  const RelPath& path_;
  const FilterScope::MergeReader& read_;
  FilterScope::FileReader read_merged_;
  MergeNames active_;
};

class Scope final : public FilterScope, public std::enable_shared_from_this<Scope> {
 public:
  Scope(std::shared_ptr<const Program> program, FilterSequence sequence)
      : program_(std::move(program)), sequence_(std::move(sequence)) {
    flatten(sequence_);
    MergeNames names;
    add_merge_names(sequence_, names);
    merge_names_.assign(names.begin(), names.end());
    std::sort(merge_names_.begin(), merge_names_.end());
  }

  [[nodiscard]] bool is_trivial() const override { return lists_.empty() && merge_names_.empty(); }

  [[nodiscard]] bool excludes(const RelPath& path, bool is_directory,
                              FilterSide side) const override {
    if (path.is_root() || lists_.empty()) return false;
    FilterSubject subject(path, is_directory, name_case(), program_->settings.root_of(side));
    return ask(subject, side);
  }

  [[nodiscard]] bool excludes_entry(const RelPath& directory, std::string_view name,
                                    bool is_directory, FilterSide side) const override {
    if (lists_.empty()) return false;
    FilterSubject subject(directory, name, is_directory, name_case(),
                          program_->settings.root_of(side));
    return ask(subject, side);
  }

  [[nodiscard]] bool has_xattr_rules() const override { return has_xattr_rules_; }

  [[nodiscard]] bool excludes_xattr(std::string_view name, FilterSide side) const override {
    FilterSubject subject(name, program_->settings.root_of(side));
    return ask(subject, side);
  }

  [[nodiscard]] std::vector<std::string> merge_file_names() const override { return merge_names_; }

  [[nodiscard]] Result<std::shared_ptr<const FilterScope>> enter(
      const RelPath& path, const MergeReader& read) const override {
    if (merge_names_.empty()) return shared_from_this();
    ROBOSYNC_ASSIGN(auto sequence, DirectoryEntering(*program_, path, read).enter(sequence_));
    if (!sequence) return shared_from_this();
    auto scope = std::make_shared<const Scope>(program_, std::move(*sequence));
    // Each file is within the limit; what is inherited adds up.
    if (scope->rule_count_ > kFilterRulesMax) {
      return fail(make_error(ErrorKind::kLimit, "more than " + std::to_string(kFilterRulesMax) +
                                                    " filter rules in '" + path.str() + "'"));
    }
    return scope;
  }

  [[nodiscard]] std::vector<std::string> unmatched_rules() const override {
    const bool target_asked = program_->target_asked.load(std::memory_order_relaxed);
    std::vector<std::string> unmatched;
    for (const auto& use : program_->uses) {
      const bool asked = use->on_source || target_asked;
      if (asked && !use->matched.load(std::memory_order_relaxed)) unmatched.push_back(use->text);
    }
    return unmatched;
  }

 private:
  void flatten(const FilterSequence& sequence) {
    for (const FilterItem& item : sequence) {
      if (const auto* list = std::get_if<ListPtr>(&item)) {
        lists_.push_back(list->get());
        rule_count_ += (*list)->rules().size();
        has_xattr_rules_ |= (*list)->has_xattr_rules();
      } else {
        for (const FilterLayer& layer : std::get<PlacePtr>(item)->layers) flatten(*layer);
      }
    }
  }

  [[nodiscard]] NameCase name_case() const { return program_->settings.options.name_case; }

  [[nodiscard]] bool ask(FilterSubject& subject, FilterSide side) const {
    if (side != FilterSide::kSource && !program_->target_asked.load(std::memory_order_relaxed)) {
      program_->target_asked.store(true, std::memory_order_relaxed);
    }
    for (const RuleList* list : lists_) {
      const Verdict verdict = list->verdict(subject, side);
      if (verdict != Verdict::kNone) return verdict == Verdict::kExclude;
    }
    return false;
  }

  std::shared_ptr<const Program> program_;
  FilterSequence sequence_;
  std::vector<const RuleList*> lists_;  // all lists of sequence_, in the order they are asked
  std::vector<std::string> merge_names_;
  std::size_t rule_count_ = 0;
  bool has_xattr_rules_ = false;
};

// Forgets the marks of rules that a later `!` took out.
void keep_uses_in_force(const FilterSequence& sequence,
                        std::vector<std::unique_ptr<RuleUse>>& uses) {
  std::unordered_set<const RuleUse*> in_force;
  for (const FilterItem& item : sequence) {
    const auto* list = std::get_if<ListPtr>(&item);
    if (list == nullptr) continue;
    for (const FilterRule& rule : (*list)->rules()) in_force.insert(rule.use);
  }
  std::erase_if(uses, [&](const auto& use) { return !in_force.contains(use.get()); });
}

}  // namespace

Result<std::shared_ptr<const FilterScope>> FilterScope::compile(
    const std::vector<FilterArgument>& arguments, const FileReader& read_file,
    const FilterOptions& options) {
  auto program = std::make_shared<Program>();
  program->settings.options = options;
  program->settings.source_root = without_outer_slashes(options.source_root);
  program->settings.target_root = without_outer_slashes(options.target_root);
  MergeNames active;
  FilterLoader::Context context;
  context.settings = &program->settings;
  context.active = &active;
  context.read_file = &read_file;
  context.uses = &program->uses;
  FilterLoader loader(std::move(context));
  for (const FilterArgument& argument : arguments) ROBOSYNC_TRY(loader.add_argument(argument));
  FilterSequence sequence = loader.finish();
  keep_uses_in_force(sequence, program->uses);
  return std::make_shared<const Scope>(std::move(program), std::move(sequence));
}

Result<std::shared_ptr<const FilterScope>> FilterScope::enter(
    const RelPath& path, const std::vector<MergeFile>& found) const {
  return enter(path, [&](const std::string& name) -> Result<std::optional<std::string>> {
    std::optional<std::string> content;
    for (const MergeFile& file : found) {
      if (file.name != name) continue;
      if (!content) content.emplace();
      // A last line without an end must not run into the next file's first.
      if (!content->empty()) *content += '\n';
      *content += file.content;
    }
    return content;
  });
}

}  // namespace robosync::tree
