#include <sys/stat.h>

#include "harness/checks/trace.h"

namespace robosync::parity {

std::string trace_of(const struct stat& metadata) {
  return "inode " + std::to_string(metadata.st_ino) + " changed " +
         std::to_string(metadata.st_ctimespec.tv_sec) + "." +
         std::to_string(metadata.st_ctimespec.tv_nsec);
}

}  // namespace robosync::parity
