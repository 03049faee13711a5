#include "harness/run/warm_memory.h"

#include <sys/mman.h>
#include <sys/sysinfo.h>

#include <algorithm>

namespace robosync::parity {

void warm_memory(std::uint64_t bytes) {
  struct sysinfo system{};
  if (::sysinfo(&system) != 0) return;
  const std::uint64_t free = std::uint64_t{system.freeram} * system.mem_unit;
  const auto size = static_cast<std::size_t>(std::min(bytes, free / 2));
  if (size == 0) return;
  void* const memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory != MAP_FAILED) ::munmap(memory, size);
}

}  // namespace robosync::parity
