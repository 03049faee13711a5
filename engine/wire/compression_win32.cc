// zstd is not built for Windows yet: nothing is compressed, and nothing compressed is agreed to.
#include "engine/wire/compression.h"

namespace robosync::wire {

bool has_compression() { return false; }

std::optional<std::string> compressed(std::string_view /*payload*/) { return std::nullopt; }

base::Result<std::string> decompressed(std::string_view /*payload*/, std::size_t /*bytes_max*/) {
  return base::fail(
      base::make_error(base::ErrorKind::kProtocol, "a compressed payload was not agreed upon"));
}

}  // namespace robosync::wire
