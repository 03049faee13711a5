// warm_memory(): has the system hand out so much memory once, and takes it back to free.
//
// In a virtual machine memory that was free for a while may belong to the host again, and costs
// several times as much when it is next touched. Whichever tool ran first would pay for that, and
// the others find it paid.
#pragma once

#include <cstdint>

namespace robosync::parity {

// At most half of what is free. Where the system gives none it is left at that. Any thread.
void warm_memory(std::uint64_t bytes);

}  // namespace robosync::parity
