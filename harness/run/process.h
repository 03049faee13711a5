// Running programs and measuring what they take. A program is started without a shell, in a process
// group of its own, so that a timeout ends everything that it started. The harness talks to
// programs through Executor only, so that the runner and the adapters are tested with a double.
//
// make_process_executor() gives the real one; it may be used by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/base/result.h"

namespace robosync::parity {

// Of each output stream so much is kept; the rest is read and dropped.
inline constexpr std::size_t kOutputBytesMax = std::size_t{1} << 20U;
// A run that takes longer is ended unless its command says otherwise.
inline constexpr double kTimeoutS = 1800;

struct Command {
  // The program, then its arguments. A program without a separator is looked up in PATH.
  std::vector<std::string> words;
  // Added to ours; a name that we have is replaced.
  std::vector<std::pair<std::string, std::string>> environment;
  std::string directory;  // "" is ours
  double timeout_s = kTimeoutS;
  // Words put before the others, such as {"ip", "netns", "exec", "name"}: where the program runs.
  std::vector<std::string> prefix;
};

// "a 'b c' d", for reports and messages; the prefix is left out.
[[nodiscard]] std::string to_text(const Command& command);

struct Finished {
  int exit_code = 0;  // 128 + signal for a program that a signal ended
  int signal = 0;     // 0 for one that returned
  bool timed_out = false;
  std::string out;
  std::string err;
  double wall_s = 0;    // from the start of the program to its end
  double user_s = 0;    // with the processes that it waited for
  double system_s = 0;  // the same
  // Of the largest process; 0 where it is not known, which includes a program that stayed smaller
  // than the harness itself: Linux counts what a process was before it became another program.
  std::uint64_t peak_rss_bytes = 0;
};

// A program that runs until it is told to stop. The destructor ends its process group and waits.
class Background {
 public:
  Background() = default;
  virtual ~Background() = default;
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // False once it has ended by itself.
  [[nodiscard]] virtual bool running() = 0;
  // What it has printed so far, both streams.
  [[nodiscard]] virtual std::string output() = 0;
};

class Executor {
 public:
  virtual ~Executor() = default;

  // Runs to the end. A program that fails is a Finished with its exit code; an Error says that it
  // could not be started (kNotFound: there is none) or that the run is cancelled (kCancelled; the
  // program has been ended).
  [[nodiscard]] virtual base::Result<Finished> run(const Command& command) = 0;

  // Starts and returns; timeout_s does not apply.
  [[nodiscard]] virtual base::Result<std::unique_ptr<Background>> start(const Command& command) = 0;
};

// `cancellation` may be null; it must outlive the executor.
[[nodiscard]] std::unique_ptr<Executor> make_process_executor(
    const base::Cancellation* cancellation);

// The absolute path of a program as PATH finds it, so that it can be started from any folder; ""
// when there is none. A name with a separator is taken as a path.
[[nodiscard]] std::string find_program(const std::string& name);

}  // namespace robosync::parity
