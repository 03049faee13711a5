#include "engine/daemon/descriptor_posix.h"

#include <unistd.h>

namespace robosync::daemon {

void Descriptor::reset() {
  // What is left to say about a descriptor that does not close well, nobody could act on.
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

}  // namespace robosync::daemon
