#include "engine/tree/filter_pair.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace robosync::tree {
namespace {

using ScopePtr = std::shared_ptr<const FilterScope>;

class FilterPair final : public FilterScope, public std::enable_shared_from_this<FilterPair> {
 public:
  FilterPair(ScopePtr first, ScopePtr second)
      : first_(std::move(first)), second_(std::move(second)) {}

  bool is_trivial() const override { return first_->is_trivial() && second_->is_trivial(); }

  bool excludes(const RelPath& path, bool is_directory, FilterSide side) const override {
    return first_->excludes(path, is_directory, side) ||
           second_->excludes(path, is_directory, side);
  }

  bool excludes_entry(const RelPath& directory, std::string_view name, bool is_directory,
                      FilterSide side) const override {
    return first_->excludes_entry(directory, name, is_directory, side) ||
           second_->excludes_entry(directory, name, is_directory, side);
  }

  bool has_xattr_rules() const override {
    return first_->has_xattr_rules() || second_->has_xattr_rules();
  }
  bool excludes_xattr(std::string_view name, FilterSide side) const override {
    return first_->excludes_xattr(name, side) || second_->excludes_xattr(name, side);
  }

  std::vector<std::string> merge_file_names() const override {
    std::vector<std::string> names = first_->merge_file_names();
    for (std::string& name : second_->merge_file_names()) {
      if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
    }
    return names;
  }

  base::Result<ScopePtr> enter(const RelPath& path, const MergeReader& read) const override {
    ROBOSYNC_ASSIGN(ScopePtr first, first_->enter(path, read));
    ROBOSYNC_ASSIGN(ScopePtr second, second_->enter(path, read));
    if (first == first_ && second == second_) return shared_from_this();
    return std::make_shared<FilterPair>(std::move(first), std::move(second));
  }

  std::vector<std::string> unmatched_rules() const override {
    std::vector<std::string> rules = first_->unmatched_rules();
    std::ranges::move(second_->unmatched_rules(), std::back_inserter(rules));
    return rules;
  }

 private:
  ScopePtr first_;
  ScopePtr second_;
};

}  // namespace

std::shared_ptr<const FilterScope> both_filters(std::shared_ptr<const FilterScope> first,
                                                std::shared_ptr<const FilterScope> second) {
  if (!first) return second;
  if (!second) return first;
  return std::make_shared<FilterPair>(std::move(first), std::move(second));
}

}  // namespace robosync::tree
