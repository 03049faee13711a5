// JsonSink: one JSON document a line on standard output, for programs (docs/json.md).
//
// One call at a time.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "cli/option_spec.h"
#include "cli/output_sink.h"
#include "cli/output_stream.h"

namespace robosync::cli {

inline constexpr int kJsonSchema = 1;
inline constexpr std::chrono::seconds kStatusInterval{1};

class JsonSink final : public Sink {
 public:
  using UtcClock = std::function<std::chrono::system_clock::time_point()>;

  // REQUIRES: the stream and the request outlive the sink.
  JsonSink(TextStream& out, const Request& request, const OutputSettings& settings, UtcClock clock);

  [[nodiscard]] Observer::Wants wants_events() const override;
  [[nodiscard]] bool wants_progress() const override;
  void event(const Event& event) override;
  void problem(const tree::Problem& problem) override;
  void warning(const std::string& message) override;
  void progress(const ProgressState& state) override;
  void suspend() override {}
  void flush() override { out_.flush(); }
  void finish(const RunEnd& end) override;

 private:
  TextStream& out_;
  const Request& request_;
  OutputSettings settings_;
  UtcClock clock_;
  std::optional<std::chrono::nanoseconds> last_status_;
};

// "kOnlyTarget" is "only_target", and so on.
[[nodiscard]] std::string json_name(Action action);
[[nodiscard]] std::string json_name(Outcome outcome);

}  // namespace robosync::cli
