// What tests do with a Stream: send a text, receive so many bytes or all, look at the kind of
// error.
#pragma once

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "engine/net/stream.h"

namespace robosync::net {

[[nodiscard]] inline base::Result<void> send(Stream& stream, std::string_view text) {
  const std::array pieces = {std::as_bytes(std::span(text))};
  return stream.write(pieces);
}

// Exactly so many bytes; a peer that ends before is kProtocol.
[[nodiscard]] inline base::Result<std::string> receive(Stream& stream, std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t got = 0; got < bytes;) {
    ROBOSYNC_ASSIGN(const std::size_t count,
                    stream.read_some(std::as_writable_bytes(std::span(text).subspan(got))));
    if (count == 0) return base::fail(base::make_error(base::ErrorKind::kProtocol, "ended"));
    got += count;
  }
  return text;
}

// Everything until the peer ends its direction.
[[nodiscard]] inline base::Result<std::string> receive_all(Stream& stream) {
  std::string text;
  std::array<char, 4096> buffer{};
  while (true) {
    ROBOSYNC_ASSIGN(const std::size_t count,
                    stream.read_some(std::as_writable_bytes(std::span(buffer))));
    if (count == 0) return text;
    text.append(buffer.data(), count);
  }
}

template <typename T>
[[nodiscard]] std::optional<base::ErrorKind> kind_of(const base::Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().kind;
}

}  // namespace robosync::net
