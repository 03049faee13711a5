#include "engine/net/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace robosync::net {
namespace {

base::Error bad(std::string_view why) {
  return base::make_error(base::ErrorKind::kUsage, fmt::format("address: {}", why));
}

bool is_name_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == '_';
}

// The rest of a scope ("%eth0") is an interface's name.
bool is_v6_byte(char c) { return is_name_byte(c) || c == ':' || c == '%'; }

base::Result<std::uint16_t> parse_port(std::string_view text) {
  const auto wrong = [] { return base::fail(bad("a port is a number from 0 to 65535")); };
  if (text.empty()) return wrong();
  std::uint16_t port = 0;
  const char* const begin = &text.front();
  const char* const end = begin + text.size();
  const auto [rest, error] = std::from_chars(begin, end, port);
  if (error != std::errc() || rest != end) return wrong();
  return port;
}

base::Result<void> check_host(std::string_view host, bool v6) {
  if (host.empty()) return base::fail(bad("the host is missing"));
  if (host.size() > kHostBytesMax) return base::fail(bad("the host is too long"));
  if (!std::ranges::all_of(host, v6 ? is_v6_byte : is_name_byte)) {
    return base::fail(bad("the host has a character that no host has"));
  }
  // What begins like an option must never reach a command line.
  if (host.front() == '-') return base::fail(bad("a host does not begin with '-'"));
  return {};
}

}  // namespace

std::string Address::text() const {
  return host.find(':') == std::string::npos ? fmt::format("{}:{}", host, port)
                                             : fmt::format("[{}]:{}", host, port);
}

base::Result<Address> parse_address(std::string_view text, std::uint16_t default_port) {
  Address address{.host = {}, .port = default_port};
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return base::fail(bad("']' is missing"));
    const std::string_view host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (host.find(':') == std::string_view::npos) {
      return base::fail(bad("brackets are for IPv6 addresses"));
    }
    ROBOSYNC_TRY(check_host(host, true));
    if (!rest.empty()) {
      if (rest.front() != ':') return base::fail(bad("after ']' comes ':' and a port"));
      ROBOSYNC_ASSIGN(address.port, parse_port(rest.substr(1)));
    }
    address.host = host;
    return address;
  }
  const std::size_t colon = text.find(':');
  const bool v6 = colon != std::string_view::npos && text.find(':', colon + 1) != text.npos;
  ROBOSYNC_TRY(check_host(v6 ? text : text.substr(0, colon), v6));
  if (!v6 && colon != std::string_view::npos) {
    ROBOSYNC_ASSIGN(address.port, parse_port(text.substr(colon + 1)));
  }
  address.host = v6 ? text : text.substr(0, colon);
  return address;
}

base::Result<Address> parse_listen_address(std::string_view text, std::uint16_t default_port) {
  if (text == "*") return Address{.host = {}, .port = default_port};
  const std::string_view port = text.starts_with("*:") ? text.substr(1) : text;
  if (!port.starts_with(':') || port.starts_with("::")) return parse_address(text, default_port);
  Address address;
  ROBOSYNC_ASSIGN(address.port, parse_port(port.substr(1)));
  return address;
}

}  // namespace robosync::net
