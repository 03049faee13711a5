#include <limits.h>
#include <poll.h>

#include <cerrno>

#include "cli/output_wait.h"

namespace robosync::cli {

static_assert(kTakenAtOnce <= PIPE_BUF);

bool takes_more_within(std::FILE* file, std::chrono::milliseconds limit) {
  pollfd waiting{.fd = ::fileno(file), .events = POLLOUT, .revents = 0};
  const int ready = ::poll(&waiting, 1, static_cast<int>(limit.count()));
  if (ready < 0) return errno != EINTR;
  return ready > 0;
}

}  // namespace robosync::cli
