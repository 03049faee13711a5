#include <random>

#include "engine/base/entropy.h"

namespace robosync::base {

std::uint64_t entropy64() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

}  // namespace robosync::base
