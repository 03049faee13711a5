// Sink: one form in which a run is shown (for people, JSON, a log file).
//
// The Reporter calls its sinks one call at a time; a sink needs no lock of its own.
#pragma once

#include "cli/progress_tracker.h"
#include "engine/base/result.h"
#include "engine/sync.h"

namespace robosync::cli {

// How a run ended.
struct RunEnd {
  const Request& request;
  const base::Result<Report>& result;  // an error: it never began
  int exit_code = 0;
  bool declined = false;  // the user was asked and did not want the deletions
};

class Sink {
 public:
  virtual ~Sink() = default;
  [[nodiscard]] virtual Observer::Wants wants_events() const = 0;
  [[nodiscard]] virtual bool wants_progress() const = 0;
  virtual void event(const Event& event) = 0;
  virtual void problem(const tree::Problem& problem) = 0;
  virtual void warning(const std::string& message) = 0;
  // Called about ten times per second with wants_progress(); the sink picks what it shows.
  virtual void progress(const ProgressState& state) = 0;
  // The user is about to be asked something: nothing half-written may stand on the terminal.
  virtual void suspend() = 0;
  // Hands on what is buffered; called several times per second.
  virtual void flush() = 0;
  virtual void finish(const RunEnd& end) = 0;
};

}  // namespace robosync::cli
