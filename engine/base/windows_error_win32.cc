#include <windows.h>

#include "engine/base/windows_error.h"

namespace robosync::base {
namespace {

ErrorKind kind_of(std::uint32_t number) {
  switch (number) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_SERVICE_DOES_NOT_EXIST:
      return ErrorKind::kNotFound;
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS:
    case ERROR_SERVICE_EXISTS:
      return ErrorKind::kExists;
    case ERROR_ACCESS_DENIED:
      return ErrorKind::kPermission;
    case ERROR_SHARING_VIOLATION:
    case ERROR_LOCK_VIOLATION:
      return ErrorKind::kBusy;
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      return ErrorKind::kNoSpace;
    case ERROR_WRITE_PROTECT:
      return ErrorKind::kReadOnly;
    case ERROR_INVALID_NAME:
    case ERROR_INVALID_PARAMETER:
      return ErrorKind::kInvalid;
    case ERROR_TOO_MANY_OPEN_FILES:
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_NO_SYSTEM_RESOURCES:
      return ErrorKind::kLimit;
    case ERROR_NOT_SUPPORTED:
      return ErrorKind::kUnsupported;
    default:
      return ErrorKind::kIo;
  }
}

}  // namespace

Error from_windows(std::uint32_t number, std::string context) {
  return Error{kind_of(number), std::error_code(static_cast<int>(number), std::system_category()),
               std::move(context)};
}

}  // namespace robosync::base
