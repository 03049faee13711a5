// ROBOSYNC_CHECK: aborts on a programmer's error, in release builds too.
//
// Never reachable by bytes from a peer, the disk or a user: those get a Result.
#pragma once

namespace robosync::base {

[[noreturn]] void check_failed(const char* expression, const char* file, int line);

}  // namespace robosync::base

#define ROBOSYNC_CHECK(expr) \
  ((expr) ? static_cast<void>(0) : ::robosync::base::check_failed(#expr, __FILE__, __LINE__))
