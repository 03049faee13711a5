// Making and reading certificates.
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include <utility>

#include "engine/net/openssl.h"
#include "engine/net/private_file.h"
#include "engine/net/tls.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::filesystem::path;

// Pinned by its key, the certificate need never be renewed.
constexpr int kValidDays = 100 * 365;

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  return size <= 0 ? std::string() : std::string(data, static_cast<std::size_t>(size));
}

base::Result<std::string> new_key_pem() {
  const Owned<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  if (!key || !memory ||
      PEM_write_bio_PrivateKey(memory.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) !=
          1) {
    return base::fail(openssl_error(ErrorKind::kIo, "make a key"));
  }
  return text_of(memory.get());
}

bool fill(X509* certificate, EVP_PKEY* key) {
  std::uint64_t serial = 0;
  if (RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial) != 1) return false;
  X509_NAME* name = X509_get_subject_name(certificate);
  const std::string common = "robosync";
  return X509_set_version(certificate, X509_VERSION_3) == 1 &&
         ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial | 1U) == 1 &&
         // A day earlier: clocks differ.
         X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), kValidDays, 0, nullptr) != nullptr &&
         X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                    reinterpret_cast<const unsigned char*>(common.data()),
                                    static_cast<int>(common.size()), -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1 && X509_set_pubkey(certificate, key) == 1 &&
         X509_sign(certificate, key, EVP_sha256()) > 0;
}

base::Result<std::string> certificate_pem(const std::string& key_pem, const path& key_file) {
  const Owned<BIO> source(BIO_new_mem_buf(key_pem.data(), static_cast<int>(key_pem.size())));
  const Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr));
  if (!key) return base::fail(openssl_error(ErrorKind::kInvalid, "key " + key_file.string()));
  const Owned<X509> certificate(X509_new());
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  if (!certificate || !memory || !fill(certificate.get(), key.get()) ||
      PEM_write_bio_X509(memory.get(), certificate.get()) != 1) {
    return base::fail(openssl_error(ErrorKind::kIo, "make a certificate"));
  }
  return text_of(memory.get());
}

// Another process may have been quicker: then its file counts.
base::Result<void> create_unless_there(const path& file, std::string_view content) {
  auto created = create_private_file(file, content);
  if (!created && created.error().kind != ErrorKind::kExists) return created;
  return {};
}

}  // namespace

base::Result<Identity> ensure_self_signed(const path& folder) {
  Identity identity{.certificate = folder / "certificate.pem", .key = folder / "key.pem"};
  ERR_clear_error();
  auto key = read_private_file(identity.key);
  if (!key && key.error().kind == ErrorKind::kNotFound) {
    // A certificate without its key was put there by somebody, who is to be asked.
    std::error_code ignored;
    if (std::filesystem::exists(identity.certificate, ignored)) {
      return base::fail(base::make_error(
          ErrorKind::kRefused, identity.certificate.string() + " is there, but its key is not"));
    }
    ROBOSYNC_ASSIGN(const std::string pem, new_key_pem());
    ROBOSYNC_TRY(create_unless_there(identity.key, pem));
    key = read_private_file(identity.key);
  }
  if (!key) return base::fail(std::move(key).error());
  std::error_code error;
  if (!std::filesystem::exists(identity.certificate, error)) {
    ROBOSYNC_ASSIGN(const std::string pem, certificate_pem(*key, identity.key));
    ROBOSYNC_TRY(create_unless_there(identity.certificate, pem));
  }
  return identity;
}

base::Result<std::string> fingerprint_of(const path& certificate) {
  ERR_clear_error();
  const Owned<BIO> file(BIO_new_file(openssl_name(certificate).c_str(), "r"));
  if (!file) {
    return base::fail(openssl_error(ErrorKind::kNotFound, "open " + certificate.string()));
  }
  const Owned<X509> read(PEM_read_bio_X509(file.get(), nullptr, nullptr, nullptr));
  if (!read) {
    return base::fail(openssl_error(ErrorKind::kInvalid, "certificate " + certificate.string()));
  }
  return fingerprint_of(read.get());
}

}  // namespace robosync::net
