// Log: one line per event, for people or as JSON, with nothing in it that a peer could abuse.
//
// Every value is cleaned: control characters and bytes that are not ASCII become \xNN, long ones
// are cut. A line is handed to the sink in one piece; the default sink writes it to standard error
// with one call, so lines of the parent and its workers do not mix. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "engine/daemon/config.h"

namespace robosync::daemon {

inline constexpr std::size_t kLogValueBytesMax = 1024;

struct LogField {
  std::string_view key;  // ours: never a peer's
  std::string value;
};

class Log {
 public:
  using Sink = std::function<void(const std::string& line)>;

  // kJournal: systemd's "<6>" in front and no time, which the journal has itself.
  enum class Prefix { kTime, kJournal };

  Log(LogFormat format, LogLevel level, Prefix prefix, Sink sink)
      : format_(format), level_(level), prefix_(prefix), sink_(std::move(sink)) {}

  void write(LogLevel level, std::string_view message,
             std::initializer_list<LogField> fields = {}) const;
  void error(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::kError, message, fields);
  }
  void warning(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::kWarning, message, fields);
  }
  void info(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::kInfo, message, fields);
  }
  void debug(std::string_view message, std::initializer_list<LogField> fields = {}) const {
    write(LogLevel::kDebug, message, fields);
  }

  // After a reload. Not while another thread writes.
  void set(LogFormat format, LogLevel level) {
    format_ = format;
    level_ = level;
  }

 private:
  LogFormat format_;
  LogLevel level_;
  Prefix prefix_;
  Sink sink_;
};

// Printable ASCII, with '\' and what is not printable as \xNN, cut to kLogValueBytesMax.
[[nodiscard]] std::string log_clean(std::string_view text);

}  // namespace robosync::daemon
