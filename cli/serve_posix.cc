#include "cli/serve.h"

#include <fcntl.h>
#include <unistd.h>

#include <utility>

#include "engine/fs/fs.h"
#include "engine/net/socket.h"
#include "engine/session/serve.h"

namespace robosync::cli {
namespace {

// A client that is gone without a word must not keep us for ever.
constexpr std::chrono::minutes kIdleTime{10};

}  // namespace

base::Result<void> serve_stdio(const base::Cancellation& cancellation) {
  // Copies: whatever prints to standard output by mistake must not reach the client.
  const int in = ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
  const int out = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  if (in < 0 || out < 0 || null < 0 || ::dup2(null, STDIN_FILENO) < 0 ||
      ::dup2(null, STDOUT_FILENO) < 0) {
    return base::fail(base::from_errno(errno, "standard input and output"));
  }
  ::close(null);
  ROBOSYNC_ASSIGN(net::StreamPtr stream, net::stream_over_pipes(in, out));
  stream->set_no_progress_time(kIdleTime);
  session::OpenGate gate(fs::native_file_system());
  session::Served served = session::serve(std::move(stream), gate, cancellation);
  if (served.fault) return base::fail(std::move(*served.fault));
  return {};
}

}  // namespace robosync::cli
