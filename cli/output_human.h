// HumanSink: what people read. Names and the summary on standard output, progress and trouble on
// standard error.
//
// The progress bar is the last line of the terminal; it is erased before anything else is written
// and drawn again afterwards, so that neither tears the other. While it stands, names wait for the
// next flush(), or it would hardly ever be seen. One call at a time.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "cli/option_spec.h"
#include "cli/output_sink.h"
#include "cli/output_stream.h"

namespace robosync::cli {

enum class ProgressDisplay : std::uint8_t {
  kNone,
  kBar,    // one line of a terminal, redrawn
  kLines,  // a plain line every few seconds
};

enum class Colour : bool { kNo, kYes };

inline constexpr std::chrono::milliseconds kBarInterval{100};
inline constexpr std::chrono::milliseconds kBarDelay{400};  // short runs show none
inline constexpr std::chrono::seconds kLineInterval{5};
inline constexpr std::size_t kWaitingBytesMax = 32 * 1024;  // of names behind the bar

struct HumanStyle {
  OutputSettings settings;
  ProgressDisplay progress = ProgressDisplay::kNone;
  Colour colour = Colour::kNo;
  std::function<unsigned()> columns;  // of the terminal the bar is on
};

class HumanSink final : public Sink {
 public:
  // REQUIRES: the streams and the request outlive the sink.
  HumanSink(TextStream& out, TextStream& err, const Request& request, HumanStyle style);

  [[nodiscard]] Observer::Wants wants_events() const override;
  [[nodiscard]] bool wants_progress() const override;
  void event(const Event& event) override;
  void problem(const tree::Problem& problem) override;
  void warning(const std::string& message) override;
  void progress(const ProgressState& state) override;
  void suspend() override { clear_terminal(); }
  void flush() override;
  void finish(const RunEnd& end) override;

 private:
  void complain(const std::string& text, const char* colour);
  // Erases the bar and writes what waited behind it.
  void clear_terminal();
  void draw_bar();

  TextStream& out_;
  TextStream& err_;
  const Request& request_;
  HumanStyle style_;
  bool bar_drawn_ = false;
  std::string bar_;      // as drawn last
  std::string waiting_;  // names to be written above the bar; empty when no bar stands
  std::optional<std::chrono::nanoseconds> last_shown_;
};

// The line of an event for these settings, empty when it is not shown. Pure.
[[nodiscard]] std::string event_line(const Event& event, const Request& request,
                                     const OutputSettings& settings);

// Whether event lines are wanted at all, and which events they need. Pure.
[[nodiscard]] Observer::Wants wanted_events(const Request& request, const OutputSettings& settings);

}  // namespace robosync::cli
