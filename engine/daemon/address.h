// IpAddress, Network, Endpoint: who may connect and where we listen, as values.
//
// An IPv4 address that arrives inside IPv6 (::ffff:192.0.2.1) is the IPv4 address: a rule about the
// one holds for the other. Networks of one family never contain addresses of the other, so "::/0"
// says nothing about IPv4. Pure; any thread. See docs/robosyncd.md.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::daemon {

// Longer texts are no address: "[" + 45 + "]" + ":65535" or "/128".
inline constexpr std::size_t kAddressBytesMax = 54;

struct IpAddress {
  // IPv4 as ::ffff:a.b.c.d.
  std::array<std::uint8_t, 16> bytes{};

  [[nodiscard]] bool is_v4() const;
  // 127.0.0.0/8 and ::1.
  [[nodiscard]] bool is_loopback() const;
  // "192.0.2.1", "2001:db8::1" (RFC 5952).
  [[nodiscard]] std::string text() const;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

// Dotted decimal without leading zeros, or IPv6 without brackets and zone. kUsage otherwise.
[[nodiscard]] base::Result<IpAddress> parse_address(std::string_view text);

// Whose connections count as those of one peer: an IPv6 host has a whole /64 to come from.
[[nodiscard]] IpAddress counted_as(const IpAddress& address);

struct Network {
  IpAddress address;
  unsigned prefix_bits = 128;  // counted in the 16 bytes: IPv4's /24 is 120

  [[nodiscard]] bool contains(const IpAddress& other) const;
  friend bool operator==(const Network&, const Network&) = default;
};

// "192.0.2.0/24", "2001:db8::/32", or an address alone. Bits behind the prefix must be zero: who
// writes 192.0.2.7/24 meant something, and we do not know what. kUsage.
[[nodiscard]] base::Result<Network> parse_network(std::string_view text);

struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;

  // "192.0.2.1:9031", "[::1]:9031".
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// "ADDRESS:PORT", "[V6]:PORT", or an address alone, which takes `default_port`. Port 0 lets the
// system choose. kUsage.
[[nodiscard]] base::Result<Endpoint> parse_endpoint(std::string_view text,
                                                    std::uint16_t default_port);

}  // namespace robosync::daemon
