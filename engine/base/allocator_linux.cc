#include <malloc.h>

#include "engine/base/allocator.h"

namespace robosync::base {
namespace {

// Above what is queued and in flight of one connection.
constexpr int kKeptBytes = 64 * 1024 * 1024;
// Above the largest payload: those come from the heap, not from a mapping of their own.
constexpr int kMappedBytesMin = 32 * 1024 * 1024;

}  // namespace

void keep_freed_memory() {
  mallopt(M_TRIM_THRESHOLD, kKeptBytes);
  mallopt(M_MMAP_THRESHOLD, kMappedBytesMin);
}

}  // namespace robosync::base
