#include <openssl/evp.h>

#include "engine/base/check.h"
#include "engine/base/digest.h"

namespace robosync::base {
namespace {

class Sha256Hasher final : public Hasher {
 public:
  Sha256Hasher() : context_(EVP_MD_CTX_new()) {
    ROBOSYNC_CHECK(context_ != nullptr);
    ROBOSYNC_CHECK(EVP_DigestInit_ex(context_, EVP_sha256(), nullptr) == 1);
  }
  Sha256Hasher(const Sha256Hasher&) = delete;
  Sha256Hasher& operator=(const Sha256Hasher&) = delete;
  ~Sha256Hasher() override { EVP_MD_CTX_free(context_); }

  void add(std::span<const std::byte> data) override {
    ROBOSYNC_CHECK(EVP_DigestUpdate(context_, data.data(), data.size()) == 1);
  }

  Digest finish() override {
    Digest digest;
    unsigned size = 0;
    ROBOSYNC_CHECK(EVP_DigestFinal_ex(context_,
                                      reinterpret_cast<unsigned char*>(digest.bytes.data()),
                                      &size) == 1);
    digest.size = size;
    return digest;
  }

 private:
  EVP_MD_CTX* context_;
};

}  // namespace

std::unique_ptr<Hasher> make_sha256() { return std::make_unique<Sha256Hasher>(); }

}  // namespace robosync::base
