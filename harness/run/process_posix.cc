#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "harness/run/process.h"
#include "harness/run/spawner_posix.h"

namespace robosync::parity {
namespace {

using Clock = std::chrono::steady_clock;

// How often the watcher looks at the clock and at the cancellation.
constexpr int kWatchIntervalMs = 50;
// How long a server may take to end when it is asked to, before it is made to.
constexpr auto kStopGrace = std::chrono::seconds(2);
constexpr auto kStopInterval = std::chrono::milliseconds(5);
constexpr std::size_t kReadBytes = 65536;
constexpr int kExitSignalBase = 128;

class Pipe {
 public:
  [[nodiscard]] base::Result<void> open() {
    if (::pipe(ends_.data()) != 0) return base::fail(base::from_errno(errno, "make a pipe"));
    for (const int end : ends_) ::fcntl(end, F_SETFD, FD_CLOEXEC);
    ::fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    return {};
  }
  Pipe() = default;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  [[nodiscard]] int read_end() const { return ends_[0]; }
  [[nodiscard]] int write_end() const { return ends_[1]; }
  void close_write_end() { close_end(1); }

 private:
  void close_end(std::size_t index) {
    if (ends_[index] >= 0) ::close(ends_[index]);
    ends_[index] = -1;
  }
  std::array<int, 2> ends_{-1, -1};
};

// Reads all there is now; keeps what is within the limit. False at the end of the stream.
bool drain(int descriptor, std::string& text) {
  std::array<char, kReadBytes> buffer{};
  while (true) {
    const ssize_t got = ::read(descriptor, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return errno == EAGAIN;
    if (got == 0) return false;
    const std::size_t room = kOutputBytesMax - std::min(kOutputBytesMax, text.size());
    text.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
  }
}

// Reads a program's outputs while it runs and ends its group when its time is over. What the
// thread writes is read after finish().
class Watcher {
 public:
  Watcher(int group, double timeout_s, const base::Cancellation* cancellation, const Pipe& out,
          const Pipe& err)
      : group_(group),
        deadline_(Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                     std::chrono::duration<double>(timeout_s))),
        cancellation_(cancellation),
        out_(out),
        err_(err) {}

  [[nodiscard]] base::Result<void> start() {
    ROBOSYNC_TRY(wake_.open());
    thread_ = std::thread([this] { watch(); });
    return {};
  }
  ~Watcher() { finish(); }
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

  void finish() {
    if (!thread_.joinable()) return;
    wake_.close_write_end();
    thread_.join();
  }

  std::string out_text;
  std::string err_text;
  bool timed_out = false;
  bool cancelled = false;

 private:
  void watch() {
    std::array<pollfd, 3> waits{{{out_.read_end(), POLLIN, 0},
                                 {err_.read_end(), POLLIN, 0},
                                 {wake_.read_end(), POLLIN, 0}}};
    while (true) {
      ::poll(waits.data(), waits.size(), kWatchIntervalMs);
      if (waits[0].fd >= 0 && !drain(waits[0].fd, out_text)) waits[0].fd = -1;
      if (waits[1].fd >= 0 && !drain(waits[1].fd, err_text)) waits[1].fd = -1;
      if ((waits[2].revents & (POLLIN | POLLHUP)) != 0) return;
      look_at_clock();
    }
  }

  // The program is not reaped before finish(), so the number is still its own.
  void look_at_clock() {
    if (timed_out || cancelled) return;
    cancelled = cancellation_ != nullptr && cancellation_->requested();
    timed_out = !cancelled && Clock::now() >= deadline_;
    if (timed_out || cancelled) ::kill(-group_, SIGKILL);
  }

  int group_;
  Clock::time_point deadline_;
  const base::Cancellation* cancellation_;
  const Pipe& out_;
  const Pipe& err_;
  Pipe wake_;
  std::thread thread_;
};

class PosixBackground : public Background {
 public:
  PosixBackground(int pid, std::unique_ptr<Pipe> pipe) : pid_(pid), pipe_(std::move(pipe)) {}

  ~PosixBackground() override {
    if (!running()) {
      ::kill(-pid_, SIGKILL);  // what it has left behind
      return;
    }
    ::kill(-pid_, SIGTERM);
    const Clock::time_point patience = Clock::now() + kStopGrace;
    while (running() && Clock::now() < patience) std::this_thread::sleep_for(kStopInterval);
    ::kill(-pid_, SIGKILL);
    if (running()) ::waitpid(pid_, nullptr, 0);
  }

  bool running() override {
    if (!reaped_) reaped_ = ::waitpid(pid_, nullptr, WNOHANG) == pid_;
    return !reaped_;
  }

  std::string output() override {
    drain(pipe_->read_end(), text_);
    return text_;
  }

 private:
  int pid_;
  std::unique_ptr<Pipe> pipe_;
  std::string text_;
  bool reaped_ = false;
};

class PosixExecutor : public Executor {
 public:
  PosixExecutor(base::Result<std::unique_ptr<Spawner>> spawner,
                const base::Cancellation* cancellation)
      : spawner_(std::move(spawner)), cancellation_(cancellation) {}

  base::Result<Finished> run(const Command& command) override {
    if (!spawner_) return base::fail(spawner_.error());
    if (is_cancelled()) return base::fail(cancelled(command));
    Pipe out;
    Pipe err;
    ROBOSYNC_TRY(out.open());
    ROBOSYNC_TRY(err.open());
    ROBOSYNC_ASSIGN(const int pid, (*spawner_)->spawn(command, out.write_end(), err.write_end()));
    out.close_write_end();
    err.close_write_end();
    Watcher watcher(pid, command.timeout_s, cancellation_, out, err);
    ROBOSYNC_TRY(watcher.start());
    ROBOSYNC_ASSIGN(const double wall_s, (*spawner_)->wait_ended());
    watcher.finish();
    ROBOSYNC_ASSIGN(const Usage usage, (*spawner_)->reap());
    if (watcher.cancelled) return base::fail(cancelled(command));
    return finished(watcher, usage, wall_s);
  }

  base::Result<std::unique_ptr<Background>> start(const Command& command) override {
    if (is_cancelled()) return base::fail(cancelled(command));
    auto pipe = std::make_unique<Pipe>();
    ROBOSYNC_TRY(pipe->open());
    ROBOSYNC_ASSIGN(const int pid, spawn_directly(command, pipe->write_end(), pipe->write_end()));
    pipe->close_write_end();
    return std::make_unique<PosixBackground>(pid, std::move(pipe));
  }

 private:
  [[nodiscard]] bool is_cancelled() const {
    return cancellation_ != nullptr && cancellation_->requested();
  }

  static base::Error cancelled(const Command& command) {
    return base::make_error(base::ErrorKind::kCancelled, to_text(command));
  }

  static Finished finished(Watcher& watcher, const Usage& usage, double wall_s) {
    Finished finished;
    int status = usage.wait_status;  // macOS's macros take no constant
    if (WIFSIGNALED(status)) {
      finished.signal = WTERMSIG(status);
      finished.exit_code = kExitSignalBase + finished.signal;
    } else {
      finished.exit_code = WEXITSTATUS(status);
    }
    finished.timed_out = watcher.timed_out;
    finished.out = std::move(watcher.out_text);
    finished.err = std::move(watcher.err_text);
    finished.wall_s = wall_s;
    finished.user_s = usage.user_s;
    finished.system_s = usage.system_s;
    finished.peak_rss_bytes = usage.peak_rss_bytes;
    return finished;
  }

  base::Result<std::unique_ptr<Spawner>> spawner_;
  const base::Cancellation* cancellation_;
};

bool is_program(const std::string& path) {
  struct stat status{};
  return ::stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

}  // namespace

std::unique_ptr<Executor> make_process_executor(const base::Cancellation* cancellation) {
  return std::make_unique<PosixExecutor>(Spawner::start(), cancellation);
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return is_program(name) ? std::filesystem::absolute(name).string() : "";
  }
  const char* list = std::getenv("PATH");
  // Where administrators' programs are is not in everyone's PATH.
  const std::string paths =
      std::string(list == nullptr ? "/usr/bin:/bin" : list) + ":/usr/local/sbin:/usr/sbin:/sbin";
  for (std::size_t begin = 0; begin <= paths.size();) {
    const std::size_t end = std::min(paths.find(':', begin), paths.size());
    const std::string candidate = paths.substr(begin, end - begin) + "/" + name;
    if (end > begin && is_program(candidate)) return candidate;
    begin = end + 1;
  }
  return {};
}

}  // namespace robosync::parity
