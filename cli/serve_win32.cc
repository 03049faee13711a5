#include "cli/serve.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>

#include <utility>

#include "engine/base/windows_error.h"
#include "engine/fs/fs.h"
#include "engine/net/socket.h"
#include "engine/session/serve.h"

namespace robosync::cli {
namespace {

// A client that is gone without a word must not keep us for ever.
constexpr std::chrono::minutes kIdleTime{10};

// A handle as stream_over_pipes() takes it; 0 where it cannot be had.
int copy_of(DWORD which) {
  HANDLE copy = nullptr;
  DuplicateHandle(GetCurrentProcess(), GetStdHandle(which), GetCurrentProcess(), &copy, 0, FALSE,
                  DUPLICATE_SAME_ACCESS);
  return static_cast<int>(reinterpret_cast<INT_PTR>(copy));
}

}  // namespace

base::Result<void> serve_stdio(const base::Cancellation& cancellation) {
  // Copies: whatever prints to standard output by mistake must not reach the client.
  const int in = copy_of(STD_INPUT_HANDLE);
  const int out = copy_of(STD_OUTPUT_HANDLE);
  if (in == 0 || out == 0) {
    return base::fail(base::from_windows(GetLastError(), "standard input and output"));
  }
  const int null = _open("NUL", _O_RDWR | _O_BINARY);
  if (null < 0 || _dup2(null, _fileno(stdin)) != 0 || _dup2(null, _fileno(stdout)) != 0) {
    return base::fail(base::from_errno(errno, "standard input and output"));
  }
  _close(null);
  ROBOSYNC_ASSIGN(net::StreamPtr stream, net::stream_over_pipes(in, out));
  stream->set_no_progress_time(kIdleTime);
  session::OpenGate gate(fs::native_file_system());
  session::Served served = session::serve(std::move(stream), gate, cancellation);
  if (served.fault) return base::fail(std::move(*served.fault));
  return {};
}

}  // namespace robosync::cli
