#include "engine/tree/filter_oracle_posix_testing.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

extern char** environ;  // NOLINT(readability-redundant-declaration): only glibc declares it

namespace robosync::tree {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<char*> pointers(std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (std::string& string : strings) result.push_back(string.data());
  result.push_back(nullptr);
  return result;
}

void collect_names(const std::filesystem::path& directory, const std::string& prefix,
                   std::set<std::string>& names) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    const std::string name = prefix + entry.path().filename().string();
    if (entry.is_directory() && !entry.is_symlink()) {
      names.insert(name + "/");
      collect_names(entry.path(), name + "/", names);
    } else {
      names.insert(name);
    }
  }
}

}  // namespace

RsyncRun run_rsync(const std::vector<std::string>& arguments, const std::string& directory,
                   const std::vector<std::pair<std::string, std::string>>& environment) {
  const ScratchDirectory outputs;
  const std::string out_path = outputs.path() + "/out";
  const std::string errors_path = outputs.path() + "/errors";
  // `env -C` sets the directory: posix_spawn has no portable way to.
  std::vector<std::string> words = {"env", "-i", "-C", directory, "LC_ALL=C"};
  const char* path = std::getenv("PATH");
  words.push_back("PATH=" + std::string(path == nullptr ? "/usr/bin:/bin" : path));
  for (const auto& [name, value] : environment) words.push_back(name + "=" + value);
  words.emplace_back("rsync");
  words.insert(words.end(), arguments.begin(), arguments.end());

  posix_spawn_file_actions_t actions{};
  posix_spawn_file_actions_init(&actions);
  constexpr int kFlags = O_WRONLY | O_CREAT | O_TRUNC;
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out_path.c_str(), kFlags, 0600);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors_path.c_str(), kFlags, 0600);
  pid_t child = 0;
  std::vector<char*> argv = pointers(words);
  const int failed = posix_spawnp(&child, "env", &actions, nullptr, argv.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) throw std::runtime_error("cannot start env");
  int status = 0;
  if (waitpid(child, &status, 0) != child) throw std::runtime_error("cannot wait for rsync");
  RsyncRun run;
  run.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  run.out = read_file(out_path);
  run.errors = read_file(errors_path);
  return run;
}

std::vector<std::string> rsync_names(std::string_view out) {
  std::vector<std::string> names;
  std::string name;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out[i] == '\n') {
      names.push_back(std::move(name));
      name.clear();
    } else if (out.substr(i).starts_with("\\#") && i + 4 < out.size()) {
      int byte = 0;
      for (std::size_t digit = i + 2; digit < i + 5; ++digit) byte = byte * 8 + (out[digit] - '0');
      name += static_cast<char>(byte);
      i += 4;
    } else {
      name += out[i];
    }
  }
  return names;
}

ScratchDirectory::ScratchDirectory() {
  // Thousands of small trees are made and removed: in memory where there is such a place.
  const bool memory = access("/dev/shm", W_OK) == 0;
  const std::filesystem::path parent =
      memory ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
  std::string pattern = (parent / "robosync_filter_XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot make " + pattern);
  path_ = std::filesystem::canonical(pattern).string();
}

ScratchDirectory::~ScratchDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::string& path, std::string_view content) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

void write_tree(const TreeNode& tree, const std::string& path) {
  std::filesystem::create_directory(path);
  for (const auto& [name, node] : tree.children) {
    const std::string child = path + "/" + name;
    if (node.is_directory) {
      write_tree(node, child);
    } else {
      write_file(child, node.content);
    }
  }
}

void remove_tree(const std::string& path) { std::filesystem::remove_all(path); }

std::set<std::string> names_below(const std::string& path) {
  std::set<std::string> names;
  collect_names(path, "", names);
  return names;
}

std::uint64_t number_from_environment(const char* name, std::uint64_t usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

}  // namespace robosync::tree
