#include "engine/daemon/control_linux.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace robosync::daemon {
namespace {

// Room for one descriptor beside a message.
struct alignas(cmsghdr) Attached {
  std::array<char, CMSG_SPACE(sizeof(int))> bytes{};
};

}  // namespace

base::Result<void> send_control(int control, std::string_view text, const Descriptor& descriptor) {
  std::string copy(text);
  iovec piece{copy.data(), copy.size()};
  Attached attached;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (descriptor) {
    message.msg_control = attached.bytes.data();
    message.msg_controllen = attached.bytes.size();
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    const int fd = descriptor.get();
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
  }
  const ssize_t sent = ::sendmsg(control, &message, MSG_NOSIGNAL | MSG_EOR | MSG_DONTWAIT);
  if (sent != static_cast<ssize_t>(text.size())) {
    return base::fail(base::from_errno(errno, "control channel"));
  }
  return {};
}

base::Result<ControlMessage> await_control(int control) {
  pollfd waiting{control, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&waiting, 1, static_cast<int>(kParentAnswerTime.count()));
  } while (ready < 0 && errno == EINTR);
  if (ready <= 0) {
    return base::fail(base::make_error(base::ErrorKind::kTimeout, "the parent does not answer"));
  }
  return receive_control(control);
}

base::Result<ControlMessage> receive_control(int control) {
  ControlMessage out;
  out.text.resize(kControlBytesMax);
  iovec piece{out.text.data(), out.text.size()};
  Attached attached;
  msghdr message{};
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  message.msg_control = attached.bytes.data();
  message.msg_controllen = attached.bytes.size();
  ssize_t got = 0;
  do {
    // A peer that ended without having read everything shows as a reset once, before what it said.
    got = ::recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == ECONNRESET);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
    return base::fail(base::make_error(base::ErrorKind::kTimeout, "nothing is there"));
  }
  if (got < 0) return base::fail(base::from_errno(errno, "control channel"));
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr;
       header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(header), sizeof fd);
    out.descriptor = Descriptor(fd);
  }
  if (got == 0) {
    return base::fail(base::make_error(base::ErrorKind::kConnection, "the other side is gone"));
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    return base::fail(base::make_error(base::ErrorKind::kLimit, "a message that is too long"));
  }
  out.text.resize(static_cast<std::size_t>(got));
  return out;
}

}  // namespace robosync::daemon
