// ChildProcess: a command whose standard input and output are a Stream, as in
// `ssh host robosync serve --stdio`.
//
// Owns exactly that one child: the destructor closes the stream, waits kChildGraceTime, ends the
// child by its number and reaps it. Standard error is inherited. stream() keeps the contract of
// stream.h; the other members belong to one thread, after the stream's threads are done.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/net/stream.h"

namespace robosync::net {

// Between the end of its input and SIGTERM, and between that and SIGKILL.
inline constexpr std::chrono::milliseconds kChildGraceTime{2'000};

class ChildProcess {
 public:
  ChildProcess(ChildProcess&&) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();

  // Runs arguments[0], looked up in PATH, without a shell. kNotFound and the like when it cannot be
  // started. REQUIRES: arguments not empty.
  [[nodiscard]] static base::Result<ChildProcess> start(
      const std::vector<std::string>& arguments,
      std::chrono::milliseconds grace_time = kChildGraceTime);

  // Valid until end().
  [[nodiscard]] Stream& stream();

  // Closes the stream, ends and reaps the child. OK when it exited with 0; else kConnection whose
  // text says how it ended ("ssh ended with exit code 255"), to be told beside the stream's error.
  [[nodiscard]] base::Result<void> end();

 private:
  struct State;
  explicit ChildProcess(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace robosync::net
