// Running programs the way a user does: arguments, environment, user, signals, a deadline.
//
// What a program prints is captured in memory files, so no reader can stall it. Every process is
// the leader of a group of its own that dies with its Process object and with the test. One thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace robosync::e2e {

struct Command {
  std::vector<std::string> arguments;  // the first is the program, looked up in PATH
  std::vector<std::pair<std::string, std::string>> environment;  // on top of ours
  std::string directory;                                         // empty: ours
  std::string input;                                             // standard input
  std::chrono::milliseconds timeout{90'000};
  std::optional<uid_t> user;  // run as this user and group; ignored where we are not root
};

struct Finished {
  int exit_code = -1;  // -1 when a signal ended it
  int signal = 0;
  bool timed_out = false;
  std::string out;
  std::string err;
  std::chrono::milliseconds elapsed{0};
  long resident_kib_max = 0;

  // Everything a failure message should show.
  [[nodiscard]] std::string describe() const;
};

class Process {
 public:
  // Throws std::system_error when it cannot be started.
  explicit Process(const Command& command);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();  // kills what still runs

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool running() const;
  // What it has written to its standard error until now.
  [[nodiscard]] std::string errors_so_far() const;
  // The program it has started, the first one if there are several; -1 if there is none. A part of
  // itself is none: the leak sanitizer's at its end, which it would wait for in vain once killed.
  [[nodiscard]] pid_t child() const;
  void send(int signal_number) const;
  // Waits until it ends; kills it at the command's timeout.
  [[nodiscard]] Finished wait();
  // Waits up to `limit`; true when it has ended.
  [[nodiscard]] bool ends_within(std::chrono::milliseconds limit) const;

 private:
  pid_t pid_ = -1;
  int pid_handle_ = -1;
  int out_ = -1;
  int err_ = -1;
  std::chrono::milliseconds timeout_;
  std::chrono::steady_clock::time_point started_;
};

// Waits up to `limit` for a process that is not ours to have ended; true when it has.
[[nodiscard]] bool has_ended_within(pid_t process, std::chrono::milliseconds limit);

[[nodiscard]] Finished run(const Command& command);
// The same, in a few words, for programs that have to succeed. Throws when it does not.
std::string run_or_throw(const std::vector<std::string>& arguments);

// The program under test: $ROBOSYNC_BIN, or the one beside the running test.
[[nodiscard]] const std::string& robosync_binary();
// Another program that was built with it.
[[nodiscard]] std::string binary_beside(const std::string& name);

// True when the tests run as root.
[[nodiscard]] bool is_root();

// nobody: the user as whom permission tests run, since root may read everything.
inline constexpr uid_t kUnprivileged = 65534;

// `command` run under strace, which alters system calls as asked: each tamper is what follows
// "-e inject=", and only calls on `paths` (all calls when empty) are touched. REQUIRES: no user.
struct Tampering {
  std::vector<std::string> injections;
  std::vector<std::string> paths;  // absolute, or a bare name as passed to *at() calls
};
[[nodiscard]] Command with_tampering(const Command& command, const Tampering& tampering);

// `command` run under strace, which writes all calls named in `calls` ("openat,fsync") to `log`.
[[nodiscard]] Command with_trace(const Command& command, const std::string& calls,
                                 const std::string& log);

}  // namespace robosync::e2e
