// What it costs to let nothing appear at its final name before it is complete: the ways compared in
// docs/decisions/0001. Each iteration makes one directory of 100 files of 4 KiB.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>

namespace {

constexpr int kFiles = 100;
constexpr std::size_t kFileBytes = 4096;

// A scratch directory that is emptied outside the timing.
class Scratch {
 public:
  Scratch() {
    if (::mkdtemp(root_.data()) == nullptr) std::abort();
    root_fd_ = ::open(root_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    clear();
    ::close(root_fd_);
    ::rmdir(root_.c_str());
  }
  [[nodiscard]] int make(const char* name) const {
    ::mkdirat(root_fd_, name, 0700);
    return ::openat(root_fd_, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  }
  [[nodiscard]] int fd() const { return root_fd_; }
  void clear() const {
    for (const char* directory : {"final", "staged"}) {
      const int fd = ::openat(root_fd_, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
      if (fd < 0) continue;
      for (int i = 0; i < kFiles; ++i) ::unlinkat(fd, std::to_string(i).c_str(), 0);
      ::close(fd);
      ::unlinkat(root_fd_, directory, AT_REMOVEDIR);
    }
  }

 private:
  std::string root_ = "/dev/shm/robosync-bench-XXXXXX";
  int root_fd_ = -1;
};

void fill(int fd) {
  static const std::array<char, kFileBytes> bytes{};
  if (::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) std::abort();
}

template <typename MakeFile>
void run(benchmark::State& state, const char* directory, MakeFile make_file) {
  const Scratch scratch;
  for (auto _ : state) {
    const int fd = scratch.make(directory);
    for (int i = 0; i < kFiles; ++i) make_file(fd, std::to_string(i));
    if (std::string_view(directory) == "staged") {
      ::syscall(SYS_renameat2, scratch.fd(), "staged", scratch.fd(), "final", RENAME_NOREPLACE);
    }
    state.PauseTiming();
    ::close(fd);
    scratch.clear();
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations() * kFiles);
}

void make_in_place(int directory, const std::string& name) {
  const int fd = ::openat(directory, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  fill(fd);
  ::close(fd);
}

// No safety at all: the floor.
void in_place(benchmark::State& state) { run(state, "final", make_in_place); }
BENCHMARK(in_place);

void staged_directory(benchmark::State& state) { run(state, "staged", make_in_place); }
BENCHMARK(staged_directory);

void rename_per_file(benchmark::State& state) {
  run(state, "final", [](int directory, const std::string& name) {
    const std::string temporary = ".t" + name;
    make_in_place(directory, temporary);
    ::syscall(SYS_renameat2, directory, temporary.c_str(), directory, name.c_str(),
              RENAME_NOREPLACE);
  });
}
BENCHMARK(rename_per_file);

void unnamed_file_and_link(benchmark::State& state) {
  run(state, "final", [](int directory, const std::string& name) {
    const int fd = ::openat(directory, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
    fill(fd);
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    ::linkat(AT_FDCWD, path.c_str(), directory, name.c_str(), AT_SYMLINK_FOLLOW);
    ::close(fd);
  });
}
BENCHMARK(unnamed_file_and_link);

}  // namespace
