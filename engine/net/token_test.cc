#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/net/folder_testing.h"
#include "engine/net/private_file.h"
#include "engine/net/stream_testing.h"
#include "engine/net/tls.h"
#include "engine/net/token.h"

namespace robosync::net {
namespace {

using base::ErrorKind;

const std::string kBinding(kChannelBindingBytes, 'b');

TEST(Token, ProvesItselfOnItsOwnConnectionOnly) {
  const Token token = generate_token().value();
  const Verifier verifier = verifier_of(token).value();
  const std::string proof = prove(token, kBinding).value();
  EXPECT_EQ(proof.size(), kProofBytes);
  EXPECT_TRUE(check_proof(verifier, kBinding, proof));
  EXPECT_EQ(kind_of(check_proof(verifier, std::string(kChannelBindingBytes, 'c'), proof)),
            ErrorKind::kRefused);
}

TEST(Token, EveryBitOfAProofCounts) {
  const Token token = generate_token().value();
  const Verifier verifier = verifier_of(token).value();
  const std::string proof = prove(token, kBinding).value();
  for (std::size_t i = 0; i < proof.size(); ++i) {
    std::string changed = proof;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(check_proof(verifier, kBinding, changed)) << i;
  }
  EXPECT_FALSE(check_proof(verifier, kBinding, proof.substr(1)));
  EXPECT_FALSE(check_proof(verifier, kBinding, proof + "x"));
  EXPECT_FALSE(check_proof(verifier, kBinding, ""));
}

TEST(Token, AnotherTokenOrIdIsRefused) {
  const Token token = generate_token().value();
  const std::string proof = prove(token, kBinding).value();
  EXPECT_FALSE(check_proof(verifier_of(generate_token().value()).value(), kBinding, proof));
  Verifier renamed = verifier_of(token).value();
  renamed.id = "aaaaaaaa";
  EXPECT_FALSE(check_proof(renamed, kBinding, proof));
}

TEST(Token, NothingIsProvenWithoutABinding) {
  const Token token = generate_token().value();
  for (const std::size_t bytes :
       {std::size_t{0}, kChannelBindingBytes - 1, kChannelBindingBytes + 1}) {
    EXPECT_EQ(kind_of(prove(token, std::string(bytes, 'b'))), ErrorKind::kRefused);
    EXPECT_EQ(kind_of(check_proof(verifier_of(token).value(), std::string(bytes, 'b'), "")),
              ErrorKind::kRefused);
  }
}

TEST(Token, TextAndBack) {
  const Token token = generate_token().value();
  const std::string text = token.text();
  EXPECT_TRUE(text.starts_with("rsy1_"));
  const auto parsed = parse_token(text);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->id, token.id);
  EXPECT_EQ(parsed->secret, token.secret);
  const Verifier verifier = verifier_of(token).value();
  EXPECT_EQ(parse_verifier(verifier.text()).value_or(Verifier{}), verifier);
}

TEST(Token, WhatIsNoTokenIsRefusedWithoutRepeatingIt) {
  const std::string good = generate_token().value().text();
  const std::string secret = good.substr(good.size() - 52);
  std::string padded = good;
  padded.back() = 'b';  // a padding bit
  for (const std::string& text :
       {std::string(), std::string("rsy1_"), good.substr(0, good.size() - 1), good + "a",
        "rsy2_" + good.substr(5), " " + good, good + "\n", padded,
        good.substr(0, 20) + "A" + good.substr(21), good.substr(0, 5) + "1" + good.substr(6)}) {
    const auto parsed = parse_token(text);
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().message().find(secret.substr(0, 8)), std::string::npos);
  }
  EXPECT_FALSE(parse_verifier("aaaaaaaa " + std::string(63, '0')));
  EXPECT_FALSE(parse_verifier("aaaaaaaa " + std::string(64, 'g')));
}

TEST(Token, IsReadFromAFileWithSpaceAround) {
  const TestFolder folder;
  const std::string text = generate_token().value().text();
  ASSERT_TRUE(write_private_file(folder.path() / "token", " " + text + "\r\n"));
  EXPECT_EQ(read_token_file(folder.path() / "token").value_or(Token{}).text(), text);
  EXPECT_EQ(kind_of(read_token_file(folder.path() / "none")), ErrorKind::kNotFound);
}

}  // namespace
}  // namespace robosync::net
