#include "cli/output_human.h"

#include "cli/error_text.h"
#include "cli/output_itemize.h"
#include "cli/output_names.h"
#include "cli/output_progress.h"
#include "cli/output_summary.h"

namespace robosync::cli {
namespace {

constexpr const char* kEraseLine = "\r\x1b[K";
constexpr const char* kRed = "\x1b[31m";
constexpr const char* kYellow = "\x1b[33m";
constexpr const char* kPlain = "\x1b[0m";

bool shows_everything(const OutputSettings& settings) {
  return settings.verbosity >= 2 || settings.itemize >= 2;
}

std::string in_brackets(const std::string& text) { return text.empty() ? "" : " (" + text + ")"; }

// Shown as a word and a name whether itemized or not: rsync's notation has no sign for it.
std::string special_line(const Event& event) {
  switch (event.action) {
    case Action::kSkipped:
      return "skipping " + display_path(event) + in_brackets(event.reason);
    case Action::kRemovedFromSource:
      return "removed from source " + display_path(event);
    default:
      return {};
  }
}

std::string plain_line(const Event& event) {
  switch (event.action) {
    case Action::kDeleted:
      return "deleting " + display_path(event);
    case Action::kUnchanged:
      return "unchanged " + display_path(event);
    case Action::kDifferent:
      return "different " + display_path(event) +
             in_brackets(event.reason.empty() ? changes_in_words(event.changes)
                                              : printable(event.reason));
    case Action::kOnlySource:
      return "only in source " + display_path(event);
    case Action::kOnlyTarget:
      return "only in target " + display_path(event);
    default:
      return display_name(event);
  }
}

// Told only to those who want to know everything.
bool is_minor(Action action) {
  return action == Action::kUnchanged || action == Action::kSkipped ||
         action == Action::kRemovedFromSource;
}

}  // namespace

Observer::Wants wanted_events(const Request& request, const OutputSettings& settings) {
  if (settings.quiet) return Observer::Wants::kNothing;
  if (shows_everything(settings)) return Observer::Wants::kEverything;
  // A dry run and a comparison are made for their list.
  const bool list = settings.verbosity > 0 || settings.itemize > 0 || request.dry_run ||
                    request.verb == Verb::kVerify;
  return list ? Observer::Wants::kChanges : Observer::Wants::kNothing;
}

std::string event_line(const Event& event, const Request& request, const OutputSettings& settings) {
  if (is_minor(event.action) && !shows_everything(settings)) return {};
  std::string line = special_line(event);
  if (!line.empty()) return line;
  if (settings.itemize == 0) return plain_line(event);
  const TimesKept times = request.keep_times ? TimesKept::kYes : TimesKept::kNo;
  Event shown = event;
  // Where contents are compared, as with rsync: those of different length are different contents.
  const bool by_content = request.comparison == Comparison::kDigest;
  if (by_content && event.kind == tree::Kind::kRegular) {
    shown.changes.content = event.changes.content || event.changes.size;
  }
  return itemize(shown, times) + " " + display_name(event);
}

HumanSink::HumanSink(TextStream& out, TextStream& err, const Request& request, HumanStyle style)
    : out_(out), err_(err), request_(request), style_(std::move(style)) {}

Observer::Wants HumanSink::wants_events() const { return wanted_events(request_, style_.settings); }

bool HumanSink::wants_progress() const { return style_.progress != ProgressDisplay::kNone; }

void HumanSink::event(const Event& event) {
  if (wants_events() == Observer::Wants::kNothing) return;
  const std::string line = event_line(event, request_, style_.settings);
  if (line.empty()) return;
  if (!bar_drawn_) {
    out_.write(line + "\n");
    return;
  }
  waiting_ += line + "\n";
  if (waiting_.size() >= kWaitingBytesMax) flush();
}

void HumanSink::complain(const std::string& text, const char* colour) {
  clear_terminal();
  out_.flush();  // so that it stands where it happened when both streams go to one place
  const bool coloured = style_.colour == Colour::kYes;
  err_.write((coloured ? colour + std::string("robosync:") + kPlain : std::string("robosync:")) +
             " " + text + "\n");
}

void HumanSink::problem(const tree::Problem& problem) { complain(problem_text(problem), kRed); }

void HumanSink::warning(const std::string& message) {
  if (!style_.settings.quiet) complain("warning: " + printable(message), kYellow);
}

void HumanSink::clear_terminal() {
  if (!bar_drawn_) return;
  err_.write(kEraseLine);
  bar_drawn_ = false;
  out_.write(waiting_);
  waiting_.clear();
}

void HumanSink::draw_bar() {
  if (!waiting_.empty()) clear_terminal();
  out_.flush();
  err_.write("\r" + bar_ + "\x1b[K");
  bar_drawn_ = true;
}

void HumanSink::progress(const ProgressState& state) {
  const bool bar = style_.progress == ProgressDisplay::kBar;
  const std::chrono::nanoseconds interval =
      bar ? std::chrono::nanoseconds(kBarInterval) : std::chrono::nanoseconds(kLineInterval);
  const std::chrono::nanoseconds first = bar ? std::chrono::nanoseconds(kBarDelay) : interval;
  const bool due = last_shown_ ? state.elapsed - *last_shown_ >= interval : state.elapsed >= first;
  if (!due) return;
  last_shown_ = state.elapsed;
  if (bar) {
    bar_ = progress_bar(state, style_.columns());
    draw_bar();
  } else {
    out_.flush();
    err_.write(progress_line(state) + "\n");
  }
}

void HumanSink::flush() {
  if (waiting_.empty()) {
    out_.flush();
  } else {
    draw_bar();
  }
}

void HumanSink::finish(const RunEnd& end) {
  clear_terminal();
  if (end.result && !style_.settings.quiet) {
    out_.write(summary_text(end, style_.settings.stats ? Detail::kAll : Detail::kShort));
  }
  out_.flush();
  for (const std::string& line : trouble_lines(end)) complain(line, kRed);
}

}  // namespace robosync::cli
