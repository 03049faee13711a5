#include "engine/daemon/spawn_linux.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "engine/daemon/job.h"

namespace robosync::daemon {
namespace {

// Above those that the worker gets, so that no dup2() overwrites a file that is still to be moved.
constexpr int kFirstFreeFd = 16;

base::Error failed(int number, const char* what) { return base::from_errno(number, what); }

base::Result<Descriptor> moved_up(int fd) {
  Descriptor out(::fcntl(fd, F_DUPFD_CLOEXEC, kFirstFreeFd));
  if (!out) return base::fail(failed(errno, "duplicate a descriptor"));
  return out;
}

base::Result<Descriptor> job_file(std::string_view job) {
  Descriptor file(::memfd_create("robosyncd-job", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!file) return base::fail(failed(errno, "create the job's memory file"));
  while (!job.empty()) {
    const ssize_t written = ::write(file.get(), job.data(), job.size());
    if (written < 0) return base::fail(failed(errno, "write the job's memory file"));
    job.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) !=
      0) {
    return base::fail(failed(errno, "seal the job's memory file"));
  }
  return moved_up(file.get());
}

// posix_spawn's two objects, released whatever happens.
struct SpawnSettings {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  SpawnSettings() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~SpawnSettings() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
};

int prepare(SpawnSettings& settings, int connection, int job, int control) {
  const std::array<std::array<int, 2>, 3> moves = {
      {{connection, kWorkerConnectionFd}, {job, kWorkerJobFd}, {control, kWorkerControlFd}}};
  for (const auto& [from, to] : moves) {
    if (const int fault = ::posix_spawn_file_actions_adddup2(&settings.actions, from, to)) {
      return fault;
    }
  }
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  return ::posix_spawnattr_setflags(&settings.attributes,
                                    POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

}  // namespace

base::Result<Spawned> spawn_worker(const std::vector<std::string>& command, int connection,
                                   std::string_view job) {
  ROBOSYNC_ASSIGN(const Descriptor job_descriptor, job_file(job));
  ROBOSYNC_ASSIGN(const Descriptor connection_descriptor, moved_up(connection));
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return base::fail(failed(errno, "create the control channel"));
  }
  Descriptor ours(pair[0]);
  const Descriptor theirs_low(pair[1]);
  ROBOSYNC_ASSIGN(const Descriptor theirs, moved_up(theirs_low.get()));
  if (::fcntl(ours.get(), F_SETFL, O_NONBLOCK) != 0) {
    return base::fail(failed(errno, "prepare the control channel"));
  }

  SpawnSettings settings;
  if (const int fault =
          prepare(settings, connection_descriptor.get(), job_descriptor.get(), theirs.get())) {
    return base::fail(failed(fault, "prepare a worker"));
  }
  std::vector<std::string> words = command;
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::array<char*, 1> environment{nullptr};
  pid_t pid = 0;
  if (const int fault = ::posix_spawn(&pid, arguments.front(), &settings.actions,
                                      &settings.attributes, arguments.data(), environment.data())) {
    return base::fail(failed(fault, "start a worker"));
  }
  Descriptor exited(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!exited) {
    const int fault = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return base::fail(failed(fault, "watch a worker"));
  }
  return Spawned{pid, std::move(exited), std::move(ours)};
}

}  // namespace robosync::daemon
