// Notifier: tells systemd how the service is (sd_notify's datagrams, written by hand). Linux only.
//
// Without NOTIFY_SOCKET every call does nothing. Nothing here fails: a service manager that does
// not listen is no reason to stop serving. One thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "engine/daemon/descriptor_posix.h"

namespace robosync::daemon {

class Notifier {
 public:
  Notifier() = default;
  // From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which it takes out of the environment.
  [[nodiscard]] static Notifier from_environment();

  void ready(std::string_view status);
  void reloading();
  void stopping();
  void status(std::string_view text);
  void watchdog();

  // How often watchdog() has to be called; zero: never.
  [[nodiscard]] std::chrono::milliseconds watchdog_interval() const { return interval_; }

 private:
  void send(std::string_view text);

  Descriptor socket_;
  std::string path_;
  std::chrono::milliseconds interval_{0};
};

}  // namespace robosync::daemon
