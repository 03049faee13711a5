#include "engine/base/processor.h"

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#endif

namespace robosync::base {

#if defined(__x86_64__) || defined(__i386__)
bool processor_has_aes() {
  constexpr unsigned kFeatures = 1;
  unsigned eax = 0;
  unsigned ebx = 0;
  unsigned ecx = 0;
  unsigned edx = 0;
  if (__get_cpuid(kFeatures, &eax, &ebx, &ecx, &edx) == 0) return false;
  return (ecx & bit_AES) != 0 && (ecx & bit_PCLMUL) != 0;
}
#else
bool processor_has_aes() { return true; }
#endif

}  // namespace robosync::base
