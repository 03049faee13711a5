// PacketQueue: the packets that an iptables rule sends to a queue (target NFQUEUE), in the network
// namespace of the process. The packets stay in the kernel, only their numbers come here, and each
// waits for its verdict. Needs the right to configure the network. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "engine/base/result.h"
#include "harness/tree/owned_fd_posix.h"

namespace robosync::parity {

class PacketQueue {
 public:
  // kPermission, kUnsupported or kIo where the kernel gives no such queue.
  [[nodiscard]] static base::Result<PacketQueue> open(std::uint16_t number);

  // Calls `arrived` with the number of each packet that has come, at most so many that others get
  // their turn. Does not wait.
  [[nodiscard]] base::Result<void> receive(const std::function<void(std::uint32_t id)>& arrived);

  [[nodiscard]] base::Result<void> drop(std::uint32_t id);
  // Lets this one and all before it go on that have no verdict yet.
  [[nodiscard]] base::Result<void> accept_until(std::uint32_t id);

  // To wait at until packets come.
  [[nodiscard]] int fd() const { return socket_.get(); }

 private:
  PacketQueue(OwnedFd socket, std::uint16_t number) : socket_(std::move(socket)), number_(number) {}

  OwnedFd socket_;
  std::uint16_t number_;
};

}  // namespace robosync::parity
