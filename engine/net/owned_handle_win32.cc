#include "engine/net/owned_handle_win32.h"

#include <windows.h>

namespace robosync::net {

void CloseHandleOf::operator()(void* handle) const { CloseHandle(handle); }

OwnedHandle owned(void* handle) {
  return OwnedHandle(handle == INVALID_HANDLE_VALUE ? nullptr : handle);
}

}  // namespace robosync::net
