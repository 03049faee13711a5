#include "cli/output_stream.h"

#include <cerrno>

namespace robosync::cli {
namespace {

constexpr std::size_t kBufferBytesMax = 64 * 1024;

// A pipe whose reader went away; Windows calls it EINVAL.
bool is_closed_pipe(int number) { return number == EPIPE || number == EINVAL; }

}  // namespace

StdioStream::StdioStream(std::FILE* file, std::string name, Buffering buffering)
    : file_(file), name_(std::move(name)), buffering_(buffering) {}

StdioStream::~StdioStream() { flush(); }

void StdioStream::write(std::string_view text) {
  if (closed_) return;
  buffer_ += text;
  if (buffering_ == Buffering::kNone || buffer_.size() >= kBufferBytesMax) flush();
}

void StdioStream::flush() {
  if (closed_ || buffer_.empty()) return;
  errno = 0;
  const std::size_t written = std::fwrite(buffer_.data(), 1, buffer_.size(), file_);
  if (written != buffer_.size() || std::fflush(file_) != 0) {
    const int number = errno;
    closed_ = true;
    if (!is_closed_pipe(number)) status_ = base::fail(base::from_errno(number, "write " + name_));
  }
  buffer_.clear();
}

}  // namespace robosync::cli
