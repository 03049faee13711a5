#include "engine/daemon/http.h"

#include <fmt/format.h>

namespace robosync::daemon {
namespace {

std::string answer(std::string_view status, std::string_view type, std::string_view body,
                   bool with_body) {
  return fmt::format(
      "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n"
      "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n{}",
      status, type, body.size(), with_body ? body : std::string_view());
}

std::string refusal(std::string_view status) {
  return answer(status, "text/plain", fmt::format("{}\n", status), true);
}

}  // namespace

std::optional<std::string> http_answer(std::string_view received, const HttpPages& pages) {
  const bool complete = received.find("\r\n\r\n") != std::string_view::npos ||
                        received.find("\n\n") != std::string_view::npos;
  if (received.size() > kHttpRequestBytesMax) {
    return refusal("431 Request Header Fields Too Large");
  }
  if (!complete) return {};
  std::string_view line = received.substr(0, received.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  if (first == std::string_view::npos || first == last ||
      !line.substr(last + 1).starts_with("HTTP/1.")) {
    return refusal("400 Bad Request");
  }
  const std::string_view method = line.substr(0, first);
  std::string_view path = line.substr(first + 1, last - first - 1);
  path = path.substr(0, path.find('?'));
  if (method != "GET" && method != "HEAD") return refusal("405 Method Not Allowed");
  const bool with_body = method == "GET";
  if (path == "/metrics") {
    return answer("200 OK", "text/plain; version=0.0.4; charset=utf-8", pages.metrics(), with_body);
  }
  if (path == "/healthz") {
    return pages.healthy ? answer("200 OK", "text/plain", "ok\n", with_body)
                         : answer("503 Service Unavailable", "text/plain", "stopping\n", with_body);
  }
  return refusal("404 Not Found");
}

}  // namespace robosync::daemon
