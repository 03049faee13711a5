#include "engine/base/random.h"

#include <random>

namespace robosync::base {

std::uint64_t random64() {
  thread_local std::mt19937_64 generator = [] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }();
  return generator();
}

}  // namespace robosync::base
