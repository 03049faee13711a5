#include "harness/dataset/spec.h"

namespace robosync::parity {

Profile native_profile() { return Profile::kMacos; }

}  // namespace robosync::parity
