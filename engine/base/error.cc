#include "engine/base/error.h"

#include <cerrno>

namespace robosync::base {

std::string_view to_string(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kNotFound:
      return "not_found";
    case ErrorKind::kExists:
      return "exists";
    case ErrorKind::kPermission:
      return "permission";
    case ErrorKind::kNotDirectory:
      return "not_directory";
    case ErrorKind::kIsDirectory:
      return "is_directory";
    case ErrorKind::kNotEmpty:
      return "not_empty";
    case ErrorKind::kLink:
      return "link";
    case ErrorKind::kNoSpace:
      return "no_space";
    case ErrorKind::kReadOnly:
      return "read_only";
    case ErrorKind::kCrossDevice:
      return "cross_device";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kInvalid:
      return "invalid";
    case ErrorKind::kBusy:
      return "busy";
    case ErrorKind::kTransient:
      return "transient";
    case ErrorKind::kChanged:
      return "changed";
    case ErrorKind::kCancelled:
      return "cancelled";
    case ErrorKind::kLimit:
      return "limit";
    case ErrorKind::kDeviceGone:
      return "device_gone";
    case ErrorKind::kIo:
      return "io";
    case ErrorKind::kRefused:
      return "refused";
    case ErrorKind::kUsage:
      return "usage";
    case ErrorKind::kCorrupt:
      return "corrupt";
    case ErrorKind::kConnection:
      return "connection";
    case ErrorKind::kConnectTimeout:
      return "connect_timeout";
    case ErrorKind::kTimeout:
      return "timeout";
    case ErrorKind::kProtocol:
      return "protocol";
    case ErrorKind::kNoLinks:
      return "no_links";
  }
  return "unknown";
}

std::string Error::message() const {
  std::string text = context;
  if (code) {
    if (!text.empty()) text += ": ";
    text += code.message();
  }
  if (text.empty()) text = to_string(kind);
  return text;
}

ErrorKind kind_of_errno(int number) {
  switch (number) {
    case ENOENT:
      return ErrorKind::kNotFound;
    case EEXIST:
      return ErrorKind::kExists;
    case EACCES:
    case EPERM:
      return ErrorKind::kPermission;
    case ENOTDIR:
      return ErrorKind::kNotDirectory;
    case EISDIR:
      return ErrorKind::kIsDirectory;
    case ENOTEMPTY:
      return ErrorKind::kNotEmpty;
    case ELOOP:
      return ErrorKind::kLink;
    case ENOSPC:
      return ErrorKind::kNoSpace;
    case EROFS:
      return ErrorKind::kReadOnly;
    case EXDEV:
      return ErrorKind::kCrossDevice;
    case ENOSYS:
    case EOPNOTSUPP:
      return ErrorKind::kUnsupported;
    case EINVAL:
      return ErrorKind::kInvalid;
    case EBUSY:
      return ErrorKind::kBusy;
    case EAGAIN:
    case EINTR:
      return ErrorKind::kTransient;
    case EMFILE:
    case ENFILE:
    case ENAMETOOLONG:
    case EMLINK:
    case EFBIG:
      return ErrorKind::kLimit;
    case ENODEV:
    case ENXIO:
      return ErrorKind::kDeviceGone;
    default:
      break;
  }
#ifdef EDQUOT
  if (number == EDQUOT) return ErrorKind::kNoSpace;
#endif
#ifdef ETXTBSY
  if (number == ETXTBSY) return ErrorKind::kBusy;
#endif
#ifdef ESTALE
  if (number == ESTALE) return ErrorKind::kTransient;
#endif
#ifdef ENOTSUP
  if (number == ENOTSUP) return ErrorKind::kUnsupported;
#endif
  return ErrorKind::kIo;
}

Error from_errno(int number, std::string context) {
  return Error{kind_of_errno(number), std::error_code(number, std::generic_category()),
               std::move(context)};
}

Error make_error(ErrorKind kind, std::string context) {
  return Error{kind, std::error_code(), std::move(context)};
}

bool is_transient(ErrorKind kind) {
  return kind == ErrorKind::kBusy || kind == ErrorKind::kTransient || kind == ErrorKind::kChanged;
}

bool is_volume_fault(ErrorKind kind) {
  return kind == ErrorKind::kNoSpace || kind == ErrorKind::kReadOnly ||
         kind == ErrorKind::kDeviceGone;
}

}  // namespace robosync::base
