// Digests of content: XXH3-128 by default, SHA-256 where the user wants a cryptographic one.
//
// A Hasher belongs to one thread at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace robosync::base {

enum class DigestKind : std::uint8_t { kXxh3_128, kSha256 };

inline constexpr std::size_t kDigestBytesMax = 32;

// The value; unused bytes are zero, so that values of one kind compare as a whole.
struct Digest {
  std::array<std::byte, kDigestBytesMax> bytes{};
  std::size_t size = 0;

  [[nodiscard]] std::string hex() const;
  friend bool operator==(const Digest&, const Digest&) = default;
};

class Hasher {
 public:
  virtual ~Hasher() = default;
  virtual void add(std::span<const std::byte> data) = 0;
  // The digest of all that was added. Call once.
  [[nodiscard]] virtual Digest finish() = 0;
};

[[nodiscard]] std::unique_ptr<Hasher> make_hasher(DigestKind kind);
// Of data that is there as a whole, what a hasher would say.
[[nodiscard]] Digest xxh3_128(std::span<const std::byte> data);

// 64 bits of XXH3, for names and tables; not stable across versions.
[[nodiscard]] std::uint64_t hash64(std::string_view data);

// 64 bits of XXH3 with a seed: the same on every machine and in every version, so peers may compare
// them. Not for secrets, but who does not know the seed cannot prepare data that collides.
[[nodiscard]] std::uint64_t seeded_hash64(std::span<const std::byte> data, std::uint64_t seed);

// SHA-256 of the system's library; see digest_posix.cc, digest_win32.cc.
[[nodiscard]] std::unique_ptr<Hasher> make_sha256();

}  // namespace robosync::base
