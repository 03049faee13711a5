#include "engine/net/authority_testing.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <utility>

#include "engine/base/check.h"
#include "engine/net/openssl.h"
#include "engine/net/private_file.h"

namespace robosync::net {
namespace {

using std::filesystem::path;

void add_extension(X509* certificate, int number, const std::string& value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, number, value.c_str());
  ROBOSYNC_CHECK(extension != nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

Owned<X509> make(const std::string& name, EVP_PKEY* key, X509* issuer, EVP_PKEY* issuer_key) {
  Owned<X509> made(X509_new());
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), issuer == nullptr ? 1 : 2);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer == nullptr ? made.get() : issuer));
  X509_set_pubkey(made.get(), key);
  if (issuer == nullptr) {
    add_extension(made.get(), NID_basic_constraints, "critical,CA:TRUE");
  } else {
    add_extension(made.get(), NID_subject_alt_name, "DNS:" + name);
  }
  ROBOSYNC_CHECK(X509_sign(made.get(), issuer_key, EVP_sha256()) > 0);
  return made;
}

std::string text_of(BIO* memory) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  ROBOSYNC_CHECK(size > 0);
  return {data, static_cast<std::size_t>(size)};
}

// Both as private files: a key that others may read is refused, on Windows too.
void save_certificate(const path& file, X509* certificate) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  ROBOSYNC_CHECK(PEM_write_bio_X509(out.get(), certificate) == 1);
  ROBOSYNC_CHECK(write_private_file(file, text_of(out.get())));
}

void save_key(const path& file, EVP_PKEY* key) {
  const Owned<BIO> out(BIO_new(BIO_s_mem()));
  ROBOSYNC_CHECK(PEM_write_bio_PrivateKey(out.get(), key, nullptr, nullptr, 0, nullptr, nullptr) ==
                 1);
  ROBOSYNC_CHECK(write_private_file(file, text_of(out.get())));
}

}  // namespace

TestAuthority::TestAuthority(path folder) : folder_(std::move(folder)) {
  const Owned<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const auto certificate = make("test authority", key.get(), nullptr, key.get());
  save_certificate(file(), certificate.get());
  save_key(folder_ / "ca-key.pem", key.get());
}

Identity TestAuthority::issue(const std::string& name) const {
  const Owned<BIO> ca(BIO_new_file(openssl_name(file()).c_str(), "r"));
  const Owned<BIO> ca_key(BIO_new_file(openssl_name(folder_ / "ca-key.pem").c_str(), "r"));
  const Owned<X509> issuer(PEM_read_bio_X509(ca.get(), nullptr, nullptr, nullptr));
  const Owned<EVP_PKEY> issuer_key(
      PEM_read_bio_PrivateKey(ca_key.get(), nullptr, nullptr, nullptr));
  const Owned<EVP_PKEY> key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"));
  const auto certificate = make(name, key.get(), issuer.get(), issuer_key.get());
  Identity identity{.certificate = folder_ / (name + ".pem"), .key = folder_ / (name + "-key.pem")};
  save_certificate(identity.certificate, certificate.get());
  save_key(identity.key, key.get());
  return identity;
}

std::string tls12_hello() {
  const Owned<SSL_CTX> context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  const Owned<SSL> ssl(SSL_new(context.get()));
  BIO* in = BIO_new(BIO_s_mem());
  BIO* out = BIO_new(BIO_s_mem());
  SSL_set_bio(ssl.get(), in, out);
  SSL_connect(ssl.get());
  return text_of(out);
}

}  // namespace robosync::net
