// Location: what a SOURCE or TARGET of the command line names: a path here, or one at a server.
//
// Pure text; any thread.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/net/address.h"

namespace robosync::session {

struct Location {
  enum class Carrier {
    kNone,  // a path on this machine
    kTls,   // robosync://HOST[:PORT]/MODULE/PATH
    kTcp,   // robosync+tcp://..., the same without encryption
    kSsh,   // [USER@]HOST:PATH
  };
  Carrier carrier = Carrier::kNone;
  net::Address server = {};  // of kTls and kTcp
  std::string login = {};    // of kSsh: what ssh is told, "user@host"
  std::string module = {};   // empty: all of them (only to list)
  std::string path = {};     // as written; at a module without one "."

  [[nodiscard]] bool is_local() const { return carrier == Carrier::kNone; }
  // Whether the other one is reached by the same connection.
  [[nodiscard]] bool same_place(const Location& other) const;
};

// A text with a colon before the first slash is ssh's form; "./a:b" is a file. Percent signs stand
// for bytes in a robosync URL, and only there. kUsage for what is no location.
[[nodiscard]] base::Result<Location> parse_location(std::string_view text);

}  // namespace robosync::session
