#include <cstdio>

#include "cli/exit_code.h"

extern "C" int wmain(int /*count*/, wchar_t** /*arguments*/) {
  std::fputs("robosyncd: not supported on Windows yet\n", stderr);
  return robosync::cli::kExitRefused;
}
