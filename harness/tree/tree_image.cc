#include "harness/tree/tree_image.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <span>
#include <string_view>

#include "harness/tree/printable.h"

namespace robosync::parity {
namespace {

constexpr std::int64_t kNsPerSecond = 1'000'000'000;

std::string_view name_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::kFile:
      return "file";
    case NodeKind::kDirectory:
      return "directory";
    case NodeKind::kSymlink:
      return "symbolic link";
    case NodeKind::kFifo:
      return "fifo";
    case NodeKind::kOther:
      break;
  }
  return "special file";
}

bool times_count(NodeKind kind, const Aspects& aspects) {
  if (kind == NodeKind::kDirectory) return aspects.directory_times;
  if (kind == NodeKind::kSymlink) return aspects.symlink_times;
  return aspects.file_times;
}

bool modes_count(NodeKind kind, const Aspects& aspects) {
  return aspects.modes && kind != NodeKind::kSymlink;
}

bool times_equal(const Node& a, const Node& b, std::int64_t window_ns) {
  const bool ordered = a.mtime_s >= b.mtime_s;
  const Node& later = ordered ? a : b;
  const Node& earlier = ordered ? b : a;
  // Unsigned, because the distance of two extreme times is beyond a signed number.
  const std::uint64_t apart_s =
      static_cast<std::uint64_t>(later.mtime_s) - static_cast<std::uint64_t>(earlier.mtime_s);
  // Beyond this the nanoseconds cannot matter, and the product below could not be represented.
  if (apart_s > static_cast<std::uint64_t>(window_ns / kNsPerSecond) + 1) return false;
  const std::int64_t apart_ns = static_cast<std::int64_t>(apart_s) * kNsPerSecond +
                                static_cast<std::int64_t>(later.mtime_ns) -
                                static_cast<std::int64_t>(earlier.mtime_ns);
  return apart_ns <= window_ns && -apart_ns <= window_ns;
}

std::string time_text(const Node& node) {
  if (node.mtime_s < 0 && node.mtime_ns > 0)
    return fmt::format("-{}.{:09}", -(node.mtime_s + 1), kNsPerSecond - node.mtime_ns);
  return fmt::format("{}.{:09}", node.mtime_s, node.mtime_ns);
}

// Collects lines up to a limit and counts the rest.
class Lines {
 public:
  explicit Lines(std::size_t lines_max) : lines_max_(lines_max) {}

  void add(std::string line) {
    if (lines_.size() < lines_max_)
      lines_.push_back(std::move(line));
    else
      ++more_;
  }
  template <typename Text>
  void differ(std::string_view aspect, std::string_view path, const Text& expected,
              const Text& found) {
    add(fmt::format("{} of {}: {} expected, {} found", aspect, printable_path(path), expected,
                    found));
  }
  [[nodiscard]] std::vector<std::string> finish() && {
    if (more_ > 0) lines_.push_back(fmt::format("and {} more", more_));
    return std::move(lines_);
  }

 private:
  std::size_t lines_max_;
  std::size_t more_ = 0;
  std::vector<std::string> lines_;
};

void compare_files(std::string_view path, const Node& expected, const Node& actual,
                   const Aspects& aspects, Lines& lines) {
  if (expected.size != actual.size) {
    lines.differ("size", path, expected.size, actual.size);
  } else if (expected.content != actual.content) {
    lines.differ("content", path, expected.content.hex(), actual.content.hex());
  }
  if (aspects.hard_links && expected.link_group != actual.link_group) {
    const auto group = [](const Node& node) {
      return node.link_group.empty() ? std::string("no other name")
                                     : printable_path(node.link_group);
    };
    lines.differ("first name", path, group(expected), group(actual));
  }
}

void compare(std::string_view path, const Node& expected, const Node& actual,
             const Aspects& aspects, Lines& lines) {
  if (expected.kind != actual.kind) {
    lines.differ("kind", path, name_of(expected.kind), name_of(actual.kind));
    return;
  }
  if (expected.kind == NodeKind::kFile) compare_files(path, expected, actual, aspects, lines);
  if (expected.link_target != actual.link_target)
    lines.differ("target", path, printable_path(expected.link_target),
                 printable_path(actual.link_target));
  if (modes_count(expected.kind, aspects) && expected.mode != actual.mode)
    lines.differ("mode", path, fmt::format("{:04o}", expected.mode),
                 fmt::format("{:04o}", actual.mode));
  if (times_count(expected.kind, aspects) && !times_equal(expected, actual, aspects.time_window_ns))
    lines.differ("mtime", path, time_text(expected), time_text(actual));
  if (aspects.owners && (expected.owner != actual.owner || expected.group != actual.group))
    lines.differ("owner", path, fmt::format("{}:{}", expected.owner, expected.group),
                 fmt::format("{}:{}", actual.owner, actual.group));
}

// Feeds a hasher with values that cannot run into each other: numbers little-endian in eight bytes,
// strings with their length before them.
class Canonical {
 public:
  void add(std::uint64_t number) {
    std::array<std::byte, 8> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i)
      bytes[i] = static_cast<std::byte>((number >> (8 * i)) & 0xffU);
    hasher_->add(bytes);
  }
  void add(std::span<const std::byte> data) {
    add(std::uint64_t{data.size()});
    hasher_->add(data);
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text.data(), text.size()))); }
  [[nodiscard]] std::string hex() { return hasher_->finish().hex(); }

 private:
  std::unique_ptr<base::Hasher> hasher_ = base::make_hasher(base::DigestKind::kXxh3_128);
};

void add_node(std::string_view path, const Node& node, const Aspects& aspects,
              Canonical& canonical) {
  canonical.add(path);
  canonical.add(static_cast<std::uint64_t>(node.kind));
  if (modes_count(node.kind, aspects)) canonical.add(std::uint64_t{node.mode});
  if (times_count(node.kind, aspects)) {
    canonical.add(static_cast<std::uint64_t>(node.mtime_s));
    canonical.add(std::uint64_t{node.mtime_ns});
  }
  if (node.kind == NodeKind::kFile) {
    canonical.add(node.size);
    canonical.add(std::span<const std::byte>(node.content.bytes.data(), node.content.size));
    if (aspects.hard_links) canonical.add(std::string_view(node.link_group));
  }
  if (node.kind == NodeKind::kSymlink) canonical.add(std::string_view(node.link_target));
}

}  // namespace

std::vector<std::string> differences(const TreeImage& expected, const TreeImage& actual,
                                     const Aspects& aspects, std::size_t lines_max) {
  Lines lines(lines_max);
  auto e = expected.nodes.begin();
  auto a = actual.nodes.begin();
  while (e != expected.nodes.end() || a != actual.nodes.end()) {
    const bool missing =
        a == actual.nodes.end() || (e != expected.nodes.end() && e->first < a->first);
    const bool unexpected =
        e == expected.nodes.end() || (a != actual.nodes.end() && a->first < e->first);
    if (missing) {
      lines.add(fmt::format("missing: {} ({})", printable_path(e->first), name_of(e->second.kind)));
      ++e;
    } else if (unexpected) {
      lines.add(
          fmt::format("unexpected: {} ({})", printable_path(a->first), name_of(a->second.kind)));
      ++a;
    } else {
      compare(e->first, e->second, a->second, aspects, lines);
      ++e;
      ++a;
    }
  }
  return std::move(lines).finish();
}

std::string tree_digest(const TreeImage& image, const Aspects& aspects) {
  Canonical canonical;
  for (const auto& [path, node] : image.nodes) add_node(path, node, aspects, canonical);
  return canonical.hex();
}

}  // namespace robosync::parity
