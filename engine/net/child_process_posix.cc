#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <thread>
#include <utility>

#include "engine/base/check.h"
#include "engine/net/child_process.h"
#include "engine/net/socket.h"
#include "engine/net/waiting.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): only glibc declares it

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

// A child's end has no descriptor to wait for everywhere, so it is looked for.
constexpr milliseconds kLook{5};

struct SpawnActions {
  SpawnActions() { ::posix_spawn_file_actions_init(&actions); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  ~SpawnActions() { ::posix_spawn_file_actions_destroy(&actions); }
  posix_spawn_file_actions_t actions{};
};

struct SpawnAttributes {
  SpawnAttributes() { ::posix_spawnattr_init(&attributes); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  ~SpawnAttributes() { ::posix_spawnattr_destroy(&attributes); }
  posix_spawnattr_t attributes{};
};

// 0 or an errno. The child sees the default handling of SIGPIPE and no blocked signals, whatever
// this process does.
int spawn(const std::vector<std::string>& arguments, int end, pid_t& pid) {
  std::vector<char*> argv;
  argv.reserve(arguments.size() + 1);
  // posix_spawn does not write through these pointers.
  for (const std::string& one : arguments) argv.push_back(const_cast<char*>(one.c_str()));
  argv.push_back(nullptr);
  SpawnActions files;
  ::posix_spawn_file_actions_adddup2(&files.actions, end, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&files.actions, end, STDOUT_FILENO);
  SpawnAttributes how;
  sigset_t set;  // without "::": macOS has macros of these names
  sigemptyset(&set);
  ::posix_spawnattr_setsigmask(&how.attributes, &set);
  sigaddset(&set, SIGPIPE);
  ::posix_spawnattr_setsigdefault(&how.attributes, &set);
  ::posix_spawnattr_setflags(&how.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  return ::posix_spawnp(&pid, argv[0], &files.actions, &how.attributes, argv.data(), environ);
}

}  // namespace

struct ChildProcess::State {
  std::string name;
  pid_t pid = -1;  // -1: reaped
  milliseconds grace_time{};
  StreamPtr stream;
  int status = 0;

  bool reap(int flags) {
    pid_t got = 0;
    do {
      got = ::waitpid(pid, &status, flags);
    } while (got < 0 && errno == EINTR);
    if (got == 0) return false;
    // Somebody else reaped it (SIGCHLD ignored): nothing is known, and the number is not ours.
    if (got < 0) status = 0;
    pid = -1;
    return true;
  }

  bool reap_within(milliseconds time) {
    const auto deadline = Clock::now() + time;
    while (!reap(WNOHANG)) {
      if (Clock::now() >= deadline) return false;
      std::this_thread::sleep_for(kLook);
    }
    return true;
  }

  void end() {
    stream.reset();
    if (pid < 0 || reap_within(grace_time)) return;
    ::kill(pid, SIGTERM);
    if (reap_within(grace_time)) return;
    ::kill(pid, SIGKILL);
    static_cast<void>(reap(0));
  }
};

ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess::~ChildProcess() {
  if (state_) state_->end();
}

base::Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments,
                                               milliseconds grace_time) {
  ROBOSYNC_CHECK(!arguments.empty());
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()) != 0) {
    return base::fail(base::from_errno(errno, "socket pair"));
  }
  Socket ours(ends[0]);
  // Below 3 the copy to standard input and output would be the same number, and closed on exec.
  const Socket theirs(::fcntl(ends[1], F_DUPFD_CLOEXEC, 3));
  const Socket given(ends[1]);
  for (const int fd : ends) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return base::fail(base::from_errno(errno, "socket pair: close-on-exec"));
    }
  }
  if (!theirs.is_open()) return base::fail(base::from_errno(errno, "socket pair"));
  auto state = std::make_unique<State>();
  state->name = arguments.front();
  state->grace_time = grace_time;
  const int taken = ours.release();
  ROBOSYNC_ASSIGN(state->stream, stream_over_pipes(taken, taken, state->name));
  const int number = spawn(arguments, theirs.fd(), state->pid);
  if (number != 0) return base::fail(base::from_errno(number, "start " + state->name));
  return ChildProcess(std::move(state));
}

Stream& ChildProcess::stream() {
  ROBOSYNC_CHECK(state_ && state_->stream);
  return *state_->stream;
}

base::Result<void> ChildProcess::end() {
  state_->end();
  int status = state_->status;  // not const: macOS's macros take it by its address
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  const std::string how = WIFSIGNALED(status)
                              ? " was ended by signal " + std::to_string(WTERMSIG(status))
                              : " ended with exit code " + std::to_string(WEXITSTATUS(status));
  return base::fail(base::make_error(ErrorKind::kConnection, state_->name + how));
}

}  // namespace robosync::net
