// KnownHosts: which key each server had when it was first met, like ssh's file of that name.
//
// A file (0600 in a folder of 0700) of lines "host:port SHA256:...". Every call reads it anew under
// a lock of its own (a file beside it), so that processes may share it. Any thread. Limits:
// kKnownHostsMax and those of private_file.h.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>

#include "engine/base/result.h"
#include "engine/net/address.h"
#include "engine/net/tls.h"

namespace robosync::net {

inline constexpr std::size_t kKnownHostsMax = 10'000;

// Asks whether a server met for the first time is the right one; an error refuses it.
using FirstUse =
    std::function<base::Result<void>(const std::string& host, const std::string& fingerprint)>;

class KnownHosts {
 public:
  explicit KnownHosts(std::filesystem::path file) : file_(std::move(file)) {}

  // OK when the server is known by this key, or `first_use` agrees, upon which it is written down.
  // kRefused when it is known by another key: the message names file and line. kInvalid with the
  // line's number for a line that is not of the form; kPermission for a file or folder that others
  // may write to. `first_use` is not called under the lock.
  [[nodiscard]] base::Result<void> check(const Address& server, const std::string& fingerprint,
                                         const FirstUse& first_use);

  // check() for TlsClientOptions::pin. The KnownHosts must outlive it.
  [[nodiscard]] PinCheck pin_for(Address server, FirstUse first_use);

 private:
  std::filesystem::path file_;
};

}  // namespace robosync::net
