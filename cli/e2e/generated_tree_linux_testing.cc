#include "cli/e2e/generated_tree_linux_testing.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <vector>

#include "cli/e2e/builder_linux_testing.h"
#include "cli/e2e/process_linux_testing.h"
#include "cli/e2e/tree_image_linux_testing.h"

namespace robosync::e2e {
namespace {

class Generator {
 public:
  Generator(const std::string& root, std::uint64_t seed, const Shape& shape)
      : tree_(root), shape_(shape), random_(seed) {}

  void generate() {
    make_directories();
    make_files();
    make_links();
    if (shape_.odd_names) make_odd_names();
    make_nodes();
    if (shape_.deep_levels > 0) make_deep();
    for (unsigned i = 0; i < shape_.wide_entries; ++i) {
      tree_.file("wide/entry-" + std::to_string(i), std::string(i % 7, 'w'));
    }
    finish();
  }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(random_() % limit); }
  bool once_in(unsigned times) { return below(times) == 0; }
  const std::string& some_directory() {
    return directories_[below(static_cast<unsigned>(directories_.size()))];
  }
  std::string place(const std::string& name) {
    const std::string& directory = some_directory();
    return directory.empty() ? name : directory + "/" + name;
  }

  void make_directories() {
    directories_ = {""};
    for (unsigned i = 0; i < shape_.directories; ++i) {
      const std::string path = place("d" + std::to_string(i));
      tree_.directory(path);
      directories_.push_back(path);
    }
  }

  timespec random_time() {
    // What ext4 can store: 1901 to 2446.
    constexpr std::int64_t kFirst = -2'000'000'000;
    constexpr std::int64_t kLast = 14'000'000'000;
    timespec time = kOldTime;
    if (shape_.odd_times && once_in(3)) {
      time.tv_sec = kFirst + static_cast<std::int64_t>(random_() % (kLast - kFirst));
    } else {
      time.tv_sec -= static_cast<std::int64_t>(below(100'000'000));
    }
    time.tv_nsec = once_in(5) ? 0 : static_cast<long>(below(1'000'000'000));
    return time;
  }

  mode_t random_mode() {
    if (!shape_.odd_modes) return once_in(4) ? 0755 : 0644;
    constexpr mode_t kModes[] = {0644, 0755, 0600, 0444, 0000, 0777, 04755, 02755, 01644, 06711};
    return kModes[below(std::size(kModes))];
  }

  std::string random_content() {
    constexpr unsigned kSizes[] = {0, 1, 100, 4095, 4096, 4097, 20000, 70000, 131073};
    const unsigned size = kSizes[below(std::size(kSizes))];
    return once_in(6) ? std::string(size, '\0') : noise(size, random_());
  }

  void make_files() {
    for (unsigned i = 0; i < shape_.files; ++i) {
      const std::string path = place("file" + std::to_string(i) + (once_in(3) ? ".log" : ".txt"));
      tree_.file(path, random_content());
      files_.push_back(path);
    }
    if (shape_.sparse) {
      tree_.sparse("sparse/holes", 3'000'000, {{0, "head"}, {1'500'000, noise(9000, 5)}});
      tree_.sparse("sparse/only-a-hole", 2'000'000, {});
      tree_.sparse("sparse/ends-with-data", 1'000'000, {{999'990, "0123456789"}});
    }
    if (shape_.hard_links) {
      for (unsigned i = 0; i < 6 && i * 2 < files_.size(); ++i) {
        tree_.hard_link(place("hard" + std::to_string(i) + "-b"), files_[i * 2]);
        if (once_in(2)) tree_.hard_link(place("hard" + std::to_string(i) + "-a"), files_[i * 2]);
      }
    }
  }

  void make_links() {
    for (unsigned i = 0; i < shape_.links; ++i) {
      const std::string name = place("link" + std::to_string(i));
      switch (below(6)) {
        case 0:
          tree_.symlink(name, "missing-target");
          break;
        case 1:
          tree_.symlink(name, "/etc/hostname");
          break;
        case 2:
          tree_.symlink(name, "../../../up");
          break;
        case 3:
          tree_.symlink(name, ".");
          break;
        case 4:
          tree_.symlink(name, tree_.at(some_directory()));
          break;
        default:
          tree_.symlink(name, "file" + std::to_string(below(20)) + ".txt");
          break;
      }
    }
    tree_.symlink("link-long", std::string(1000, 'l'));
    tree_.symlink("link-odd", std::string("odd\x01\xff\n name"));
  }

  void make_odd_names() {
    for (unsigned byte = 1; byte < 256; ++byte) {
      if (byte == '/') continue;
      const char character = static_cast<char>(static_cast<unsigned char>(byte));
      tree_.file(std::string("odd/n") + character + "x", "odd " + std::to_string(byte));
      if (character != '.') tree_.file(std::string("odd/one/") + character, "");
    }
    const std::string long_names[] = {std::string(255, 'L'), std::string(127, '\xc3') + "\xff",
                                      "..." + std::string(252, '.')};
    for (const std::string& name : long_names) tree_.file("odd/" + name, "long");
    tree_.directory("odd/" + std::string(255, 'D'));
    tree_.file("odd/" + std::string(255, 'D') + "/" + std::string(255, 'F'), "nested");
    for (const char* name :
         {"-rf",          "--delete", " leading", "trailing ", "a\nb",        "a\rb",
          "..x",          "...",      "*",        "?",         "[a]",         "a\\b",
          "C:",           "a:b",      "nul",      "COM1",      "~",           "#x",
          "%00",          "$HOME",    "`x`",      "\xff\xfe",  "caf\xc3\xa9", "cafe\xcc\x81",
          "\xed\xa0\x80", "A.txt",    "a.TXT",    "a..b"}) {
      tree_.file(std::string("odd/") + name, name);
    }
  }

  void make_nodes() {
    if (shape_.fifos) tree_.fifo("nodes/fifo", 0640);
    if (shape_.devices && is_root()) {
      tree_.device("nodes/null", S_IFCHR, 1, 3);
      tree_.device("nodes/loop", S_IFBLK, 7, 200);
    }
  }

  void make_deep() {
    std::string path = "deep";
    for (unsigned level = 0; level < shape_.deep_levels; ++level) path += "/d";
    tree_.file(path + "/bottom", "deep down");
  }

  void own_and_mark(const std::string& path) {
    if (shape_.owners && is_root() && once_in(4)) {
      tree_.owner(path, 1000 + below(3), 2000 + below(3));
    }
    if (shape_.xattrs && once_in(10)) {
      tree_.xattr(path, "user.tag", "value " + std::to_string(below(10)));
      tree_.xattr(path, "user.binary", std::string("\0\x01\xff", 3));
    }
  }

  // Owners first (they clear set-id bits), then modes, then times; directories from below.
  void finish() {
    for (const std::string& path : files_) {
      own_and_mark(path);
      tree_.mode(path, random_mode());
      tree_.time(path, random_time());
    }
    std::ranges::reverse(directories_);
    for (const std::string& path : directories_) {
      if (path.empty()) continue;
      own_and_mark(path);
      constexpr mode_t kModes[] = {0755, 0700, 0777, 01777, 02775, 0555};
      // A read-only directory could not be changed again by others than root.
      const auto choices = static_cast<unsigned>(std::size(kModes)) - (is_root() ? 0 : 1);
      tree_.mode(path, shape_.odd_modes ? kModes[below(choices)] : 0755);
    }
    settle_times();
  }

  void settle_times() {
    for (const std::string& path : directories_) tree_.time(path, random_time());
    for (const std::string& name : names_in(tree_.root())) {
      struct stat status{};
      lstat(tree_.at(name).c_str(), &status);
      if (S_ISDIR(status.st_mode) && std::ranges::find(directories_, name) == directories_.end()) {
        tree_.time(name, kOldTime);
      }
    }
  }

  TreeBuilder tree_;
  const Shape& shape_;
  std::mt19937_64 random_;
  std::vector<std::string> directories_;
  std::vector<std::string> files_;
};

// One change to one entry, by turns.
void mutate_file(TreeBuilder& tree, const std::string& path, const NodeImage& node,
                 std::uint64_t turn) {
  const auto size = static_cast<std::size_t>(node.size);
  switch (turn % 9) {
    case 0:
      tree.file(path, noise(size, turn), node.mode, kNewTime);
      break;
    case 1:
      tree.file(path, noise(size + 5000, turn), node.mode, kNewTime);
      break;
    case 2:
      tree.file(path, noise(size / 2, turn), node.mode, node.time);
      break;
    case 3:
      tree.mode(path, node.mode ^ 0011U);
      break;
    case 4:
      tree.time(path, kNewTime);
      break;
    case 5:
      tree.remove(path);
      break;
    case 6:
      tree.remove(path).symlink(path, "was-a-file");
      break;
    case 7:
      tree.remove(path).file(path + "/inside", "was a file");
      break;
    default:
      if (rename(tree.at(path).c_str(), (tree.at(path) + "-moved").c_str()) != 0) return;
      break;
  }
}

void mutate_link(TreeBuilder& tree, const std::string& path, std::uint64_t turn) {
  tree.remove(path);
  switch (turn % 4) {
    case 0:
      tree.symlink(path, "another-target");
      break;
    case 1:
      tree.file(path, "was a link");
      break;
    case 2:
      tree.file(path + "/inside", "was a link");
      break;
    default:
      break;
  }
}

}  // namespace

void generate_tree(const std::string& root, std::uint64_t seed, const Shape& shape) {
  Generator(root, seed, shape).generate();
}

void mutate_tree(const std::string& root, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  TreeBuilder tree(root);
  const TreeImage before = read_tree(root);
  for (const auto& [path, node] : before) {
    if (path.starts_with("deep/") || path.size() + 8 > 255 || !exists(tree.at(path))) continue;
    if (node.kind == S_IFREG && random() % 4 == 0) mutate_file(tree, path, node, random());
    if (node.kind == S_IFLNK && random() % 3 == 0) mutate_link(tree, path, random());
    if (node.kind == S_IFDIR && !path.empty() && random() % 8 == 0) {
      switch (random() % 3) {
        case 0:
          tree.remove(path);
          break;
        case 1:
          tree.remove(path).file(path, "was a directory");
          break;
        default:
          tree.mode(path, 0711);
          break;
      }
    }
  }
  const std::string added = "added" + std::to_string(seed);
  tree.file(added + "/below/new", noise(5000, seed)).file(added + "/another", "x");
}

}  // namespace robosync::e2e
