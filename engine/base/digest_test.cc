#include "engine/base/digest.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <string_view>

namespace robosync::base {
namespace {

Digest digest_of(DigestKind kind, std::string_view text) {
  const auto hasher = make_hasher(kind);
  hasher->add(std::as_bytes(std::span(text)));
  return hasher->finish();
}

// FIPS 180-2, appendix B, and the empty message.
TEST(Digest, Sha256GivesThePublishedValues) {
  EXPECT_EQ(digest_of(DigestKind::kSha256, "").hex(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(digest_of(DigestKind::kSha256, "abc").hex(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(digest_of(DigestKind::kSha256, std::string(1'000'000, 'a')).hex(),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

// As `xxhsum -H2` prints them: the canonical, big-endian form, the same on every machine.
TEST(Digest, Xxh3GivesThePublishedValues) {
  EXPECT_EQ(digest_of(DigestKind::kXxh3_128, "").hex(), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(digest_of(DigestKind::kXxh3_128, "abc").hex(), "06b05ab6733a618578af5f94892f3950");
}

TEST(Digest, PiecesAddUpToTheWhole) {
  std::string text(300'001, '\0');
  for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(i * 7 + i / 256);
  for (const DigestKind kind : {DigestKind::kXxh3_128, DigestKind::kSha256}) {
    const Digest whole = digest_of(kind, text);
    for (const std::size_t piece : {std::size_t{1}, std::size_t{63}, std::size_t{65'536}}) {
      const auto hasher = make_hasher(kind);
      for (std::size_t at = 0; at < text.size(); at += piece) {
        hasher->add(std::as_bytes(std::span(text)).subspan(at, std::min(piece, text.size() - at)));
      }
      EXPECT_EQ(hasher->finish(), whole) << piece;
    }
    text[150'000] ^= 1;
    EXPECT_NE(digest_of(kind, text), whole);
    text[150'000] ^= 1;
  }
}

TEST(Digest, KindsHaveTheirSizesAndZerosBehind) {
  EXPECT_EQ(digest_of(DigestKind::kXxh3_128, "x").size, 16U);
  EXPECT_EQ(digest_of(DigestKind::kSha256, "x").size, kDigestBytesMax);
  const Digest digest = digest_of(DigestKind::kXxh3_128, "x");
  for (std::size_t i = digest.size; i < kDigestBytesMax; ++i) {
    EXPECT_EQ(digest.bytes[i], std::byte{0}) << i;
  }
  EXPECT_EQ(Digest().hex(), "");
}

TEST(Digest, ShortHashesDiffer) {
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 10'000; ++i) seen.insert(hash64(std::to_string(i)));
  EXPECT_EQ(seen.size(), 10'000U);
  EXPECT_EQ(hash64("abc"), hash64(std::string("abc")));
}

// Peers compare these, so they are pinned (XXH3_64bits_withSeed of xxhash 0.8.1).
TEST(SeededHash64, DependsOnDataAndSeedOnly) {
  const std::string_view text = "abc";
  const auto bytes = std::as_bytes(std::span(text));
  EXPECT_EQ(seeded_hash64(bytes, 0), 0x78af5f94892f3950U);
  EXPECT_NE(seeded_hash64(bytes, 1), seeded_hash64(bytes, 0));
  EXPECT_NE(seeded_hash64(bytes.first(2), 1), seeded_hash64(bytes, 1));
}

}  // namespace
}  // namespace robosync::base
