#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

#include "engine/net/openssl.h"
#include "engine/net/private_file.h"
#include "engine/net/tls.h"
#include "engine/net/token.h"

namespace robosync::net {
namespace {

using base::ErrorKind;

constexpr std::string_view kPrefix = "rsy1_";
constexpr std::string_view kAlphabet = "abcdefghijklmnopqrstuvwxyz234567";
constexpr std::string_view kHex = "0123456789abcdef";
// 256 bits, 5 a character; the last character has 4 bits of padding, which are zero.
constexpr std::size_t kSecretChars = 52;
constexpr std::string_view kDomain = "robosync token proof v1";

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using OwnedDigest = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

base::Error bad(const char* what) { return base::make_error(ErrorKind::kInvalid, what); }

std::string base32(std::span<const std::byte> bytes) {
  std::string text;
  unsigned bits = 0;
  unsigned count = 0;
  for (const std::byte byte : bytes) {
    bits = ((bits << 8U) | std::to_integer<unsigned>(byte)) & 0xffffU;
    for (count += 8; count >= 5;) {
      count -= 5;
      text += kAlphabet[(bits >> count) & 31U];
    }
  }
  if (count != 0) text += kAlphabet[(bits << (5 - count)) & 31U];
  return text;
}

bool is_base32(std::string_view text) {
  return text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

// What the two sides sign and check: the domain, the token and the connection.
std::string statement(std::string_view id, std::string_view binding) {
  return std::string(kDomain).append(1, '\0').append(id).append(1, '\0').append(binding);
}

base::Result<void> check_binding(std::string_view binding) {
  if (binding.size() == kChannelBindingBytes) return {};
  return base::fail(base::make_error(ErrorKind::kRefused, "a token needs an encrypted connection"));
}

const unsigned char* raw(const void* data) { return static_cast<const unsigned char*>(data); }

Owned<EVP_PKEY> private_key(const Token& token) {
  ERR_clear_error();
  return Owned<EVP_PKEY>(EVP_PKEY_new_raw_private_key(
      EVP_PKEY_ED25519, nullptr, raw(token.secret.data()), token.secret.size()));
}

}  // namespace

std::string Token::text() const { return std::string(kPrefix) + id + "_" + base32(secret); }

std::string Verifier::text() const {
  std::string text = id + " ";
  for (const std::byte byte : public_key) {
    text += kHex[std::to_integer<unsigned>(byte) >> 4U];
    text += kHex[std::to_integer<unsigned>(byte) & 15U];
  }
  return text;
}

base::Result<Token> generate_token() {
  Token token;
  std::array<std::byte, kTokenIdChars * 5 / 8> id{};
  if (RAND_bytes(reinterpret_cast<unsigned char*>(id.data()), static_cast<int>(id.size())) != 1 ||
      RAND_priv_bytes(reinterpret_cast<unsigned char*>(token.secret.data()),
                      static_cast<int>(token.secret.size())) != 1) {
    return base::fail(openssl_error(ErrorKind::kIo, "random numbers for a token"));
  }
  token.id = base32(id);
  return token;
}

base::Result<Token> parse_token(std::string_view text) {
  if (!text.starts_with(kPrefix)) return base::fail(bad("token: it begins with rsy1_"));
  text.remove_prefix(kPrefix.size());
  if (text.size() != kTokenIdChars + 1 + kSecretChars || text[kTokenIdChars] != '_') {
    return base::fail(bad("token: it is not of the right length"));
  }
  const std::string_view id = text.substr(0, kTokenIdChars);
  const std::string_view secret = text.substr(kTokenIdChars + 1);
  if (!is_base32(id) || !is_base32(secret)) {
    return base::fail(bad("token: it has a character that no token has"));
  }
  Token token;
  token.id = id;
  unsigned bits = 0;
  unsigned count = 0;
  std::size_t at = 0;
  for (const char c : secret) {
    bits = ((bits << 5U) | static_cast<unsigned>(kAlphabet.find(c))) & 0xffffU;
    count += 5;
    if (count < 8) continue;
    count -= 8;
    token.secret[at++] = static_cast<std::byte>((bits >> count) & 0xffU);
  }
  // One text for one token: padding bits are zero.
  if ((bits & ((1U << count) - 1)) != 0) return base::fail(bad("token: it is not complete"));
  return token;
}

base::Result<Verifier> parse_verifier(std::string_view text) {
  Verifier verifier;
  if (text.size() != kTokenIdChars + 1 + 2 * verifier.public_key.size() ||
      text[kTokenIdChars] != ' ' || !is_base32(text.substr(0, kTokenIdChars))) {
    return base::fail(bad("verifier: it is an id, a space and 64 hexadecimal digits"));
  }
  verifier.id = text.substr(0, kTokenIdChars);
  text.remove_prefix(kTokenIdChars + 1);
  for (std::byte& byte : verifier.public_key) {
    const std::size_t high = kHex.find(text[0]);
    const std::size_t low = kHex.find(text[1]);
    if (high == std::string_view::npos || low == std::string_view::npos) {
      return base::fail(bad("verifier: it is an id, a space and 64 hexadecimal digits"));
    }
    byte = static_cast<std::byte>(high << 4U | low);
    text.remove_prefix(2);
  }
  return verifier;
}

base::Result<Token> read_token_file(const std::filesystem::path& path) {
  ROBOSYNC_ASSIGN(std::string content, read_private_file(path));
  constexpr std::string_view kSpace = " \t\r\n";
  std::string_view text = content;
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  text = text.substr(0, text.find_last_not_of(kSpace) + 1);
  auto token = parse_token(text);
  OPENSSL_cleanse(content.data(), content.size());
  if (!token) token.error().context = path.string() + ": " + token.error().context;
  return token;
}

base::Result<Verifier> verifier_of(const Token& token) {
  const Owned<EVP_PKEY> key = private_key(token);
  Verifier verifier{.id = token.id};
  std::size_t size = verifier.public_key.size();
  if (!key ||
      EVP_PKEY_get_raw_public_key(
          key.get(), reinterpret_cast<unsigned char*>(verifier.public_key.data()), &size) != 1) {
    return base::fail(openssl_error(ErrorKind::kIo, "verifier of a token"));
  }
  return verifier;
}

base::Result<std::string> prove(const Token& token, std::string_view channel_binding) {
  ROBOSYNC_TRY(check_binding(channel_binding));
  const std::string message = statement(token.id, channel_binding);
  const Owned<EVP_PKEY> key = private_key(token);
  const OwnedDigest context(EVP_MD_CTX_new());
  std::string proof(kProofBytes, '\0');
  std::size_t size = proof.size();
  if (!key || !context ||
      EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(proof.data()), &size,
                     raw(message.data()), message.size()) != 1) {
    return base::fail(openssl_error(ErrorKind::kIo, "prove a token"));
  }
  return proof;
}

base::Result<void> check_proof(const Verifier& verifier, std::string_view channel_binding,
                               std::string_view proof) {
  ROBOSYNC_TRY(check_binding(channel_binding));
  ERR_clear_error();
  const std::string message = statement(verifier.id, channel_binding);
  const Owned<EVP_PKEY> key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, raw(verifier.public_key.data()), verifier.public_key.size()));
  const OwnedDigest context(EVP_MD_CTX_new());
  const bool holds =
      proof.size() == kProofBytes && key && context &&
      EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
      EVP_DigestVerify(context.get(), raw(proof.data()), proof.size(), raw(message.data()),
                       message.size()) == 1;
  ERR_clear_error();
  if (holds) return {};
  return base::fail(base::make_error(ErrorKind::kRefused, "the token is not valid here"));
}

}  // namespace robosync::net
