#include "harness/tree/owned_fd_posix.h"

#include <unistd.h>

namespace robosync::parity {

OwnedFd::~OwnedFd() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace robosync::parity
