#include "engine/session/location.h"

#include <utility>

#include "engine/session/local_path.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

constexpr std::string_view kTlsScheme = "robosync://";
constexpr std::string_view kTcpScheme = "robosync+tcp://";

std::unexpected<base::Error> usage(std::string_view text, const char* why) {
  return fail(make_error(ErrorKind::kUsage, std::string(text) + ": " + why));
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

Result<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hex_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hex_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return usage(text, "a % is followed by two hexadecimal digits");
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (out.find('\0') != std::string::npos) return usage(text, "has a zero byte");
  return out;
}

Result<Location> parse_url(std::string_view text, Location::Carrier carrier,
                           std::string_view scheme) {
  Location location{.carrier = carrier};
  std::string_view rest = text.substr(scheme.size());
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  const std::string_view host = rest.substr(0, slash);
  if (host.find('@') != std::string_view::npos) {
    return usage(text, "who connects is told by a token (--token-file), not by a name");
  }
  ROBOSYNC_ASSIGN(location.server, net::parse_address(host));
  rest.remove_prefix(std::min(slash + 1, rest.size()));
  const std::size_t end = std::min(rest.find('/'), rest.size());
  ROBOSYNC_ASSIGN(location.module, percent_decoded(rest.substr(0, end)));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  ROBOSYNC_ASSIGN(location.path, percent_decoded(rest));
  if (location.path.empty()) location.path = ".";
  return location;
}

}  // namespace

bool Location::same_place(const Location& other) const {
  return carrier == other.carrier && server == other.server && login == other.login &&
         module == other.module;
}

Result<Location> parse_location(std::string_view text) {
  if (text.starts_with(kTlsScheme)) return parse_url(text, Location::Carrier::kTls, kTlsScheme);
  if (text.starts_with(kTcpScheme)) return parse_url(text, Location::Carrier::kTcp, kTcpScheme);
  Location location;
  location.path = local_path(text);
  // Only what stands before the first colon can be a login's name: "host:a@b" is a file there. An
  // IPv6 address is in brackets, as ssh's users write it; its colons are not the one we look for.
  const std::size_t mark = text.find_first_of("@:/");
  const bool has_name = mark != std::string_view::npos && text[mark] == '@';
  const std::size_t at = has_name && !text.starts_with('[') ? mark + 1 : 0;
  const std::size_t bracket = text.substr(at).starts_with('[') ? text.find(']', at) : at;
  if (bracket == std::string_view::npos) return location;
  const std::size_t colon = text.find(':', bracket);
  if (colon == std::string_view::npos || location.path.find('/') < colon ||
      begins_with_drive(text)) {
    return location;
  }
  std::string login(text.substr(0, colon));
  if (bracket != at) {  // without the brackets, which are for us
    login.erase(at, 1);
    login.erase(login.find(']'), 1);
  }
  if (login.empty() || login.ends_with('@'))
    return usage(text, "there is no host before the colon");
  if (login.starts_with('-'))
    return usage(text, "a host does not begin with -; write ./ for a file");
  location.carrier = Location::Carrier::kSsh;
  location.login = std::move(login);
  location.path = text.substr(colon + 1);
  if (location.path.empty()) location.path = ".";
  return location;
}

}  // namespace robosync::session
