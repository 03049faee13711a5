// make_token(): a new token: its secret for the user, its verifier for the file.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/daemon/tokens.h"

namespace robosync::daemon {

struct NewToken {
  std::string secret;  // rsy1_<id>_<secret>: shown once, stored nowhere
  Token stored;
};

[[nodiscard]] base::Result<NewToken> make_token(std::string_view name);

}  // namespace robosync::daemon
