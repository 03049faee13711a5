#include "engine/tree/filter_rule_list.h"

#include <algorithm>
#include <utility>

#include "engine/base/case_folding.h"

namespace robosync::tree {

FilterSubject::FilterSubject(const RelPath& directory, std::string_view name, bool is_directory,
                             NameCase name_case, const std::string& absolute_root)
    : directory_(&directory),
      name_(name),
      absolute_root_(&absolute_root),
      is_directory_(is_directory),
      name_case_(name_case) {
  if (name_case == NameCase::kSensitive) return;
  small_name_ = base::folded_case(name);
  name_ = small_name_;
}

FilterSubject::FilterSubject(const RelPath& path, bool is_directory, NameCase name_case,
                             const std::string& absolute_root)
    : path_(path.str()),
      name_(path.name()),
      absolute_root_(&absolute_root),
      is_directory_(is_directory),
      name_case_(name_case) {
  if (name_case == NameCase::kSensitive) return;
  built_path_ = base::folded_case(path_);
  path_ = built_path_;
  name_ = path_.substr(path_.size() - name_.size());  // folding keeps the length
}

std::string_view FilterSubject::path() {
  if (path_.empty()) {
    const std::string& directory = directory_->str();
    built_path_.reserve(directory.size() + 1 + name_.size());
    built_path_ = name_case_ == NameCase::kSensitive ? directory : base::folded_case(directory);
    if (!built_path_.empty()) built_path_ += '/';
    built_path_ += name_;
    path_ = built_path_;
  }
  return path_;
}

std::string_view FilterSubject::absolute_path() {
  if (built_absolute_.empty()) {
    built_absolute_ =
        name_case_ == NameCase::kSensitive ? *absolute_root_ : base::folded_case(*absolute_root_);
    if (!built_absolute_.empty()) built_absolute_ += '/';
    built_absolute_ += path();
  }
  return built_absolute_;
}

void OrderedRules::add(const FilterRule& rule, bool indexable) {
  const Placed placed{count_++, &rule};
  (indexable ? indexable_ : walked_).push_back(placed);
}

void OrderedRules::seal() {
  using Exact = FilterPattern::Exact;
  if (indexable_.size() < kIndexedRulesMin) {
    walked_.insert(walked_.end(), indexable_.begin(), indexable_.end());
    std::sort(walked_.begin(), walked_.end(),
              [](const Placed& a, const Placed& b) { return a.position < b.position; });
  } else {
    for (const Placed& placed : indexable_) {
      const FilterPattern& pattern = placed.rule->pattern;
      Index& index = pattern.exact() == Exact::kName ? names_ : paths_;
      index[pattern.exact_text()].push_back(placed);
    }
  }
  indexable_.clear();
  indexable_.shrink_to_fit();
}

const OrderedRules::Placed* OrderedRules::find(const Index& index, std::string_view text,
                                               bool is_directory) {
  const auto at = index.find(text);
  if (at == index.end()) return nullptr;
  for (const Placed& placed : at->second) {
    if (is_directory || !placed.rule->pattern.wants_directory()) return &placed;
  }
  return nullptr;
}

void RuleList::add(FilterRule rule) { rules_.push_back(std::move(rule)); }

void RuleList::seal() {
  using Exact = FilterPattern::Exact;
  constexpr auto kSource = std::to_underlying(FilterSide::kSource);
  constexpr auto kTarget = std::to_underlying(FilterSide::kTarget);
  constexpr auto kTargetRemoval = std::to_underlying(FilterSide::kTargetRemoval);
  for (const FilterRule& rule : rules_) {
    has_xattr_rules_ |= rule.for_xattrs;
    auto& by_side = rule.for_xattrs ? for_xattrs_ : for_entries_;
    const Exact exact = rule.pattern.exact();
    const bool indexable =
        !rule.negated && (exact == Exact::kName ||
                          (exact == Exact::kAnchoredPath && !rule.absolute && outer_.empty()));
    if (rule.on_source) by_side[kSource].add(rule, indexable);
    if (rule.on_target) by_side[kTarget].add(rule, indexable);
    if (rule.on_target && !rule.perishable) by_side[kTargetRemoval].add(rule, indexable);
  }
  for (OrderedRules& rules : for_entries_) rules.seal();
  for (OrderedRules& rules : for_xattrs_) rules.seal();
}

std::string_view RuleList::path_below_base(FilterSubject& subject) const {
  std::string_view path = subject.path();
  // Of a path that is not below the base nothing is left, and that matches no anchored pattern.
  path.remove_prefix(std::min(base_bytes_, path.size()));
  return path;
}

bool RuleList::matches(const FilterRule& rule, FilterSubject& subject) const {
  const FilterPattern& pattern = rule.pattern;
  const bool is_directory = subject.is_directory();
  if (pattern.wants_name()) return pattern.matches(subject.name(), {}, is_directory);
  if (rule.absolute) {
    return pattern.matches(subject.name(), subject.absolute_path(), is_directory);
  }
  if (!pattern.is_anchored()) {
    return pattern.matches(subject.name(), subject.path(), is_directory);
  }
  if (!outer_.empty()) {
    return pattern.matches(subject.name(), outer_ + std::string(subject.path()), is_directory);
  }
  const std::string_view path = path_below_base(subject);
  return !path.empty() && pattern.matches(subject.name(), path, is_directory);
}

Verdict RuleList::verdict(FilterSubject& subject, FilterSide side) const {
  const auto& by_side = subject.is_xattr() ? for_xattrs_ : for_entries_;
  const FilterRule* rule = by_side[static_cast<std::size_t>(side)].first(
      subject.name(), subject.is_directory(),
      [&](const FilterRule& candidate) { return matches(candidate, subject); },
      [&] { return path_below_base(subject); });
  if (rule == nullptr) return Verdict::kNone;
  if (rule->use != nullptr) rule->use->mark();
  return rule->include ? Verdict::kInclude : Verdict::kExclude;
}

}  // namespace robosync::tree
