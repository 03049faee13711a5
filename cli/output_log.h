// LogSink: what is done, line by line with the time, appended to a file (--log-file).
//
// Every change is logged in rsync's notation, whatever is shown elsewhere. One call at a time.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "cli/output_sink.h"
#include "cli/output_stream.h"

namespace robosync::cli {

class LogSink final : public Sink {
 public:
  using UtcClock = std::function<std::chrono::system_clock::time_point()>;

  // REQUIRES: the stream and the request outlive the sink.
  LogSink(TextStream& log, const Request& request, UtcClock clock);

  [[nodiscard]] Observer::Wants wants_events() const override { return Observer::Wants::kChanges; }
  [[nodiscard]] bool wants_progress() const override { return false; }
  void event(const Event& event) override;
  void problem(const tree::Problem& problem) override;
  void warning(const std::string& message) override;
  void progress(const ProgressState& /*state*/) override {}
  void suspend() override {}
  void flush() override { log_.flush(); }
  void finish(const RunEnd& end) override;

 private:
  void line(const std::string& text);

  TextStream& log_;
  const Request& request_;
  UtcClock clock_;
};

}  // namespace robosync::cli
