#include <cstdio>

#include "cli/exit_code.h"

int main() {
  std::fputs("robosyncd: not supported on macOS yet\n", stderr);
  return robosync::cli::kExitRefused;
}
