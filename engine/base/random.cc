#include "engine/base/random.h"

#include "engine/base/entropy.h"

namespace robosync::base {

std::uint64_t random64() {
  // SplitMix64: https://prng.di.unimi.it/splitmix64.c
  thread_local std::uint64_t state = entropy64();
  std::uint64_t value = state += 0x9e3779b97f4a7c15U;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
  return value ^ (value >> 31U);
}

}  // namespace robosync::base
