#include "engine/daemon/token_maker.h"

#include "engine/net/token.h"

namespace robosync::daemon {

base::Result<NewToken> make_token(std::string_view name) {
  ROBOSYNC_ASSIGN(const net::Token token, net::generate_token());
  ROBOSYNC_ASSIGN(const net::Verifier verifier, net::verifier_of(token));
  // "<id> <digits>": the file keeps the two apart.
  const std::string text = verifier.text();
  return NewToken{token.text(), {std::string(name), verifier.id, text.substr(text.find(' ') + 1)}};
}

}  // namespace robosync::daemon
