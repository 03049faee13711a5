// windows.h declares what bcrypt.h takes for granted.
#include <windows.h>

#include <bcrypt.h>

#include "engine/base/check.h"
#include "engine/base/digest.h"

namespace robosync::base {
namespace {

// Opened once and kept: opening loads the provider's library.
BCRYPT_ALG_HANDLE sha256_algorithm() {
  static const BCRYPT_ALG_HANDLE handle = [] {
    BCRYPT_ALG_HANDLE opened = nullptr;
    ROBOSYNC_CHECK(BCryptOpenAlgorithmProvider(&opened, BCRYPT_SHA256_ALGORITHM, nullptr, 0) == 0);
    return opened;
  }();
  return handle;
}

class Sha256Hasher final : public Hasher {
 public:
  Sha256Hasher() {
    ROBOSYNC_CHECK(BCryptCreateHash(sha256_algorithm(), &handle_, nullptr, 0, nullptr, 0, 0) == 0);
  }
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;
  ~Sha256Hasher() override { BCryptDestroyHash(handle_); }

  void add(std::span<const std::byte> data) override {
    // The interface takes mutable bytes and does not change them.
    auto* bytes = const_cast<PUCHAR>(reinterpret_cast<const UCHAR*>(data.data()));
    ROBOSYNC_CHECK(BCryptHashData(handle_, bytes, static_cast<ULONG>(data.size()), 0) == 0);
  }

  Digest finish() override {
    Digest digest;
    digest.size = kDigestBytesMax;
    ROBOSYNC_CHECK(BCryptFinishHash(handle_, reinterpret_cast<PUCHAR>(digest.bytes.data()),
                                    static_cast<ULONG>(digest.size), 0) == 0);
    return digest;
  }

 private:
  BCRYPT_HASH_HANDLE handle_ = nullptr;
};

}  // namespace

std::unique_ptr<Hasher> make_sha256() { return std::make_unique<Sha256Hasher>(); }

}  // namespace robosync::base
