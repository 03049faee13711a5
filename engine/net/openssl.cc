#include "engine/net/openssl.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <utility>

namespace robosync::net {

void OpensslFree::operator()(BIO* object) const { BIO_free_all(object); }
void OpensslFree::operator()(EVP_PKEY* object) const { EVP_PKEY_free(object); }
void OpensslFree::operator()(SSL_CTX* object) const { SSL_CTX_free(object); }
void OpensslFree::operator()(SSL* object) const { SSL_free(object); }
void OpensslFree::operator()(X509* object) const { X509_free(object); }

base::Error openssl_error(base::ErrorKind kind, std::string context) {
  const unsigned long code = ERR_peek_error();
  ERR_clear_error();
  if (code != 0) {
    const char* reason = ERR_reason_error_string(code);
    context.append(": ").append(reason != nullptr ? reason : "unknown fault of OpenSSL");
  }
  return base::make_error(kind, std::move(context));
}

std::string openssl_name(const std::filesystem::path& file) {
  const std::u8string name = file.u8string();
  return {name.begin(), name.end()};
}

base::Result<std::string> fingerprint_of(X509* certificate) {
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
  if (size <= 0) {
    return base::fail(openssl_error(base::ErrorKind::kProtocol, "public key of a certificate"));
  }
  std::array<unsigned char, 32> digest{};
  const int hashed = EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr,
                                EVP_sha256(), nullptr);
  OPENSSL_free(der);
  if (hashed != 1) return base::fail(openssl_error(base::ErrorKind::kIo, "SHA-256"));
  std::array<unsigned char, 48> base64{};
  const int length = EVP_EncodeBlock(base64.data(), digest.data(), digest.size());
  std::string text = "SHA256:";
  for (int i = 0; i < length && base64[static_cast<std::size_t>(i)] != '='; ++i) {
    text += static_cast<char>(base64[static_cast<std::size_t>(i)]);
  }
  return text;
}

std::string subject_of(X509* certificate) {
  const Owned<BIO> memory(BIO_new(BIO_s_mem()));
  if (!memory) return {};
  // RFC 2253 with everything outside printable ASCII escaped.
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &data);
  if (size <= 0) return {};
  std::string text(data, static_cast<std::size_t>(size));
  for (char& c : text) {
    if (c < ' ' || c > '~') c = '?';
  }
  return text;
}

}  // namespace robosync::net
