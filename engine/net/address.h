// Address: where a peer is found: a host (name, IPv4 or IPv6 literal) and a port.
//
// Pure text, decided before anything is asked of the system. Values only; any thread. Limits:
// kHostBytesMax.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::net {

inline constexpr std::uint16_t kDefaultPort = 9031;
inline constexpr std::size_t kHostBytesMax = 253;  // a DNS name's

struct Address {
  std::string host;  // without brackets; empty: any (only to listen)
  std::uint16_t port = kDefaultPort;

  // "example.org:9031", "[::1]:9031".
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};

// "host", "host:port", "[::1]", "[::1]:9031", "::1", "fe80::1%eth0", "10.0.0.1:0". A text with two
// colons or more is an IPv6 literal without a port. kUsage for anything else.
[[nodiscard]] base::Result<Address> parse_address(std::string_view text,
                                                  std::uint16_t default_port = kDefaultPort);

// Like parse_address, but ":9031" and "*:9031" mean every address of this machine.
[[nodiscard]] base::Result<Address> parse_listen_address(std::string_view text,
                                                         std::uint16_t default_port = kDefaultPort);

}  // namespace robosync::net
