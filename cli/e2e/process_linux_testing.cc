#include "cli/e2e/process_linux_testing.h"

#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace robosync::e2e {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

// With a NUL after each word.
std::string command_line_of(pid_t process) {
  std::ifstream words("/proc/" + std::to_string(process) + "/cmdline");
  return {std::istreambuf_iterator<char>(words), {}};
}

int memory_file(const char* name) {
  const int fd = memfd_create(name, MFD_CLOEXEC);
  if (fd < 0) fail("memfd_create");
  return fd;
}

std::string content_of(int fd) {
  std::string content(static_cast<std::size_t>(lseek(fd, 0, SEEK_END)), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t count =
        pread(fd, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (count <= 0) break;
    done += static_cast<std::size_t>(count);
  }
  content.resize(done);
  return content;
}

int input_file(const std::string& input) {
  if (input.empty()) {
    const int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (fd < 0) fail("open /dev/null");
    return fd;
  }
  const int fd = memory_file("stdin");
  if (write(fd, input.data(), input.size()) != static_cast<ssize_t>(input.size())) fail("write");
  lseek(fd, 0, SEEK_SET);
  return fd;
}

// What the child needs, prepared before the fork.
struct Prepared {
  std::vector<char*> arguments;
  std::vector<std::string> environment_text;
  std::vector<char*> environment;
  int input = -1;
  int program = -1;  // open when the program must be reachable whatever the user may traverse
  std::optional<uid_t> user;
};

Prepared prepare(const Command& command) {
  Prepared prepared;
  for (const std::string& argument : command.arguments) {
    prepared.arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  prepared.arguments.push_back(nullptr);
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string text = *variable;
    bool replaced = false;
    for (const auto& [name, value] : command.environment) {
      replaced = replaced || text.starts_with(name + "=");
    }
    if (!replaced) prepared.environment_text.push_back(text);
  }
  for (const auto& [name, value] : command.environment) {
    prepared.environment_text.push_back(name + "=" + value);
  }
  for (std::string& text : prepared.environment_text) prepared.environment.push_back(text.data());
  prepared.environment.push_back(nullptr);
  prepared.input = input_file(command.input);
  if (is_root()) prepared.user = command.user;
  if (prepared.user) {
    prepared.program = open(prepared.arguments[0], O_RDONLY | O_CLOEXEC);
    if (prepared.program < 0) fail("open " + command.arguments[0]);
  }
  return prepared;
}

[[noreturn]] void become(const Command& command, const Prepared& prepared, int out, int err) {
  constexpr int kCannotStart = 127;
  setpgid(0, 0);
  if (dup2(prepared.input, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
      dup2(err, STDERR_FILENO) < 0) {
    _exit(kCannotStart);
  }
  if (!command.directory.empty() && chdir(command.directory.c_str()) != 0) _exit(kCannotStart);
  if (prepared.user) {
    const uid_t id = *prepared.user;
    if (setgroups(0, nullptr) != 0 || setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0) {
      _exit(kCannotStart);
    }
  }
  signal(SIGINT, SIG_DFL);
  signal(SIGPIPE, SIG_DFL);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (prepared.program >= 0) {
    fexecve(prepared.program, prepared.arguments.data(), prepared.environment.data());
  } else {
    execvpe(prepared.arguments[0], prepared.arguments.data(), prepared.environment.data());
  }
  _exit(kCannotStart);
}

}  // namespace

std::string Finished::describe() const {
  std::string text = signal != 0 ? "ended by signal " + std::to_string(signal)
                                 : "exit code " + std::to_string(exit_code);
  if (timed_out) text += " (killed at its timeout)";
  text += " after " + std::to_string(elapsed.count()) + " ms\n--- stdout\n" + out +
          "\n--- stderr\n" + err + "\n---";
  return text;
}

Process::Process(const Command& command) : timeout_(command.timeout), started_(Clock::now()) {
  const Prepared prepared = prepare(command);
  out_ = memory_file("stdout");
  err_ = memory_file("stderr");
  pid_ = fork();
  if (pid_ == 0) become(command, prepared, out_, err_);
  close(prepared.input);
  if (prepared.program >= 0) close(prepared.program);
  if (pid_ < 0) fail("fork");
  setpgid(pid_, pid_);  // in both processes: whoever comes first
  pid_handle_ = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (pid_handle_ < 0) fail("pidfd_open");
}

Process::~Process() {
  if (pid_ > 0) {
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  for (const int fd : {pid_handle_, out_, err_}) {
    if (fd >= 0) close(fd);
  }
}

bool Process::running() const { return !ends_within(std::chrono::milliseconds(0)); }

void Process::send(int signal_number) const { kill(pid_, signal_number); }

std::string Process::errors_so_far() const { return content_of(err_); }

pid_t Process::child() const {
  const std::string id = std::to_string(pid_);
  std::ifstream children("/proc/" + id + "/task/" + id + "/children");
  const std::string own = command_line_of(pid_);
  for (pid_t child = -1; children >> child;) {
    if (command_line_of(child) != own) return child;
  }
  return -1;
}

bool has_ended_within(pid_t process, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  for (;;) {
    // "PID (NAME) STATE ..."; a zombie has ended.
    std::ifstream stat("/proc/" + std::to_string(process) + "/stat");
    std::string text;
    std::getline(stat, text);
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos || text.compare(name_end, 4, ") Z ") == 0) return true;
    if (std::chrono::steady_clock::now() >= until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

bool Process::ends_within(std::chrono::milliseconds limit) const {
  const auto until = Clock::now() + limit;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
    pollfd waiting{.fd = pid_handle_, .events = POLLIN, .revents = 0};
    const int ready = poll(&waiting, 1, static_cast<int>(std::max<long>(0, left.count())));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) fail("poll");
  }
}

Finished Process::wait() {
  Finished finished;
  const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
  if (!ends_within(std::max(timeout_ - spent, std::chrono::milliseconds(0)))) {
    finished.timed_out = true;
  }
  // With the leader not yet reaped the group's number is still ours.
  kill(-pid_, SIGKILL);
  int status = 0;
  rusage used{};
  if (wait4(pid_, &status, 0, &used) != pid_) fail("wait4");
  pid_ = -1;
  finished.elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - started_);
  finished.resident_kib_max = used.ru_maxrss;
  if (WIFEXITED(status)) finished.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) finished.signal = WTERMSIG(status);
  finished.out = content_of(out_);
  finished.err = content_of(err_);
  return finished;
}

Finished run(const Command& command) {
  Process process(command);
  return process.wait();
}

std::string run_or_throw(const std::vector<std::string>& arguments) {
  Command command;
  command.arguments = arguments;
  const Finished finished = run(command);
  if (finished.exit_code != 0) {
    throw std::runtime_error(arguments.front() + ": " + finished.describe());
  }
  return finished.out;
}

const std::string& robosync_binary() {
  static const std::string binary = [] {
    const char* from_environment = getenv("ROBOSYNC_BIN");
    if (from_environment != nullptr) return std::string(from_environment);
    return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "robosync").string();
  }();
  return binary;
}

std::string binary_beside(const std::string& name) {
  return (std::filesystem::path(robosync_binary()).parent_path() / name).string();
}

bool is_root() { return geteuid() == 0; }

namespace {

Command under_strace(const Command& command, std::vector<std::string> options) {
  Command traced = command;
  traced.arguments = {"strace", "-f", "--quiet=all", "--seccomp-bpf"};
  traced.arguments.insert(traced.arguments.end(), options.begin(), options.end());
  traced.arguments.emplace_back("--");
  traced.arguments.insert(traced.arguments.end(), command.arguments.begin(),
                          command.arguments.end());
  // The leak check cannot run under a tracer.
  const char* sanitizer = getenv("ASAN_OPTIONS");
  traced.environment.emplace_back(
      "ASAN_OPTIONS", std::string(sanitizer != nullptr ? sanitizer : "") + ":detect_leaks=0");
  return traced;
}

}  // namespace

Command with_tampering(const Command& command, const Tampering& tampering) {
  std::vector<std::string> options = {"-o", "/dev/null"};
  std::string calls;
  for (const std::string& injection : tampering.injections) {
    if (!calls.empty()) calls += ',';
    calls += injection.substr(0, injection.find(':'));
    options.insert(options.end(), {"-e", "inject=" + injection});
  }
  options.insert(options.end(), {"-e", "trace=" + calls});
  for (const std::string& path : tampering.paths) options.insert(options.end(), {"-P", path});
  return under_strace(command, options);
}

Command with_trace(const Command& command, const std::string& calls, const std::string& log) {
  return under_strace(command, {"-o", log, "-y", "-s", "256", "-e", "trace=" + calls});
}

}  // namespace robosync::e2e
