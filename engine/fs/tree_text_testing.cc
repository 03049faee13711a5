#include "engine/fs/tree_text_testing.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace robosync::fs {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using tree::Kind;
using tree::RelPath;

constexpr std::uint32_t kImplicitDirectoryMode = 0755;
constexpr std::uint32_t kDefaultFileMode = 0644;
constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

// One line of the text.
struct Line {
  RelPath path;
  Kind kind = Kind::kRegular;
  std::optional<std::uint64_t> size;
  std::string content;  // also a symbolic link's target
  std::string leader;   // a hard link to this path
  std::uint64_t device_number = 0;
  MetadataChange metadata;
  std::vector<Xattr> xattrs;
};

base::Error bad_line(std::string_view line) {
  return make_error(ErrorKind::kInvalid, "tree text: '" + std::string(line) + "'");
}

template <typename Number>
bool parse_number(std::string_view text, Number& out, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

bool parse_time(std::string_view text, tree::Time& out) {
  const std::size_t dot = text.find('.');
  if (dot == std::string_view::npos) return parse_number(text, out.seconds);
  const std::string_view nanoseconds = text.substr(dot + 1);
  return nanoseconds.size() == 9 && parse_number(text.substr(0, dot), out.seconds) &&
         parse_number(nanoseconds, out.nanoseconds);
}

// `key=value` before the sign.
bool parse_attribute(std::string_view token, Line& line) {
  const std::size_t equals = token.find('=');
  if (equals == std::string_view::npos) return false;
  const std::string_view key = token.substr(0, equals);
  const std::string_view value = token.substr(equals + 1);
  if (key == "mode") return parse_number(value, line.metadata.mode.emplace(), 8);
  if (key == "uid") return parse_number(value, line.metadata.uid.emplace());
  if (key == "gid") return parse_number(value, line.metadata.gid.emplace());
  if (key == "t") return parse_time(value, line.metadata.mtime.emplace());
  if (key == "size") return parse_number(value, line.size.emplace());
  if (key == "c" || key == "b") {
    line.kind = key == "c" ? Kind::kCharDevice : Kind::kBlockDevice;
    return parse_number(value, line.device_number);
  }
  if (key.starts_with("x:")) {
    auto name = unescape(key.substr(2));
    auto content = unescape(value);
    if (!name || !content) return false;
    line.xattrs.push_back({std::move(*name), std::move(*content)});
    return true;
  }
  return false;
}

// `sign` stands at the begin of `rest`; what follows is the content or a target.
bool parse_sign(std::string_view rest, Line& line) {
  const std::size_t space = std::min(rest.find(' '), rest.size());
  const std::string_view sign = rest.substr(0, space);
  auto value = unescape(rest.substr(std::min(space + 1, rest.size())));
  if (!value) return false;
  if (sign == "|" || sign == "~") {
    line.kind = sign == "|" ? Kind::kFifo : Kind::kSocket;
    return true;
  }
  if (sign == "=") {
    line.content = std::move(*value);
  } else if (sign == "->") {
    line.kind = Kind::kSymlink;
    line.content = std::move(*value);
  } else {
    line.leader = std::move(*value);
  }
  return true;
}

Result<Line> parse_line(std::string_view text) {
  Line line;
  std::size_t at = std::min(text.find(' '), text.size());
  std::string_view name = text.substr(0, at);
  if (name.ends_with('/')) line.kind = Kind::kDirectory;
  ROBOSYNC_ASSIGN(const std::string bytes, unescape(name));
  ROBOSYNC_ASSIGN(line.path, RelPath::parse(bytes));
  if (line.path.is_root()) return fail(bad_line(text));
  for (;;) {
    at = text.find_first_not_of(' ', at);
    if (at == std::string_view::npos) return line;
    const std::string_view rest = text.substr(at);
    const std::string_view token = rest.substr(0, rest.find(' '));
    if (token == "=" || token == "->" || token == "=>" || token == "|" || token == "~") {
      if (!parse_sign(rest, line)) return fail(bad_line(text));
      return line;
    }
    if (!parse_attribute(token, line)) return fail(bad_line(text));
    at += token.size();
  }
}

// By path, so that parents come before what they hold. Directories on the way are added.
Result<std::map<RelPath, Line>> parse_text(std::string_view spec) {
  std::map<RelPath, Line> lines;
  std::size_t begin = 0;
  while (begin < spec.size()) {
    const std::size_t end = std::min(spec.find('\n', begin), spec.size());
    std::string_view text = spec.substr(begin, end - begin);
    begin = end + 1;
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    if (text.empty() || text.starts_with('#')) continue;
    ROBOSYNC_ASSIGN(Line line, parse_line(text));
    const RelPath path = line.path;
    if (!lines.emplace(path, std::move(line)).second) return fail(bad_line(text));
  }
  std::vector<RelPath> missing;
  for (const auto& [path, line] : lines) {
    for (RelPath up = path.parent(); !up.is_root() && !lines.contains(up); up = up.parent()) {
      missing.push_back(up);
    }
  }
  for (const RelPath& path : missing) {
    Line line;
    line.path = path;
    line.kind = Kind::kDirectory;
    lines.emplace(path, std::move(line));
  }
  return lines;
}

Result<void> create_regular(Directory& parent, const Line& line) {
  ROBOSYNC_ASSIGN(const FilePtr file, parent.create_file(line.path.name(), kDefaultFileMode));
  ROBOSYNC_TRY(file->write_at(std::as_bytes(std::span(line.content)), 0));
  if (line.size) return file->resize(*line.size);
  return {};
}

Result<void> create(const DirectoryPtr& root, const Line& line) {
  ROBOSYNC_ASSIGN(const DirectoryPtr parent, open_beneath(root, line.path.parent()));
  const std::string_view name = line.path.name();
  if (!line.leader.empty()) {
    ROBOSYNC_ASSIGN(const RelPath leader, RelPath::parse(line.leader));
    ROBOSYNC_ASSIGN(const DirectoryPtr from, open_beneath(root, leader.parent()));
    return parent->make_link(*from, leader.name(), name);
  }
  switch (line.kind) {
    case Kind::kDirectory:
      return parent->make_directory(name, kImplicitDirectoryMode);
    case Kind::kSymlink:
      return parent->make_symlink(name, line.content);
    case Kind::kFifo:
    case Kind::kSocket:
    case Kind::kCharDevice:
    case Kind::kBlockDevice:
      return parent->make_node(name, line.kind, kDefaultFileMode, line.device_number);
    case Kind::kRegular:
    case Kind::kUnknown:
      break;
  }
  return create_regular(*parent, line);
}

Result<void> set_attributes(const DirectoryPtr& root, const Line& line) {
  if (!line.leader.empty() || (line.metadata.empty() && line.xattrs.empty())) return {};
  ROBOSYNC_ASSIGN(const DirectoryPtr parent, open_beneath(root, line.path.parent()));
  for (const Xattr& attribute : line.xattrs) {
    ROBOSYNC_TRY(parent->set_entry_xattr(line.path.name(), attribute));
  }
  return parent->set_entry_metadata(line.path.name(), line.metadata);
}

std::string escaped(std::string_view bytes, bool in_name) {
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte >= 0x7f || (in_name && (c == ' ' || c == '#'))) {
      char hex[8];
      std::snprintf(hex, sizeof(hex), "\\x%02x", byte);
      out += hex;
    } else {
      out += c;
    }
  }
  return out;
}

// FNV-1a: to tell contents apart, not to protect them.
std::string sum_of(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325ULL;
  for (const char c : bytes) sum = (sum ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  char hex[24];
  std::snprintf(hex, sizeof(hex), "%016llx", static_cast<unsigned long long>(sum));
  return hex;
}

class Dumper {
 public:
  explicit Dumper(const TreeTextOptions& options) : options_(options) {}

  // Appends what `directory` holds; subdirectories are returned, for the caller to go on with.
  std::vector<RelPath> add_directory(const Directory& directory, const RelPath& path) {
    Listing listing;
    if (auto listed = directory.list({}, listing); !listed) {
      add_problem(path.str(), listed.error());
    }
    for (const tree::Problem& problem : listing.problems) {
      add_problem(path.child(problem.path).str(), problem.error);
    }
    tree::sort_entries(listing.entries);
    std::vector<RelPath> subdirectories;
    for (const tree::Entry& entry : listing.entries) {
      const RelPath entry_path = path.child(entry.name);
      lines_[entry_path] = line_of(directory, entry, entry_path);
      if (entry.metadata.is_directory()) subdirectories.push_back(entry_path);
    }
    return subdirectories;
  }

  void add_problem(const std::string& path, const base::Error& error) {
    problems_ += escape_name(path) + " !" + std::string(base::to_string(error.kind)) + "\n";
  }

  std::string text() {
    // The leader of a hard-link group is the first of its names, whatever order they were met in.
    std::unordered_map<tree::Identity, std::string> leaders;
    std::string out;
    for (const auto& [path, line] : lines_) {
      const std::string name = escape_name(path.str());
      if (line.group) {
        const auto [leader, is_first] = leaders.emplace(*line.group, name);
        if (!is_first) {
          out += name + " => " + leader->second + "\n";
          continue;
        }
      }
      out += name + line.rest + "\n";
    }
    return out + problems_;
  }

 private:
  struct DumpedLine {
    std::optional<tree::Identity> group;
    std::string rest;
  };

  DumpedLine line_of(const Directory& directory, const tree::Entry& entry, const RelPath& path) {
    DumpedLine line;
    const tree::Metadata& m = entry.metadata;
    if (options_.hard_links && !m.is_directory() && link_count(directory, entry) > 1) {
      line.group = m.identity;
    }
    if (m.is_directory()) line.rest += '/';
    add_attributes(m, line.rest);
    if (options_.xattrs) add_xattrs(directory, entry.name, path, line.rest);
    if (m.is_symlink()) line.rest += " -> " + escape_content(entry.link_target);
    if (m.kind == Kind::kFifo) line.rest += " |";
    if (m.kind == Kind::kSocket) line.rest += " ~";
    if (m.kind == Kind::kCharDevice) line.rest += " c=" + std::to_string(m.device_number);
    if (m.kind == Kind::kBlockDevice) line.rest += " b=" + std::to_string(m.device_number);
    if (m.is_regular() && m.size > 0) add_content(directory, entry.name, path, line.rest);
    return line;
  }

  // Some listings do not tell it.
  static std::uint32_t link_count(const Directory& directory, const tree::Entry& entry) {
    if (entry.metadata.link_count != 0) return entry.metadata.link_count;
    const auto asked = directory.stat_entry(entry.name);
    return asked ? asked->metadata.link_count : 0;
  }

  void add_attributes(const tree::Metadata& m, std::string& out) const {
    char text[64];
    if (options_.modes && !m.is_symlink()) {
      std::snprintf(text, sizeof(text), " mode=%o", m.mode);
      out += text;
    }
    if (options_.owners) {
      out += " uid=" + std::to_string(m.uid) + " gid=" + std::to_string(m.gid);
    }
    if (options_.times) {
      std::snprintf(text, sizeof(text), " t=%lld.%09u", static_cast<long long>(m.mtime.seconds),
                    m.mtime.nanoseconds);
      out += text;
    }
    if (options_.allocation && m.is_regular()) {
      out += " allocated=" + std::to_string(m.allocated_bytes);
    }
  }

  void add_xattrs(const Directory& directory, const std::string& name, const RelPath& path,
                  std::string& out) {
    const auto attributes = directory.entry_xattrs(name);
    if (!attributes) return add_problem(path.str(), attributes.error());
    for (const Xattr& attribute : *attributes) {
      out += " x:" + escape_name(attribute.name) + "=" + escape_name(attribute.value);
    }
  }

  void add_content(const Directory& directory, const std::string& name, const RelPath& path,
                   std::string& out) {
    const auto content = read_whole(directory, name);
    if (!content) return add_problem(path.str(), content.error());
    if (content->size() <= kTextContentBytesMax) {
      out += " = " + escape_content(*content);
    } else {
      out += " size=" + std::to_string(content->size()) + " sum=" + sum_of(*content);
    }
  }

  const TreeTextOptions options_;
  std::map<RelPath, DumpedLine> lines_;
  std::string problems_;
};

}  // namespace

std::string escape_name(std::string_view bytes) { return escaped(bytes, true); }

std::string escape_content(std::string_view bytes) { return escaped(bytes, false); }

Result<std::string> unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    const char code = ++i < text.size() ? text[i] : '\0';
    unsigned byte = 0;
    if (code == 'n') {
      out += '\n';
    } else if (code == 't') {
      out += '\t';
    } else if (code == '\\') {
      out += '\\';
    } else if (code == 'x' && i + 2 < text.size() &&
               parse_number(text.substr(i + 1, 2), byte, 16)) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      return fail(bad_line(text));
    }
  }
  return out;
}

Result<void> build_tree(const DirectoryPtr& root, std::string_view spec) {
  ROBOSYNC_ASSIGN(const auto lines, parse_text(spec));
  for (const auto& [path, line] : lines) {
    if (line.leader.empty()) ROBOSYNC_TRY(create(root, line));
  }
  for (const auto& [path, line] : lines) {
    if (!line.leader.empty()) ROBOSYNC_TRY(create(root, line));
  }
  // Backwards: a directory's times are set after everything in it was.
  for (auto at = lines.rbegin(); at != lines.rend(); ++at) {
    ROBOSYNC_TRY(set_attributes(root, at->second));
  }
  return {};
}

std::string dump_tree(const DirectoryPtr& root, const TreeTextOptions& options) {
  Dumper dumper(options);
  std::vector<RelPath> todo{RelPath()};
  while (!todo.empty()) {
    const RelPath path = std::move(todo.back());
    todo.pop_back();
    auto directory = open_beneath(root, path);
    if (!directory) {
      dumper.add_problem(path.str(), directory.error());
      continue;
    }
    for (RelPath& below : dumper.add_directory(**directory, path)) {
      todo.push_back(std::move(below));
    }
  }
  return dumper.text();
}

Result<std::string> read_whole(const Directory& directory, std::string_view name) {
  ROBOSYNC_ASSIGN(const FilePtr file, directory.open_file(name));
  std::string out;
  std::vector<std::byte> buffer(kReadBytes);
  for (;;) {
    ROBOSYNC_ASSIGN(const std::size_t count, file->read_at(buffer, out.size()));
    out.append(reinterpret_cast<const char*>(buffer.data()), count);
    if (count < buffer.size()) return out;
  }
}

Result<void> write_whole(Directory& directory, std::string_view name, std::string_view content) {
  auto file = directory.open_file(name, Access::kReadWrite);
  if (!file && file.error().kind == ErrorKind::kNotFound) {
    file = directory.create_file(name, kDefaultFileMode);
  }
  if (!file) return fail(std::move(file).error());
  ROBOSYNC_TRY((*file)->resize(0));
  return (*file)->write_at(std::as_bytes(std::span(content)), 0);
}

}  // namespace robosync::fs
