#include "engine/tree/filter_ancestors.h"

#include <algorithm>
#include <cstddef>

namespace robosync::tree {
namespace {

using Components = std::vector<std::string_view>;

// Adds the components of `path`; ".." takes the last one away, by the text alone.
void append(std::string_view path, Components& components) {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    const std::string_view component = path.substr(0, end);
    path.remove_prefix(std::min(end + 1, path.size()));
    if (component == "..") {
      if (!components.empty()) components.pop_back();
    } else if (!component.empty() && component != ".") {
      components.push_back(component);
    }
  }
}

}  // namespace

std::vector<Ancestor> ancestors(std::string_view root, std::string_view directory,
                                AncestorRange range) {
  const bool slash_first = root.starts_with('/');
  Components root_components;
  append(root, root_components);
  Components first;
  if (!directory.starts_with('/')) first = root_components;
  append(directory, first);

  if (first.size() > root_components.size() ||
      !std::equal(first.begin(), first.end(), root_components.begin())) {
    return {};
  }
  std::vector<Ancestor> found;
  // Where roots begin with a drive there is nothing above the drive.
  const std::size_t shallowest = slash_first ? 0 : 1;
  const std::size_t deepest =
      range == AncestorRange::kUpToRoot ? root_components.size() + 1 : root_components.size();
  for (std::size_t depth = std::max(first.size(), shallowest); depth < deepest; ++depth) {
    Ancestor ancestor;
    if (slash_first) ancestor.path = "/";
    for (std::size_t i = 0; i < root_components.size(); ++i) {
      std::string& part = i < depth ? ancestor.path : ancestor.way_to_root;
      part.append(root_components[i]).append("/");
    }
    found.push_back(std::move(ancestor));
  }
  return found;
}

}  // namespace robosync::tree
