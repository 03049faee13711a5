#include "cli/e2e/rivals_linux_testing.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace robosync::e2e {

Rival::Rival(const std::function<void()>& step) {
  const pid_t parent = getpid();
  pid_ = fork();
  if (pid_ < 0) throw std::system_error(errno, std::generic_category(), "fork");
  if (pid_ > 0) return;
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  while (getppid() == parent) step();
  _exit(0);
}

void Rival::stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::function<void()> exchanging(const std::string& first, const std::string& second) {
  return [first, second] {
    renameat2(AT_FDCWD, first.c_str(), AT_FDCWD, second.c_str(), RENAME_EXCHANGE);
    // An uneven rhythm, so that both states meet every stage of a run.
    static unsigned turn = 0;
    if (++turn % 7 == 0) usleep(turn % 300);
  };
}

}  // namespace robosync::e2e
