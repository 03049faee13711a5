#include "engine/tree/file_list.h"

#include <algorithm>
#include <vector>

namespace robosync::tree {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

Result<void> FileList::add(std::string_view name) {
  ROBOSYNC_ASSIGN(const RelPath path, RelPath::parse(name));
  const std::vector<std::string_view> components = path.components();
  // Walking the list, and taking it down, recurses once a level.
  if (components.size() > kFileListDepthMax) {
    return fail(make_error(ErrorKind::kLimit,
                           "path deeper than " + std::to_string(kFileListDepthMax) + " levels"));
  }
  Node* node = root_.get();
  for (const std::string_view component : components) {
    auto at = node->children.find(component);
    if (at == node->children.end()) {
      at = node->children.emplace(component, std::make_unique<Node>()).first;
    }
    node = at->second.get();
  }
  if (name == "." || name.ends_with('/') || name.ends_with("/.")) node->whole = true;
  return {};
}

Result<FileList> FileList::parse(std::string_view content, Separator separator) {
  FileList list;
  const char end_byte = separator == Separator::kNul ? '\0' : '\n';
  std::size_t line = 0;
  while (!content.empty()) {
    ++line;
    const std::size_t end = std::min(content.find(end_byte), content.size());
    std::string_view name = content.substr(0, end);
    content.remove_prefix(std::min(end + 1, content.size()));
    if (separator == Separator::kNewline) {
      if (name.ends_with('\r')) name.remove_suffix(1);
      if (name.starts_with('#') || name.starts_with(';')) continue;
    }
    if (name.empty()) continue;
    list.text_.append(name).push_back('\0');
    if (auto added = list.add(name); !added) {
      base::Error error = std::move(added).error();
      error.context += " (line " + std::to_string(line) + " of the file list)";
      return fail(std::move(error));
    }
  }
  return list;
}

}  // namespace robosync::tree
