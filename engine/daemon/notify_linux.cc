#include "engine/daemon/notify_linux.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "engine/daemon/log.h"

namespace robosync::daemon {
namespace {

std::uint64_t number(const char* text, std::uint64_t otherwise) {
  if (text == nullptr) return otherwise;
  const std::string_view view(text);
  std::uint64_t value = 0;
  const auto [end, fault] = std::from_chars(view.data(), view.data() + view.size(), value);
  return fault == std::errc() && end == view.data() + view.size() ? value : otherwise;
}

}  // namespace

Notifier Notifier::from_environment() {
  Notifier out;
  if (const char* path = std::getenv("NOTIFY_SOCKET"); path != nullptr) out.path_ = path;
  const std::uint64_t watchdog_us = number(std::getenv("WATCHDOG_USEC"), 0);
  const auto own = static_cast<std::uint64_t>(::getpid());
  const bool ours = number(std::getenv("WATCHDOG_PID"), own) == own;
  for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  const bool usable = out.path_.starts_with('/') || out.path_.starts_with('@');
  if (!usable || out.path_.size() >= sizeof(sockaddr_un::sun_path)) return {};
  out.socket_ = Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  // Half of the time allowed, as sd_watchdog_enabled(3) advises.
  if (ours) out.interval_ = std::chrono::milliseconds(watchdog_us / 2000);
  return out;
}

void Notifier::send(std::string_view text) {
  if (!socket_) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path_.data(), path_.size());
  if (path_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
  ::sendto(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL,
           reinterpret_cast<const sockaddr*>(&address), size);
}

void Notifier::ready(std::string_view status) {
  send(fmt::format("READY=1\nSTATUS={}", log_clean(status)));
}

void Notifier::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  send(fmt::format("RELOADING=1\nMONOTONIC_USEC={}", now.tv_sec * 1'000'000 + now.tv_nsec / 1000));
}

void Notifier::stopping() { send("STOPPING=1"); }

void Notifier::status(std::string_view text) { send(fmt::format("STATUS={}", log_clean(text))); }

void Notifier::watchdog() { send("WATCHDOG=1"); }

}  // namespace robosync::daemon
