#include "engine/base/allocator.h"

namespace robosync::base {

void keep_freed_memory() {}

}  // namespace robosync::base
