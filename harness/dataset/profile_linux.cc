#include "harness/dataset/spec.h"

namespace robosync::parity {

Profile native_profile() { return Profile::kPosix; }

}  // namespace robosync::parity
