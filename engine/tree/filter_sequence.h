// FilterSequence: the rules in force in one directory, as immutable parts that scopes share.
//
// A sequence is what a command line or a merge file says, in order: runs of pattern rules, and the
// places where per-directory merge files belong. Such a place holds one layer for every directory
// on the way down that had the file, the nearest first; a layer is a sequence of its own. Entering
// a directory builds a new sequence that shares whatever did not change. Values; any thread.
#pragma once

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "engine/tree/filter_parse.h"
#include "engine/tree/filter_rule_list.h"

namespace robosync::tree {

struct DirMergePlace;

using FilterItem =
    std::variant<std::shared_ptr<const RuleList>, std::shared_ptr<const DirMergePlace>>;
using FilterSequence = std::vector<FilterItem>;
using FilterLayer = std::shared_ptr<const FilterSequence>;

struct DirMerge {
  std::string name;    // of the file to look for, one component
  RuleFlags defaults;  // for the rules in it
};

struct DirMergePlace {
  std::shared_ptr<const DirMerge> merge;
  std::vector<FilterLayer> layers;  // nearest directory first
};

}  // namespace robosync::tree
