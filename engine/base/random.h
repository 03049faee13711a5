// Random 64 bit numbers for names that must not collide. Any thread.
#pragma once

#include <cstdint>

namespace robosync::base {

// Seeded from the system's entropy per thread; not for secrets.
[[nodiscard]] std::uint64_t random64();

}  // namespace robosync::base
