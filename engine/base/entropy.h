// Entropy of the system, to begin a generator with. Any thread.
#pragma once

#include <cstdint>

namespace robosync::base {

// 64 random bits from the kernel; of what else there is where it gives none.
[[nodiscard]] std::uint64_t entropy64();

}  // namespace robosync::base
