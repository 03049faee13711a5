// A HANDLE that is closed with its owner. Internal to the Windows half of this layer.
#pragma once

#include <memory>

namespace robosync::net {

struct CloseHandleOf {
  void operator()(void* handle) const;
};
using OwnedHandle = std::unique_ptr<void, CloseHandleOf>;

// Nothing for INVALID_HANDLE_VALUE.
[[nodiscard]] OwnedHandle owned(void* handle);

}  // namespace robosync::net
