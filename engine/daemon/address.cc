#include "engine/daemon/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

namespace robosync::daemon {
namespace {

constexpr std::array<std::uint8_t, 12> kV4Prefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr unsigned kV4PrefixBits = 96;

template <typename Number>
std::optional<Number> decimal(std::string_view text, Number max) {
  if (text.empty() || text.size() > 5 || (text.size() > 1 && text.front() == '0')) return {};
  std::uint32_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size() || value > max) return {};
  return static_cast<Number>(value);
}

std::optional<std::array<std::uint8_t, 4>> parse_v4(std::string_view text) {
  std::array<std::uint8_t, 4> out{};
  for (std::size_t i = 0; i < out.size(); ++i) {
    const std::size_t dot = i + 1 < out.size() ? text.find('.') : text.size();
    if (dot == std::string_view::npos) return {};
    const auto part = decimal<std::uint8_t>(text.substr(0, dot), 255);
    if (!part) return {};
    out[i] = *part;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return out;
}

// Appends the 16 bit groups of one side of "::". False when it is not a list of groups.
bool parse_groups(std::string_view text, bool may_end_in_v4, std::vector<std::uint8_t>& out) {
  if (text.empty()) return true;
  for (bool last = false; !last;) {
    const std::size_t colon = text.find(':');
    last = colon == std::string_view::npos;
    const std::string_view group = text.substr(0, colon);
    if (last && may_end_in_v4 && group.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(group);
      if (!v4) return false;
      out.insert(out.end(), v4->begin(), v4->end());
      return true;
    }
    std::uint16_t value = 0;
    const auto [end, fault] = std::from_chars(group.data(), group.data() + group.size(), value, 16);
    if (group.empty() || group.size() > 4 || fault != std::errc() ||
        end != group.data() + group.size()) {
      return false;
    }
    out.push_back(static_cast<std::uint8_t>(value >> 8));
    out.push_back(static_cast<std::uint8_t>(value & 0xff));
    if (!last) text.remove_prefix(colon + 1);
  }
  return true;
}

std::optional<IpAddress> parse_v6(std::string_view text) {
  const std::size_t gap = text.find("::");
  std::vector<std::uint8_t> front;
  std::vector<std::uint8_t> back;
  const bool has_gap = gap != std::string_view::npos;
  if (!parse_groups(text.substr(0, gap), !has_gap, front)) return {};
  if (has_gap && !parse_groups(text.substr(gap + 2), true, back)) return {};
  IpAddress address;
  const std::size_t given = front.size() + back.size();
  if (has_gap ? given > address.bytes.size() - 2 : given != address.bytes.size()) return {};
  std::ranges::copy(front, address.bytes.begin());
  std::ranges::copy(back, address.bytes.end() - static_cast<std::ptrdiff_t>(back.size()));
  return address;
}

base::Error not_an(std::string_view what, std::string_view text) {
  return base::make_error(base::ErrorKind::kUsage,
                          fmt::format("'{}' is not {}", text.substr(0, kAddressBytesMax), what));
}

}  // namespace

bool IpAddress::is_v4() const {
  return std::equal(kV4Prefix.begin(), kV4Prefix.end(), bytes.begin());
}

bool IpAddress::is_loopback() const {
  if (is_v4()) return bytes[12] == 127;
  return bytes.back() == 1 &&
         std::ranges::all_of(bytes.begin(), bytes.end() - 1, [](auto byte) { return byte == 0; });
}

std::string IpAddress::text() const {
  if (is_v4()) return fmt::format("{}.{}.{}.{}", bytes[12], bytes[13], bytes[14], bytes[15]);
  std::array<unsigned, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = static_cast<unsigned>(bytes[2 * i]) << 8 | bytes[2 * i + 1];
  }
  std::size_t gap = groups.size();
  std::size_t gap_length = 1;  // a single zero group is written out
  for (std::size_t i = 0; i < groups.size(); ++i) {
    std::size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > gap_length) {
      gap = i;
      gap_length = end - i;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (i == gap) {
      out += "::";
      i += gap_length - 1;
      continue;
    }
    if (!out.empty() && !out.ends_with(':')) out += ':';
    out += fmt::format("{:x}", groups[i]);
  }
  return out;
}

base::Result<IpAddress> parse_address(std::string_view text) {
  if (text.size() > kAddressBytesMax) return base::fail(not_an("an IP address", text));
  if (const auto v4 = parse_v4(text)) {
    IpAddress address;
    std::ranges::copy(kV4Prefix, address.bytes.begin());
    std::ranges::copy(*v4, address.bytes.begin() + 12);
    return address;
  }
  if (const auto v6 = parse_v6(text)) return *v6;
  return base::fail(not_an("an IP address", text));
}

bool Network::contains(const IpAddress& other) const {
  if (address.is_v4() != other.is_v4()) return false;
  for (unsigned bit = 0; bit < prefix_bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8);
    if (((address.bytes[bit / 8] ^ other.bytes[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

base::Result<Network> parse_network(std::string_view text) {
  const std::size_t slash = text.find('/');
  ROBOSYNC_ASSIGN(const IpAddress address, parse_address(text.substr(0, slash)));
  Network network{address, 128};
  if (slash == std::string_view::npos) return network;
  // "::ffff:0:0/96" is written in IPv6's count and means IPv4.
  const bool dotted = text.substr(0, slash).find(':') == std::string_view::npos;
  const auto prefix = decimal<unsigned>(text.substr(slash + 1), dotted ? 32 : 128);
  if (!prefix) return base::fail(not_an("a network (ADDRESS/BITS)", text));
  network.prefix_bits = dotted ? *prefix + kV4PrefixBits : *prefix;
  if (address.is_v4() && network.prefix_bits < kV4PrefixBits) {
    return base::fail(not_an("a network (ADDRESS/BITS)", text));
  }
  for (unsigned bit = network.prefix_bits; bit < 128; ++bit) {
    if ((address.bytes[bit / 8] & (0x80U >> (bit % 8))) == 0) continue;
    return base::fail(
        base::make_error(base::ErrorKind::kUsage,
                         fmt::format("'{}' has bits set behind the first {}", text, *prefix)));
  }
  return network;
}

std::string Endpoint::text() const {
  if (address.is_v4()) return fmt::format("{}:{}", address.text(), port);
  return fmt::format("[{}]:{}", address.text(), port);
}

base::Result<Endpoint> parse_endpoint(std::string_view text, std::uint16_t default_port) {
  std::string_view host = text;
  std::string_view port;
  bool has_port = false;
  if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return base::fail(not_an("ADDRESS:PORT", text));
    host = text.substr(1, close - 1);
    const std::string_view rest = text.substr(close + 1);
    if (!rest.empty() && rest.front() != ':') return base::fail(not_an("ADDRESS:PORT", text));
    has_port = !rest.empty();
    if (has_port) port = rest.substr(1);
    if (host.find(':') == std::string_view::npos) return base::fail(not_an("ADDRESS:PORT", text));
  } else if (std::ranges::count(text, ':') == 1) {
    host = text.substr(0, text.find(':'));
    port = text.substr(text.find(':') + 1);
    has_port = true;
  }
  Endpoint endpoint{{}, default_port};
  ROBOSYNC_ASSIGN(endpoint.address, parse_address(host));
  if (has_port) {
    const auto number = decimal<std::uint16_t>(port, 65535);
    if (!number) return base::fail(not_an("ADDRESS:PORT (the port is 0 to 65535)", text));
    endpoint.port = *number;
  }
  return endpoint;
}

IpAddress counted_as(const IpAddress& address) {
  IpAddress out = address;
  if (!address.is_v4()) std::fill(out.bytes.begin() + 8, out.bytes.end(), std::uint8_t{0});
  return out;
}

}  // namespace robosync::daemon
