#include "engine/tree/filter_below.h"

#include <utility>

#include "engine/base/check.h"

namespace robosync::tree {
namespace {

using ScopePtr = std::shared_ptr<const FilterScope>;

// Perishable rules (FilterSide::kTargetRemoval) count as any other.
template <typename Asks>
bool for_either_side(const Asks& asks) {
  return asks(FilterSide::kSource) || asks(FilterSide::kTarget);
}

class FilterBelow final : public FilterScope, public std::enable_shared_from_this<FilterBelow> {
 public:
  FilterBelow(ScopePtr filter, RelPath directory)
      : filter_(std::move(filter)), directory_(std::move(directory)) {}

  bool is_trivial() const override { return filter_->is_trivial(); }
  bool excludes(const RelPath& path, bool is_directory, FilterSide /*side*/) const override {
    const RelPath at = whole(path);
    return for_either_side(
        [&](FilterSide side) { return filter_->excludes(at, is_directory, side); });
  }
  bool excludes_entry(const RelPath& directory, std::string_view name, bool is_directory,
                      FilterSide /*side*/) const override {
    const RelPath at = whole(directory);
    return for_either_side(
        [&](FilterSide side) { return filter_->excludes_entry(at, name, is_directory, side); });
  }
  bool has_xattr_rules() const override { return filter_->has_xattr_rules(); }
  bool excludes_xattr(std::string_view name, FilterSide /*side*/) const override {
    return for_either_side([&](FilterSide side) { return filter_->excludes_xattr(name, side); });
  }
  std::vector<std::string> merge_file_names() const override { return {}; }
  base::Result<ScopePtr> enter(const RelPath& /*path*/,
                               const MergeReader& /*read*/) const override {
    return shared_from_this();
  }
  std::vector<std::string> unmatched_rules() const override { return filter_->unmatched_rules(); }

 private:
  [[nodiscard]] RelPath whole(const RelPath& path) const {
    RelPath out = directory_;
    for (const std::string_view name : path.components()) out = out.child(name);
    return out;
  }

  ScopePtr filter_;
  RelPath directory_;
};

}  // namespace

ScopePtr filter_below(ScopePtr filter, const RelPath& directory) {
  ROBOSYNC_CHECK(filter->merge_file_names().empty());
  return std::make_shared<FilterBelow>(std::move(filter), directory);
}

bool is_excluded_on_the_way(const FilterScope& filter, const RelPath& path) {
  RelPath at;
  for (const std::string_view name : path.components()) {
    at = at.child(name);
    const auto excluded = [&](bool is_directory) {
      return for_either_side(
          [&](FilterSide side) { return filter.excludes(at, is_directory, side); });
    };
    if (excluded(true) || (at == path && excluded(false))) return true;
  }
  return false;
}

}  // namespace robosync::tree
