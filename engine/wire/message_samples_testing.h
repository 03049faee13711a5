// Messages with something in each of their fields. For the tests of wire/ and above.
#pragma once

#include <string>

#include "engine/wire/message.h"

namespace robosync::wire::message_samples {

// A regular file of five bytes.
[[nodiscard]] tree::Entry file(std::string name);
[[nodiscard]] DirectoryPart full_part();
[[nodiscard]] Roots full_roots();
// Two bytes, 0xaa and 0xbb.
[[nodiscard]] base::Digest digest();

}  // namespace robosync::wire::message_samples
