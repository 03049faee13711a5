// Tokens: who may connect. `rsy1_<id>_<secret>`; the secret is an Ed25519 seed that never crosses
// the wire: the client signs the connection's channel binding, the server holds the public half.
//
// Values only; any thread. No message repeats a secret. Limits: kTokenIdChars, kSecretBytes.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::net {

inline constexpr std::size_t kTokenIdChars = 8;
inline constexpr std::size_t kSecretBytes = 32;
inline constexpr std::size_t kProofBytes = 64;

struct Token {
  std::string id;  // kTokenIdChars of a-z and 2-7
  std::array<std::byte, kSecretBytes> secret{};

  // The whole token. For the file it is kept in, never for a log.
  [[nodiscard]] std::string text() const;
};

// What a server keeps of a token; not a secret.
struct Verifier {
  std::string id;
  std::array<std::byte, 32> public_key{};

  // "<id> <64 hexadecimal digits>", for a line of its configuration.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const Verifier&, const Verifier&) = default;
};

[[nodiscard]] base::Result<Token> generate_token();
// kInvalid for anything that text() does not give.
[[nodiscard]] base::Result<Token> parse_token(std::string_view text);
[[nodiscard]] base::Result<Verifier> parse_verifier(std::string_view text);
// From a file that is ours alone (see private_file.h); white space around the token is allowed.
[[nodiscard]] base::Result<Token> read_token_file(const std::filesystem::path& path);

[[nodiscard]] base::Result<Verifier> verifier_of(const Token& token);

// kProofBytes that prove possession on this one connection. kRefused when `channel_binding` is not
// of kChannelBindingBytes (tls.h): a proof bound to nothing could be passed on.
[[nodiscard]] base::Result<std::string> prove(const Token& token, std::string_view channel_binding);
// kRefused unless prove() made `proof` of the verifier's token and the same binding.
[[nodiscard]] base::Result<void> check_proof(const Verifier& verifier,
                                             std::string_view channel_binding,
                                             std::string_view proof);

}  // namespace robosync::net
