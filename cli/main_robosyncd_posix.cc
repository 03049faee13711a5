#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/robosyncd.h"

namespace {

// A connection must not become standard error because the caller closed that.
void fill_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    const int mode = descriptor == STDIN_FILENO ? O_RDONLY : O_WRONLY;
    if (::open("/dev/null", mode) != descriptor) std::abort();
  }
}

}  // namespace

int main(int count, char** arguments) {
  fill_standard_descriptors();
  const int first = count > 0 ? 1 : 0;
  return robosync::cli::run_robosyncd({arguments + first, arguments + count});
}
