#include "cli/output_stream.h"

#include <cerrno>

#include "cli/output_wait.h"

namespace robosync::cli {
namespace {

constexpr std::size_t kBufferBytesMax = 64 * 1024;

// Both standard streams together must not keep an interrupted run for a second.
constexpr std::chrono::milliseconds kPatience{300};
constexpr std::chrono::milliseconds kLook{50};

// A pipe whose reader went away; Windows calls it EINVAL.
bool is_closed_pipe(int number) { return number == EPIPE || number == EINVAL; }

}  // namespace

StdioStream::StdioStream(std::FILE* file, std::string name, Buffering buffering,
                         const base::Cancellation* stop)
    : file_(file),
      name_(std::move(name)),
      buffering_(buffering),
      stop_(stop),
      patience_(kPatience) {}

StdioStream::~StdioStream() { flush(); }

void StdioStream::write(std::string_view text) {
  if (closed_) return;
  buffer_ += text;
  if (buffering_ == Buffering::kNone || buffer_.size() >= kBufferBytesMax) flush();
}

bool StdioStream::reader_takes_more() {
  if (stop_ == nullptr) return true;
  while (!takes_more_within(file_, kLook)) {
    if (!stop_->requested()) continue;
    patience_ -= kLook;
    if (patience_ <= std::chrono::milliseconds::zero()) return false;
  }
  return true;
}

void StdioStream::flush() {
  std::string_view left = buffer_;
  while (!closed_ && !left.empty()) {
    if (!reader_takes_more()) {
      closed_ = true;
      break;
    }
    const std::string_view part = left.substr(0, kTakenAtOnce);
    errno = 0;
    if (std::fwrite(part.data(), 1, part.size(), file_) != part.size() || std::fflush(file_) != 0) {
      const int number = errno;
      closed_ = true;
      if (!is_closed_pipe(number)) status_ = base::fail(base::from_errno(number, "write " + name_));
    }
    left.remove_prefix(part.size());
  }
  buffer_.clear();
}

}  // namespace robosync::cli
