#include "engine/net/known_hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/net/private_file.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::filesystem::path;

constexpr std::string_view kHash = "SHA256:";
constexpr std::size_t kFingerprintChars = 7 + 43;

bool is_fingerprint(std::string_view text) {
  return text.size() == kFingerprintChars && text.starts_with(kHash) &&
         std::ranges::all_of(text.substr(kHash.size()), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '+' || c == '/';
         });
}

// Host names do not tell upper case from lower.
std::string key_of(const Address& server) {
  std::string key = server.text();
  for (char& c : key) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return key;
}

struct Known {
  std::string content;  // the whole file, with a line end at its end
  std::size_t lines = 0;
  std::size_t line = 0;  // where the host stands; 0: nowhere
  std::string fingerprint;
};

base::Result<Known> find(const path& file, const std::string& host) {
  Known known;
  auto content = read_private_file(file);
  if (!content) {
    if (content.error().kind == ErrorKind::kNotFound) return known;
    return base::fail(std::move(content).error());
  }
  known.content = std::move(*content);
  if (!known.content.empty() && !known.content.ends_with('\n')) known.content += '\n';
  std::string_view rest = known.content;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(line.size() + 1);
    ++known.lines;
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t space = line.find(' ');
    const auto address = parse_address(line.substr(0, space));
    if (space == std::string_view::npos || !address || key_of(*address) != line.substr(0, space) ||
        !is_fingerprint(line.substr(space + 1))) {
      return base::fail(base::make_error(
          ErrorKind::kInvalid,
          fmt::format("{}:{}: a line is \"host:port SHA256:...\"", file.string(), known.lines)));
    }
    if (line.substr(0, space) != host || known.line != 0) continue;
    known.line = known.lines;
    known.fingerprint = line.substr(space + 1);
  }
  return known;
}

base::Error changed(const path& file, const Known& known, const std::string& host,
                    const std::string& fingerprint) {
  return base::make_error(
      ErrorKind::kRefused,
      fmt::format("{} has another key than before: {}, but {}:{} says {}. Somebody may be in "
                  "between. If the server's key was changed on purpose, remove that line",
                  host, fingerprint, file.string(), known.line, known.fingerprint));
}

}  // namespace

base::Result<void> KnownHosts::check(const Address& server, const std::string& fingerprint,
                                     const FirstUse& first_use) {
  if (!is_fingerprint(fingerprint)) {
    return base::fail(base::make_error(ErrorKind::kInvalid, "the server has no key to know it by"));
  }
  const std::string host = key_of(server);
  ROBOSYNC_TRY(ensure_private_folder(file_.parent_path()));
  // Once before a person is asked, and once after: somebody else may have written meanwhile.
  for (const bool agreed : {false, true}) {
    ROBOSYNC_ASSIGN(FileLock lock, lock_file(file_.string() + ".lock"));
    ROBOSYNC_ASSIGN(const Known known, find(file_, host));
    if (known.line != 0 && known.fingerprint == fingerprint) return {};
    if (known.line != 0) return base::fail(changed(file_, known, host, fingerprint));
    if (known.lines >= kKnownHostsMax) {
      return base::fail(base::make_error(ErrorKind::kLimit, file_.string() + ": too many lines"));
    }
    if (agreed) {
      return write_private_file(file_, fmt::format("{}{} {}\n", known.content, host, fingerprint));
    }
    lock.reset();
    if (!first_use) {
      return base::fail(base::make_error(ErrorKind::kRefused, host + " is not known"));
    }
    ROBOSYNC_TRY(first_use(host, fingerprint));
  }
  return {};
}

PinCheck KnownHosts::pin_for(Address server, FirstUse first_use) {
  return [this, server = std::move(server), first_use = std::move(first_use)](
             const std::string& fingerprint) { return check(server, fingerprint, first_use); };
}

}  // namespace robosync::net
