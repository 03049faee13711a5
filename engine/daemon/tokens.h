// TokenTable: the tokens file, that is who may be who: for each token its name and its verifier.
//
// The file (tokens.toml) holds no secret: a verifier proves a token and cannot be used as one. It
// is written by `robosyncd token new` alone and read by the daemon. Values; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace robosync::daemon {

inline constexpr std::size_t kTokensMax = 10'000;
inline constexpr std::size_t kTokenIdBytesMax = 64;
inline constexpr std::size_t kTokenVerifierBytesMax = 512;

struct Token {
  std::string name;      // what modules call it; as a module's name
  std::string id;        // the public middle part of rsy1_<id>_<secret>
  std::string verifier;  // printable, without blanks
  friend bool operator==(const Token&, const Token&) = default;
};

class TokenTable {
 public:
  // kUsage with all mistakes ("FILE:LINE: KEY: ..."). Names and ids are unique.
  [[nodiscard]] static base::Result<TokenTable> parse(std::string_view text,
                                                      std::string_view file_name);

  // nullptr where there is none.
  [[nodiscard]] const Token* find_id(std::string_view id) const;
  [[nodiscard]] const Token* find_name(std::string_view name) const;
  [[nodiscard]] const std::vector<Token>& tokens() const { return tokens_; }

 private:
  std::vector<Token> tokens_;
};

// The lines that add `token` at the end of a tokens file.
[[nodiscard]] std::string token_text(const Token& token);

}  // namespace robosync::daemon
