// Differential test: ModeChange against the installed rsync's --chmod, on real files of many modes.
//
// ROBOSYNC_FILTER_CASES multiplies the number of cases.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "engine/tree/chmod.h"
#include "engine/tree/filter_oracle_posix_testing.h"

namespace robosync::tree {
namespace {

constexpr std::uint32_t kModeBits = 07777;

// Sets the process's umask, which rsync inherits, for as long as it lives.
class UmaskGuard {
 public:
  explicit UmaskGuard(mode_t mask) : before_(umask(mask)) {}
  ~UmaskGuard() { umask(before_); }
  UmaskGuard(const UmaskGuard&) = delete;
  UmaskGuard& operator=(const UmaskGuard&) = delete;

 private:
  mode_t before_;
};

// "drwsr-x--T" as bits.
std::uint32_t bits_of(std::string_view text) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    const char letter = text[i + 1];
    const std::uint32_t bit = 0400U >> i;
    if (letter != '-' && letter != 'S' && letter != 'T') bits |= bit;
    if (std::string_view("sStT").find(letter) != std::string_view::npos) {
      bits |= i == 2 ? 04000U : i == 5 ? 02000U : 01000U;
    }
  }
  return bits;
}

class RandomChange {
 public:
  explicit RandomChange(std::uint64_t seed) : random_(seed) {}

  std::string text() {
    std::string text = clause();
    while (below(3) == 0) text += ',' + clause();
    return text;
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  void add_some(std::string_view letters, std::string& text) {
    for (std::uint64_t count = below(4); count > 0; --count) text += letters[below(letters.size())];
  }

  std::string clause() {
    std::string text;
    if (below(3) == 0) text = below(2) == 0 ? "D" : "F";
    if (below(40) == 0) text += "DF,8z"[below(5)];
    if (below(5) == 0) {
      for (std::uint64_t count = 1 + below(4); count > 0; --count) text += "01234567"[below(8)];
      return text;
    }
    add_some("ugoa", text);
    text += "+-="[below(3)];
    if (below(4) == 0) return text + "ugo"[below(3)];
    add_some("rwxXst", text);
    if (below(40) == 0) text += "+7ug"[below(4)];
    return text;
  }

  std::mt19937_64 random_;
};

class ChmodAgainstRsync : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(run_rsync({"--version"}, "/").exit_code, 0)
        << "these tests need the package rsync; install it";
    write_tree(TreeNode{true, "", {}}, source_);
  }

  // Makes an entry of that mode, called by its kind and mode; what the file system made of it.
  void make(bool is_directory, std::uint32_t mode) {
    std::array<char, 16> name{};
    std::snprintf(name.data(), name.size(), "%c%04o", is_directory ? 'd' : 'f', mode);
    const std::string path = source_ + "/" + name.data();
    if (is_directory) {
      write_tree(TreeNode{true, "", {}}, path);
    } else {
      write_file(path, "x");
    }
    ASSERT_EQ(chmod(path.c_str(), static_cast<mode_t>(mode)), 0);
    modes_[name.data()] = mode_of(path);
  }

  static std::uint32_t mode_of(const std::string& path) {
    struct stat status{};
    EXPECT_EQ(lstat(path.c_str(), &status), 0) << path;
    return status.st_mode & kModeBits;
  }

  void compare_list(const std::string& text, std::uint32_t mask);

  ScratchDirectory scratch_;
  std::string source_ = scratch_.path() + "/source";
  std::string target_ = scratch_.path() + "/target";
  std::map<std::string, std::uint32_t> modes_;
};

void ChmodAgainstRsync::compare_list(const std::string& text, std::uint32_t mask) {
  const UmaskGuard umask_guard(static_cast<mode_t>(mask));
  const RsyncRun run = run_rsync({"-d", "--list-only", "--chmod=" + text, source_ + "/"}, "/");
  const auto change = ModeChange::parse(text);
  ASSERT_EQ(run.exit_code == 0, change.has_value()) << run.errors;
  if (!change) return;
  std::size_t seen = 0;
  for (const std::string& line : rsync_names(run.out)) {
    const std::string name = line.substr(line.rfind(' ') + 1);
    if (!modes_.contains(name)) continue;  // the root itself
    ++seen;
    EXPECT_EQ(change->apply(modes_[name], name.front() == 'd', mask), bits_of(line))
        << name << ": " << line;
  }
  EXPECT_EQ(seen, modes_.size());
}

TEST_F(ChmodAgainstRsync, ListsTheSameModes) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 60; ++i) make(i % 3 == 0, static_cast<std::uint32_t>(random() & kModeBits));
  const std::uint64_t total = 120 * number_from_environment("ROBOSYNC_FILTER_CASES", 1);
  constexpr std::array<std::uint32_t, 4> kMasks = {022, 077, 0, 027};
  for (std::uint64_t i = 0; i < total && !HasFailure(); ++i) {
    RandomChange change(number_from_environment("ROBOSYNC_FILTER_SEED", 1) * 1'000'000 + i);
    const std::string text = change.text();
    const std::uint32_t mask = kMasks[i % kMasks.size()];
    SCOPED_TRACE("case " + std::to_string(i) + ": --chmod=" + text);
    compare_list(text, mask);
  }
}

// What is listed is also what is written.
TEST_F(ChmodAgainstRsync, WritesTheSameModes) {
  for (const std::uint32_t mode : {0600U, 0640U, 0755U, 0711U, 0666U, 01777U}) {
    make(false, mode);
    make(true, mode | 0700U);
  }
  const UmaskGuard umask_guard(022);
  for (const std::string text :
       {"D755,F644", "u+w,Dg+s,go-rwx", "a=rX", "ug=rwX,o=", "g=u,o=g", "+x", "-w", "F+t"}) {
    SCOPED_TRACE(text);
    ASSERT_EQ(run_rsync({"-rp", "--chmod=" + text, source_ + "/", target_ + "/"}, "/").exit_code,
              0);
    const auto change = ModeChange::parse(text);
    ASSERT_TRUE(change);
    for (const auto& [name, mode] : modes_) {
      EXPECT_EQ(change->apply(mode, name.front() == 'd', 022), mode_of(target_ + "/" + name))
          << name;
    }
    remove_tree(target_);
  }
}

}  // namespace
}  // namespace robosync::tree
