#include "cli/e2e/tree_image_linux_testing.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>
#include <iomanip>
#include <sstream>
#include <system_error>

namespace robosync::e2e {
namespace {

constexpr std::size_t kShownDifferencesMax = 12;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

class Reader {
 public:
  explicit Reader(TreeImage& tree) : tree_(tree) {}

  void read(int parent, const char* name, const std::string& path) {
    struct stat status{};
    if (fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) != 0) fail("stat " + path);
    NodeImage& node = tree_[path];
    node.kind = status.st_mode & S_IFMT;
    node.mode = status.st_mode & 07777;
    node.uid = status.st_uid;
    node.gid = status.st_gid;
    node.time = status.st_mtim;
    node.allocated_bytes = status.st_blocks * 512;
    node.xattrs = xattrs_of(parent, name);
    if (S_ISCHR(status.st_mode) || S_ISBLK(status.st_mode)) node.device = status.st_rdev;
    if (!S_ISDIR(status.st_mode)) {
      node.size = status.st_size;
      if (status.st_nlink > 1) {
        inodes_[{status.st_dev, status.st_ino}].push_back(path);
      }
    }
    if (S_ISREG(status.st_mode)) read_content(parent, name, node);
    if (S_ISLNK(status.st_mode)) node.link_target = link_target_of(parent, name);
    if (S_ISDIR(status.st_mode)) read_children(parent, name, path);
  }

  void name_link_groups() {
    for (auto& [inode, paths] : inodes_) {
      const std::string& first = *std::ranges::min_element(paths);
      for (const std::string& path : paths) tree_[path].link_group = first;
    }
  }

 private:
  static std::string link_target_of(int parent, const char* name) {
    std::array<char, 8192> buffer{};
    const ssize_t length = readlinkat(parent, name, buffer.data(), buffer.size());
    return length < 0 ? "unreadable" : std::string(buffer.data(), static_cast<size_t>(length));
  }

  static std::map<std::string, std::string> xattrs_of(int parent, const char* name) {
    std::map<std::string, std::string> found;
    const std::string path = parent == AT_FDCWD
                                 ? std::string(name)
                                 : "/proc/self/fd/" + std::to_string(parent) + "/" + name;
    std::vector<char> names(65536);
    const ssize_t length = llistxattr(path.c_str(), names.data(), names.size());
    for (ssize_t at = 0; at < length;) {
      const std::string attribute = names.data() + at;
      at += static_cast<ssize_t>(attribute.size()) + 1;
      std::vector<char> value(65536);
      const ssize_t bytes = lgetxattr(path.c_str(), attribute.c_str(), value.data(), value.size());
      found[attribute] =
          bytes < 0 ? "unreadable" : std::string(value.data(), static_cast<std::size_t>(bytes));
    }
    return found;
  }

  // Reads only what is stored: a hole is zeros, and so is a stored block of zeros.
  static void read_content(int parent, const char* name, NodeImage& node) {
    const int fd = openat(parent, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
      node.content_digest = "unreadable";
      return;
    }
    std::size_t digest = 0;
    std::vector<char> block(1 << 20);
    off_t offset = 0;
    while (offset < node.size) {
      const off_t begin = lseek(fd, offset, SEEK_DATA);
      if (begin < 0) break;
      const off_t end = std::min<off_t>(lseek(fd, begin, SEEK_HOLE), node.size);
      node.extents.emplace_back(begin, end);
      digest_range(fd, begin, end, block, digest);
      offset = end;
    }
    close(fd);
    node.content_digest = std::to_string(digest);
  }

  static void digest_range(int fd, off_t begin, off_t end, std::vector<char>& block,
                           std::size_t& digest) {
    constexpr off_t kPage = 4096;  // extents begin and end at pages, whatever the file system
    for (off_t at = begin; at < end;) {
      const auto wanted = static_cast<std::size_t>(std::min<off_t>(kPage - at % kPage, end - at));
      const ssize_t count = pread(fd, block.data(), wanted, at);
      if (count <= 0) fail("read");
      const std::string_view bytes(block.data(), static_cast<std::size_t>(count));
      if (bytes.find_first_not_of('\0') != std::string_view::npos) {
        // Order-free, with the offset mixed in, so that equal bytes at another place differ.
        digest += std::hash<std::string_view>{}(bytes) * (static_cast<std::size_t>(at) * 2 + 1);
      }
      at += count;
    }
  }

  void read_children(int parent, const char* name, const std::string& path) {
    const int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
      tree_[path].content_digest = "unreadable";
      return;
    }
    DIR* stream = fdopendir(fd);
    if (stream == nullptr) fail("fdopendir " + path);
    while (const dirent* entry = readdir(stream)) {
      const std::string child = entry->d_name;
      if (child == "." || child == "..") continue;
      read(fd, child.c_str(), path.empty() ? child : path + "/" + child);
    }
    closedir(stream);
  }

  TreeImage& tree_;
  std::map<std::pair<dev_t, ino_t>, std::vector<std::string>> inodes_;
};

std::string kind_name(mode_t kind) {
  switch (kind) {
    case S_IFREG:
      return "file";
    case S_IFDIR:
      return "directory";
    case S_IFLNK:
      return "symbolic link";
    case S_IFIFO:
      return "fifo";
    case S_IFSOCK:
      return "socket";
    case S_IFCHR:
      return "character device";
    case S_IFBLK:
      return "block device";
    default:
      return "unknown";
  }
}

std::string octal(mode_t mode) {
  std::ostringstream text;
  text << std::oct << std::setw(4) << std::setfill('0') << mode;
  return text.str();
}

std::string moment(const timespec& time) {
  std::ostringstream text;
  text << time.tv_sec << '.' << std::setw(9) << std::setfill('0') << time.tv_nsec;
  return text.str();
}

std::string ranges(const NodeImage& node) {
  std::string text;
  for (const auto& [begin, end] : node.extents) {
    text += "[" + std::to_string(begin) + "," + std::to_string(end) + ")";
  }
  return text.empty() ? "none" : text;
}

std::string attributes(const NodeImage& node) {
  std::string text;
  for (const auto& [name, value] : node.xattrs) text += name + "=" + printable(value) + " ";
  return text.empty() ? "none" : text;
}

class Comparer {
 public:
  explicit Comparer(const Aspects& aspects) : aspects_(aspects) {}

  void compare(const std::string& path, const NodeImage& expected, const NodeImage& actual) {
    if (expected.kind != actual.kind) {
      add(path, "kind", kind_name(expected.kind), kind_name(actual.kind));
      return;
    }
    check(path, "size", std::to_string(expected.size), std::to_string(actual.size));
    check(path, "content", expected.content_digest, actual.content_digest);
    check(path, "link target", expected.link_target, actual.link_target);
    check(path, "device", std::to_string(expected.device), std::to_string(actual.device));
    if (path.empty() && !aspects_.root) return;
    if (aspects_.mode) check(path, "mode", octal(expected.mode), octal(actual.mode));
    if (aspects_.owner) {
      check(path, "owner", std::to_string(expected.uid) + ":" + std::to_string(expected.gid),
            std::to_string(actual.uid) + ":" + std::to_string(actual.gid));
    }
    if (time_counts(expected.kind) && !(recent(expected.time) && recent(actual.time))) {
      check(path, "time", moment(expected.time), moment(actual.time));
    }
    if (aspects_.hard_links) check(path, "linked to", expected.link_group, actual.link_group);
    if (aspects_.xattrs) check(path, "attributes", attributes(expected), attributes(actual));
    if (aspects_.holes) check(path, "stored ranges", ranges(expected), ranges(actual));
  }

  void add(const std::string& path, const std::string& what, const std::string& expected,
           const std::string& actual) {
    ++count_;
    if (count_ > kShownDifferencesMax) return;
    text_ << "  '" << printable(path) << "': " << what << " should be " << expected << ", is "
          << actual << "\n";
  }

  [[nodiscard]] std::string result() {
    if (count_ > kShownDifferencesMax) {
      text_ << "  ... and " << count_ - kShownDifferencesMax << " more\n";
    }
    return text_.str();
  }

 private:
  void check(const std::string& path, const std::string& what, const std::string& expected,
             const std::string& actual) {
    if (expected != actual) add(path, what, "'" + expected + "'", "'" + actual + "'");
  }

  [[nodiscard]] bool recent(const timespec& time) const {
    constexpr std::int64_t kDay = 86'400;
    return time.tv_sec >= aspects_.recent_seconds && time.tv_sec - kDay < aspects_.recent_seconds;
  }

  [[nodiscard]] bool time_counts(mode_t kind) const {
    if (kind == S_IFDIR) return aspects_.directory_time;
    if (kind == S_IFLNK) return aspects_.link_time;
    return aspects_.time;
  }

  const Aspects& aspects_;
  std::ostringstream text_;
  std::size_t count_ = 0;
};

bool ignored(const Aspects& aspects, const std::string& path) {
  if (!aspects.ignore) return false;
  for (std::size_t at = path.find('/'); at != std::string::npos; at = path.find('/', at + 1)) {
    if (aspects.ignore(std::string_view(path).substr(0, at))) return true;
  }
  return aspects.ignore(path);
}

}  // namespace

TreeImage read_tree(const std::string& root) {
  TreeImage tree;
  Reader reader(tree);
  reader.read(AT_FDCWD, root.c_str(), "");
  reader.name_link_groups();
  return tree;
}

Aspects all_aspects() {
  Aspects aspects;
  aspects.hard_links = aspects.xattrs = aspects.holes = true;
  return aspects;
}

std::string differences(const TreeImage& expected, const TreeImage& actual,
                        const Aspects& aspects) {
  Comparer comparer(aspects);
  for (const auto& [path, node] : expected) {
    if (ignored(aspects, path)) continue;
    const auto other = actual.find(path);
    if (other == actual.end()) {
      comparer.add(path, "entry", kind_name(node.kind), "missing");
    } else {
      comparer.compare(path, node, other->second);
    }
  }
  for (const auto& [path, node] : actual) {
    if (!ignored(aspects, path) && !expected.contains(path)) {
      comparer.add(path, "entry", "missing", kind_name(node.kind));
    }
  }
  return comparer.result();
}

std::string differences(const std::string& expected_root, const std::string& actual_root,
                        const Aspects& aspects) {
  return differences(read_tree(expected_root), read_tree(actual_root), aspects);
}

namespace {

// What vanishes meanwhile is left out: a run may be going on.
void add_names(const std::filesystem::path& directory, const std::string& prefix,
               std::vector<std::string>& names) {
  std::error_code gone;
  std::filesystem::directory_iterator entry(directory, gone);
  if (gone && prefix.empty()) throw std::system_error(gone, "list " + directory.string());
  for (; !gone && entry != std::filesystem::directory_iterator(); entry.increment(gone)) {
    const std::string name = prefix + entry->path().filename().string();
    names.push_back(name);
    std::error_code unknown;
    if (entry->symlink_status(unknown).type() == std::filesystem::file_type::directory) {
      add_names(entry->path(), name + "/", names);
    }
  }
}

}  // namespace

std::vector<std::string> names_in(const std::string& root) {
  std::vector<std::string> names;
  add_names(root, "", names);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> staging_names_in(const std::string& root) {
  constexpr std::string_view kPrefix = ".robosync-";
  std::vector<std::string> names;
  for (const std::string& path : names_in(root)) {
    const std::size_t slash = path.rfind('/');
    const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
    if (name.starts_with(kPrefix) && name.size() > kPrefix.size() &&
        std::isxdigit(static_cast<unsigned char>(name[kPrefix.size()])) != 0) {
      names.push_back(path);
    }
  }
  return names;
}

std::string printable(std::string_view name) {
  std::ostringstream text;
  for (const char character : name) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte >= 0x20 && byte < 0x7f && byte != '\\') {
      text << character;
    } else {
      text << "\\x" << std::hex << std::setw(2) << std::setfill('0') << unsigned{byte};
    }
  }
  return text.str();
}

TreeTotals totals_of(const TreeImage& tree) {
  TreeTotals totals;
  for (const auto& [path, node] : tree) {
    if (node.kind == S_IFREG) {
      ++totals.files;
      totals.file_bytes += static_cast<std::uint64_t>(node.size);
    } else if (node.kind == S_IFDIR) {
      ++totals.directories;
    } else if (node.kind == S_IFLNK) {
      ++totals.symlinks;
    } else {
      ++totals.others;
    }
  }
  return totals;
}

}  // namespace robosync::e2e
