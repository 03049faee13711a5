#include "engine/tree/filter_rule_list.h"

#include <algorithm>
#include <utility>

namespace robosync::tree {

std::string_view FilterSubject::path() {
  if (path_.empty()) {
    const std::string& directory = directory_->str();
    built_path_.reserve(directory.size() + 1 + name_.size());
    built_path_ = directory;
    if (!built_path_.empty()) built_path_ += '/';
    built_path_ += name_;
    path_ = built_path_;
  }
  return path_;
}

std::string_view FilterSubject::absolute_path() {
  if (built_absolute_.empty()) {
    built_absolute_ = *absolute_root_;
    if (!built_absolute_.empty()) built_absolute_ += '/';
    built_absolute_ += path();
  }
  return built_absolute_;
}

void RuleList::add(FilterRule rule) { rules_.push_back(std::move(rule)); }

void RuleList::seal() {
  constexpr auto kSource = std::to_underlying(FilterSide::kSource);
  constexpr auto kTarget = std::to_underlying(FilterSide::kTarget);
  constexpr auto kTargetRemoval = std::to_underlying(FilterSide::kTargetRemoval);
  for (const FilterRule& rule : rules_) {
    has_xattr_rules_ |= rule.for_xattrs;
    auto& by_side = rule.for_xattrs ? for_xattrs_ : for_entries_;
    if (rule.on_source) by_side[kSource].push_back(&rule);
    if (rule.on_target) by_side[kTarget].push_back(&rule);
    if (rule.on_target && !rule.perishable) by_side[kTargetRemoval].push_back(&rule);
  }
}

bool RuleList::matches(const FilterRule& rule, FilterSubject& subject) const {
  const FilterPattern& pattern = rule.pattern;
  if (pattern.wants_name()) return pattern.matches(subject.name(), {}, subject.is_directory());
  std::string_view path;
  std::string outer_path;
  if (rule.absolute) {
    path = subject.absolute_path();
  } else {
    path = subject.path();
    if (pattern.is_anchored()) {
      if (!outer_.empty()) path = outer_path = outer_ + std::string(path);
      // A path that is not below the anchor is nobody's; an empty one matches no anchored pattern.
      path.remove_prefix(std::min(base_bytes_, path.size()));
      if (path.empty()) return false;
    }
  }
  return pattern.matches(subject.name(), path, subject.is_directory());
}

Verdict RuleList::verdict(FilterSubject& subject, FilterSide side) const {
  const auto& by_side = subject.is_xattr() ? for_xattrs_ : for_entries_;
  for (const FilterRule* rule : by_side[static_cast<std::size_t>(side)]) {
    if (matches(*rule, subject) == rule->negated) continue;
    if (rule->use != nullptr) rule->use->mark();
    return rule->include ? Verdict::kInclude : Verdict::kExclude;
  }
  return Verdict::kNone;
}

}  // namespace robosync::tree
