// http_answer(): as much of HTTP as Prometheus and a health check need, as a pure function.
//
// GET and HEAD of /metrics and /healthz, one request per connection. A body that a request brings
// is not read. Any thread.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace robosync::daemon {

inline constexpr std::size_t kHttpRequestBytesMax = 4096;

struct HttpPages {
  std::function<std::string()> metrics;
  // False while the daemon is stopping: 503.
  bool healthy = true;
};

// Nothing: the head of the request is not complete yet and may still become so. Otherwise the whole
// answer, after which the connection closes.
[[nodiscard]] std::optional<std::string> http_answer(std::string_view received,
                                                     const HttpPages& pages);

}  // namespace robosync::daemon
