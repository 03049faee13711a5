// Any text is a configuration or a list of mistakes with their lines; never a crash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "engine/daemon/config.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto config = robosync::daemon::parse_config(text, "f");
  if (!config && !config.error().context.starts_with("f:")) std::abort();
  if (config && config->modules.empty()) std::abort();
  return 0;
}
