// Processes that work against a run: they swap directories for links and change files while these
// are copied. Each lives until its object goes, and dies with the test.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>

namespace robosync::e2e {

// A child process that repeats `step` until it is stopped.
class Rival {
 public:
  explicit Rival(const std::function<void()>& step);
  Rival(const Rival&) = delete;
  Rival& operator=(const Rival&) = delete;
  ~Rival() { stop(); }
  void stop();

 private:
  pid_t pid_ = -1;
};

// Exchanges two names for ever (one of them usually a symbolic link). The one that was at `first`
// may be at either when it stops.
[[nodiscard]] std::function<void()> exchanging(const std::string& first, const std::string& second);

}  // namespace robosync::e2e
