#include <sys/random.h>
#include <unistd.h>

#include <chrono>

#include "engine/base/entropy.h"

namespace robosync::base {

// Not std::random_device: that asks the processor what it can, which a virtual machine answers a
// hundred times more slowly than the kernel this question.
std::uint64_t entropy64() {
  std::uint64_t value = 0;
  if (::getentropy(&value, sizeof(value)) == 0) return value;
  const auto now = std::chrono::steady_clock::now().time_since_epoch().count();
  return static_cast<std::uint64_t>(now) ^ (static_cast<std::uint64_t>(::getpid()) << 32U) ^
         reinterpret_cast<std::uintptr_t>(&value);
}

}  // namespace robosync::base
