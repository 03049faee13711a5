#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/main_robosync.h"

namespace {

// A file opened by the engine must not become standard output because the caller closed that.
// Whatever is said there fails, as it would have.
void fill_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    const int mode = descriptor == STDERR_FILENO ? O_WRONLY : O_RDONLY;
    if (::open("/dev/null", mode) != descriptor) std::abort();
  }
}

}  // namespace

int main(int count, char** arguments) {
  fill_standard_descriptors();
  const int first = count > 0 ? 1 : 0;
  return robosync::cli::main_robosync(first > 0 ? arguments[0] : "",
                                      {arguments + first, arguments + count});
}
