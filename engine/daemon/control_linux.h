// Messages between the parent and its workers: packets of text, some with a descriptor. Linux only;
// any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/daemon/descriptor_posix.h"

namespace robosync::daemon {

inline constexpr std::size_t kControlBytesMax = 4096;

struct ControlMessage {
  std::string text;
  Descriptor descriptor;  // none: it came without
};

// Never waits. With a descriptor the receiver gets a copy of it.
[[nodiscard]] base::Result<void> send_control(int control, std::string_view text,
                                              const Descriptor& descriptor = Descriptor());

// For a worker: the parent answers within kParentAnswerTime or is gone (kTimeout).
inline constexpr std::chrono::milliseconds kParentAnswerTime{10'000};
[[nodiscard]] base::Result<ControlMessage> await_control(int control);

// Waits as long as the channel is in that mode. kConnection when the other side is gone, kLimit for
// a packet that is longer than kControlBytesMax, kTimeout when nothing is there.
[[nodiscard]] base::Result<ControlMessage> receive_control(int control);

}  // namespace robosync::daemon
