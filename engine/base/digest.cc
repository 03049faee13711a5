#include "engine/base/digest.h"

#define XXH_INLINE_ALL
#ifndef NDEBUG
// GCC 12 cannot inline at -Og what the header insists on.
#define XXH_NO_INLINE_HINTS 1
#endif
#include <xxhash.h>

#include <cstring>

namespace robosync::base {
namespace {

Digest digest_from(const XXH128_hash_t& hash) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, hash);
  Digest digest;
  digest.size = sizeof(canonical.digest);
  std::memcpy(digest.bytes.data(), canonical.digest, digest.size);
  return digest;
}

class Xxh3Hasher final : public Hasher {
 public:
  Xxh3Hasher() { XXH3_128bits_reset(&state_); }

  void add(std::span<const std::byte> data) override {
    XXH3_128bits_update(&state_, data.data(), data.size());
  }

  Digest finish() override { return digest_from(XXH3_128bits_digest(&state_)); }

 private:
  XXH3_state_t state_;
};

}  // namespace

std::string Digest::hex() const {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (std::size_t i = 0; i < size; ++i) {
    const auto value = std::to_integer<unsigned>(bytes[i]);
    text += kDigits[value >> 4];
    text += kDigits[value & 15U];
  }
  return text;
}

std::unique_ptr<Hasher> make_hasher(DigestKind kind) {
  if (kind == DigestKind::kSha256) return make_sha256();
  return std::make_unique<Xxh3Hasher>();
}

Digest xxh3_128(std::span<const std::byte> data) {
  return digest_from(XXH3_128bits(data.data(), data.size()));
}

std::uint64_t hash64(std::string_view data) { return XXH3_64bits(data.data(), data.size()); }

std::uint64_t seeded_hash64(std::span<const std::byte> data, std::uint64_t seed) {
  return XXH3_64bits_withSeed(data.data(), data.size(), seed);
}

}  // namespace robosync::base
