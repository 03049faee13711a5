// A worker whose session is a conversation in lines, so that tests can ask a confined process what
// it can still do. Each answer is one line: "ok", or the number of the error.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <thread>

#include "engine/daemon/sandbox.h"
#include "engine/daemon/worker_linux.h"

namespace robosync::daemon {
namespace {

std::string result_of(bool well) { return well ? "ok" : std::to_string(errno); }

std::string read_line(int fd) {
  std::string line;
  char byte = 0;
  while (::read(fd, &byte, 1) == 1 && byte != '\n') line += byte;
  return line;
}

void answer(int fd, const std::string& text) {
  const std::string line = text + '\n';
  if (::send(fd, line.data(), line.size(), MSG_NOSIGNAL) < 0) return;
}

std::string limit_text(__rlimit_resource_t resource) {
  rlimit limit{};
  ::getrlimit(resource, &limit);
  return std::to_string(limit.rlim_max);
}

std::string try_system(const std::string& verb, const std::string& argument) {
  if (verb == "read") return result_of(::open(argument.c_str(), O_RDONLY | O_CLOEXEC) >= 0);
  if (verb == "write") {
    return result_of(::open(argument.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600) >= 0);
  }
  if (verb == "fifo") return result_of(::mkfifo(argument.c_str(), 0600) == 0);
  if (verb == "connect") return result_of(::socket(AF_INET, SOCK_STREAM, 0) >= 0);
  if (verb == "fork") {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    return result_of(child > 0);
  }
  if (verb == "exec") {
    ::execl("/bin/true", "true", nullptr);
    return result_of(false);
  }
  if (verb == "root") return result_of(::setresuid(0, 0, 0) == 0);
  if (verb == "thread") {
    std::thread([] {}).join();
    return "ok";
  }
  return "what?";
}

std::string describe(const SessionContext& context, const std::string& what) {
  if (what == "identity") {
    return std::to_string(current_identity().uid) + ":" + std::to_string(current_identity().gid);
  }
  if (what == "peer") return context.peer ? context.peer->text() : "none";
  if (what == "comment") return context.config.modules.front().comment;
  if (what == "memory") return limit_text(RLIMIT_AS);
  if (what == "files") return limit_text(RLIMIT_NOFILE);
  if (what == "environment") return environ == nullptr || *environ == nullptr ? "empty" : *environ;
  if (what == "inherited") {
    for (int fd = kWorkerControlFd + 1; fd < 1024; ++fd) {
      if (::fcntl(fd, F_GETFD) != -1) return std::to_string(fd);
    }
    return "none";
  }
  return "what?";
}

SessionReport converse(SessionContext& context) {
  SessionReport report;
  report.outcome = Outcome::kOk;
  while (true) {
    const std::string line = read_line(context.connection_fd);
    const std::string verb = line.substr(0, line.find(' '));
    const std::string argument = line.substr(std::min(verb.size() + 1, line.size()));
    if (verb.empty()) return report;
    if (verb == "enter") {
      const auto entered = context.enter(*context.config.find_module(argument));
      answer(context.connection_fd, entered ? "ok" : entered.error().message());
    } else if (verb == "describe") {
      answer(context.connection_fd, describe(context, argument));
    } else if (verb == "abort") {
      std::abort();
    } else if (verb == "lie") {
      ::send(kWorkerControlFd, argument.data(), argument.size(), MSG_NOSIGNAL | MSG_EOR);
    } else if (verb == "count") {
      report.files = static_cast<std::uint64_t>(std::stoull(argument));
    } else if (verb == "wait") {
      // Until SIGTERM, which interrupts nothing here on purpose: the flag is what counts.
      answer(context.connection_fd, "waiting");
      while (!context.cancellation.requested()) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
      answer(context.connection_fd, "cancelled");
      report.outcome = Outcome::kPartial;
      return report;
    } else {
      answer(context.connection_fd, try_system(verb, argument));
    }
  }
}

}  // namespace
}  // namespace robosync::daemon

int main() {
  // Straight out: what runs at exit in an instrumented build makes calls that the sandbox forbids.
  ::_exit(robosync::daemon::run_worker({}, robosync::daemon::converse));
}
