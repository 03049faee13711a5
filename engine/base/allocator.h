// How the C library's allocator treats memory that is freed and soon wanted again.
#pragma once

namespace robosync::base {

// Keeps freed memory for the next allocation instead of giving it back to the system at once:
// buffers that come and go by the thousand would otherwise be mapped and cleared anew each time.
// For programs that run over connections; any thread, any number of times. Does nothing where it is
// not known how.
void keep_freed_memory();

}  // namespace robosync::base
