// A file descriptor that is closed with its owner. Values; one thread at a time.
#pragma once

#include <utility>

namespace robosync::parity {

class OwnedFd {
 public:
  // Negative: none, as open(2) says it failed; errno is the caller's to read.
  explicit OwnedFd(int fd) : fd_(fd) {}
  OwnedFd(OwnedFd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OwnedFd& operator=(OwnedFd&&) = delete;
  OwnedFd(const OwnedFd&) = delete;
  OwnedFd& operator=(const OwnedFd&) = delete;
  ~OwnedFd();

  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

}  // namespace robosync::parity
