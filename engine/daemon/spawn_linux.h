// spawn_worker(): starts a worker process with one accepted connection. Linux only; one thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/daemon/descriptor_posix.h"

namespace robosync::daemon {

struct Spawned {
  int pid = 0;
  Descriptor exited;   // readable when the process has ended
  Descriptor control;  // messages, one per packet (worker_linux.h); non-blocking
};

// Runs `command` (program and arguments) with an empty environment, its own signal state, the
// parent's standard files, and kWorkerConnectionFd, kWorkerJobFd and kWorkerControlFd; no other
// file is open in it. The connection stays open here, too.
[[nodiscard]] base::Result<Spawned> spawn_worker(const std::vector<std::string>& command,
                                                 int connection, std::string_view job);

}  // namespace robosync::daemon
