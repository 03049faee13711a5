// Spawner: a small process that starts programs for the harness and measures them.
//
// Linux counts in a program's peak memory what its process was before exec, which is a copy of
// whoever started it: started by the harness itself, every tool would seem to need as much as the
// harness does, whose tree images are large. The spawner is forked off before there is anything
// large, so that its copy is small. It also takes the times, next to the program.
//
// One program at a time; one thread at a time, except that spawn's pid may be signalled from
// another thread until reap() is called.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "harness/run/process.h"

namespace robosync::parity {

// What a program that has ended had used.
struct Usage {
  int wait_status = 0;  // of waitpid
  double user_s = 0;
  double system_s = 0;
  std::uint64_t peak_rss_bytes = 0;
};

class Spawner {
 public:
  // Forks the process.
  [[nodiscard]] static base::Result<std::unique_ptr<Spawner>> start();
  ~Spawner();
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  // Starts the program with these descriptors as its outputs, in a process group of its own, whose
  // number is returned. kNotFound where there is no such program.
  [[nodiscard]] base::Result<int> spawn(const Command& command, int out, int err);
  // Waits for its end and returns the seconds that it ran. Its pid stays taken until reap().
  [[nodiscard]] base::Result<double> wait_ended();
  [[nodiscard]] base::Result<Usage> reap();

 private:
  Spawner(int socket, int pid) : socket_(socket), pid_(pid) {}

  int socket_;
  int pid_;
};

// Starts a program without the spawner, for what is not measured. The descriptors become its
// outputs. Returns its pid, which is also its process group.
[[nodiscard]] base::Result<int> spawn_directly(const Command& command, int out, int err);

}  // namespace robosync::parity
