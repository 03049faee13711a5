// FileList: the names of --files-from, as a tree to walk.
//
// Each name is a path relative to the source. A plain name selects that entry (a directory: the
// directory itself, not what is in it); a name with a trailing slash (or "/.", or just ".") selects
// everything beneath it too. The directories on the way are selected as themselves. Immutable after
// parse(); any thread.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/tree/rel_path.h"

namespace robosync::tree {

inline constexpr std::size_t kFileListDepthMax = 1000;  // components of one name

class FileList {
 public:
  struct Node {
    std::map<std::string, std::unique_ptr<Node>, std::less<>> children;
    bool whole = false;  // everything beneath is selected
  };

  enum class Separator { kNewline, kNul };

  // Parses the content of a list. With kNewline, CR LF ends are accepted, empty lines and lines
  // that begin with '#' or ';' are skipped; with kNul only empty entries are. Fails with kInvalid
  // or kLimit (names the line) for an absolute path, one with "..", or one that is too long or
  // deep.
  [[nodiscard]] static base::Result<FileList> parse(std::string_view content, Separator separator);

  [[nodiscard]] const Node& root() const { return *root_; }
  // What parse() makes this of, with kNul.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] bool empty() const { return root_->children.empty() && !root_->whole; }

 private:
  [[nodiscard]] base::Result<void> add(std::string_view name);

  std::string text_;
  std::shared_ptr<Node> root_ = std::make_shared<Node>();
};

}  // namespace robosync::tree
