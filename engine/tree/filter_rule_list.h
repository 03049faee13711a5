// RuleList: an unbroken run of pattern rules that share one anchor, asked as a whole.
//
// The rules of each side are laid out apart, so a question walks only the rules that can answer it;
// in a long list, patterns without wildcards are looked up instead of walked.
// Built by one thread, then immutable: any thread may ask. Only the "has matched" marks change, and
// those are relaxed atomics.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/tree/filter.h"
#include "engine/tree/filter_pattern.h"
#include "engine/tree/rel_path.h"

namespace robosync::tree {

inline constexpr std::size_t kFilterSides = 3;
// Fewer exact patterns than this are walked faster than looked up.
inline constexpr std::size_t kIndexedRulesMin = 16;

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
                NameCase name_case, const std::string& absolute_root);
  // The same with the path at hand.
  FilterSubject(const RelPath& path, bool is_directory, NameCase name_case,
                const std::string& absolute_root);
  // An extended attribute instead of an entry; only rules about attributes apply.
  FilterSubject(std::string_view xattr, const std::string& absolute_root)
      : path_(xattr), name_(xattr), absolute_root_(&absolute_root), is_xattr_(true) {}

  // Its own views are into what it holds.
  FilterSubject(const FilterSubject&) = delete;
  FilterSubject& operator=(const FilterSubject&) = delete;

  // Name and paths are in small letters where case is not told.
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
  NameCase name_case_ = NameCase::kSensitive;
  std::string small_name_;
  std::string built_path_;
  std::string built_absolute_;
};

enum class Verdict : std::uint8_t { kNone, kInclude, kExclude };

// The rules of a list that answer one kind of question, in order.
class OrderedRules {
 public:
  // `indexable`: the rule may be looked up by the exact text of its pattern.
  void add(const FilterRule& rule, bool indexable);
  // REQUIRES: no add() after it.
  void seal();

  // The first rule that takes effect, or null. `matches` says whether a rule's pattern matches;
  // `anchored_path` is called for the path that anchored patterns see, at most once.
  template <typename Matches, typename AnchoredPath>
  [[nodiscard]] const FilterRule* first(std::string_view name, bool is_directory,
                                        const Matches& matches,
                                        const AnchoredPath& anchored_path) const {
    const Placed* found = nullptr;
    if (!names_.empty()) found = earlier(found, find(names_, name, is_directory));
    if (!paths_.empty()) found = earlier(found, find(paths_, anchored_path(), is_directory));
    for (const Placed& placed : walked_) {
      if (found != nullptr && placed.position > found->position) break;
      if (matches(*placed.rule) != placed.rule->negated) return placed.rule;
    }
    return found == nullptr ? nullptr : found->rule;
  }

 private:
  struct Placed {
    std::size_t position = 0;
    const FilterRule* rule = nullptr;
  };
  using Index = std::unordered_map<std::string_view, std::vector<Placed>>;

  [[nodiscard]] static const Placed* find(const Index& index, std::string_view text,
                                          bool is_directory);
  [[nodiscard]] static const Placed* earlier(const Placed* a, const Placed* b) {
    if (a == nullptr || b == nullptr) return a == nullptr ? b : a;
    return a->position < b->position ? a : b;
  }

  std::size_t count_ = 0;
  std::vector<Placed> walked_;
  std::vector<Placed> indexable_;
  Index names_;
  Index paths_;
};

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
  [[nodiscard]] bool matches(const FilterRule& rule, FilterSubject& subject) const;
  // The path as patterns anchored at base_ see it. REQUIRES: outer_ is empty.
  [[nodiscard]] std::string_view path_below_base(FilterSubject& subject) const;

  std::vector<FilterRule> rules_;
  std::array<OrderedRules, kFilterSides> for_entries_;
  std::array<OrderedRules, kFilterSides> for_xattrs_;
  bool has_xattr_rules_ = false;
  std::size_t base_bytes_ = 0;
  std::string outer_;
};

}  // namespace robosync::tree
