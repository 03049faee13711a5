// TextStream: where text goes, with a memory of what went wrong.
//
// Writing never fails as such: a reader that went away is nobody's fault and ends the output
// quietly, any other fault is kept for status(). So does a reader that does not read, once the run
// is to stop. Not thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "engine/base/cancellation.h"
#include "engine/base/result.h"

namespace robosync::cli {

class TextStream {
 public:
  virtual ~TextStream() = default;
  virtual void write(std::string_view text) = 0;
  virtual void flush() = 0;
  // The first fault other than a reader that went away.
  [[nodiscard]] virtual base::Result<void> status() const = 0;
};

enum class Buffering : std::uint8_t { kNone, kBlock };

// Standard output, standard error or a file of its own. Does not close what it was given.
class StdioStream final : public TextStream {
 public:
  // `stop`, null or outliving the stream: once it is requested, nobody is waited for any longer.
  StdioStream(std::FILE* file, std::string name, Buffering buffering,
              const base::Cancellation* stop = nullptr);
  ~StdioStream() override;
  StdioStream(const StdioStream&) = delete;
  StdioStream& operator=(const StdioStream&) = delete;

  void write(std::string_view text) override;
  void flush() override;
  [[nodiscard]] base::Result<void> status() const override { return status_; }

 private:
  // Waits for the reader; false when it is given up.
  [[nodiscard]] bool reader_takes_more();

  std::FILE* file_;
  std::string name_;
  Buffering buffering_;
  const base::Cancellation* stop_;
  std::chrono::milliseconds patience_;  // that is left for the reader once the run is to stop
  std::string buffer_;
  bool closed_ = false;
  base::Result<void> status_;
};

}  // namespace robosync::cli
