// RuleList: an unbroken run of pattern rules that share one anchor, asked as a whole.
//
// The rules of each side are laid out apart, so a question walks only the rules that can answer it.
// Built by one thread, then immutable: any thread may ask. Only the "has matched" marks change, and
// those are relaxed atomics.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/tree/filter.h"
#include "engine/tree/filter_pattern.h"
#include "engine/tree/rel_path.h"

namespace robosync::tree {

inline constexpr std::size_t kFilterSides = 3;

// A command line rule of which somebody may want to know whether it ever matched.
struct RuleUse {
  std::string text;  // as written
  bool on_source = true;
  std::atomic<bool> matched{false};

  // Reads first: a store on every match would make the threads fight for the cache line.
  void mark() {
    if (!matched.load(std::memory_order_relaxed)) matched.store(true, std::memory_order_relaxed);
  }
};

struct FilterRule {
  FilterPattern pattern;
  bool include = false;
  bool negated = false;
  bool perishable = false;
  bool absolute = false;
  bool for_xattrs = false;
  bool on_source = true;
  bool on_target = true;
  RuleUse* use = nullptr;  // owned by the compiled program, which outlives the rule
};

// What is asked about: one entry, in the forms that rules may want to see. Builds the rarer ones on
// demand. Used by one thread, for one question.
class FilterSubject {
 public:
  // `directory` must outlive the subject, and so must `name` and `absolute_root` (of the side asked
  // for, without the leading '/').
  FilterSubject(const RelPath& directory, std::string_view name, bool is_directory,
                const std::string& absolute_root)
      : directory_(&directory),
        name_(name),
        absolute_root_(&absolute_root),
        is_directory_(is_directory) {}
  // The same with the path at hand.
  FilterSubject(const RelPath& path, bool is_directory, const std::string& absolute_root)
      : path_(path.str()),
        name_(path.name()),
        absolute_root_(&absolute_root),
        is_directory_(is_directory) {}
  // An extended attribute instead of an entry; only rules about attributes apply.
  FilterSubject(std::string_view xattr, const std::string& absolute_root)
      : path_(xattr), name_(xattr), absolute_root_(&absolute_root), is_xattr_(true) {}

  [[nodiscard]] bool is_xattr() const { return is_xattr_; }
  [[nodiscard]] std::string_view name() const { return name_; }
  [[nodiscard]] bool is_directory() const { return is_directory_; }
  [[nodiscard]] std::string_view path();
  [[nodiscard]] std::string_view absolute_path();  // without the leading '/'

 private:
  const RelPath* directory_ = nullptr;
  std::string_view path_;
  std::string_view name_;
  const std::string* absolute_root_;
  bool is_directory_ = false;
  bool is_xattr_ = false;
  std::string built_path_;
  std::string built_absolute_;
};

enum class Verdict : std::uint8_t { kNone, kInclude, kExclude };

class RuleList {
 public:
  // Rules anchored at the directory `base` of the transfer.
  explicit RuleList(const RelPath& base)
      : base_bytes_(base.is_root() ? 0 : base.str().size() + 1) {}
  // Rules anchored at an ancestor of the transfer's root, from which `outer` (ends in '/') leads to
  // the root.
  explicit RuleList(std::string outer) : outer_(std::move(outer)) {}

  void add(FilterRule rule);
  // Lays the rules out for asking. REQUIRES: no add() after it.
  void seal();

  [[nodiscard]] Verdict verdict(FilterSubject& subject, FilterSide side) const;
  [[nodiscard]] const std::vector<FilterRule>& rules() const { return rules_; }
  [[nodiscard]] bool has_xattr_rules() const { return has_xattr_rules_; }

 private:
  using RulePointers = std::vector<const FilterRule*>;
  [[nodiscard]] bool matches(const FilterRule& rule, FilterSubject& subject) const;

  std::vector<FilterRule> rules_;
  std::array<RulePointers, kFilterSides> for_entries_;
  std::array<RulePointers, kFilterSides> for_xattrs_;
  bool has_xattr_rules_ = false;
  std::size_t base_bytes_ = 0;
  std::string outer_;
};

}  // namespace robosync::tree
