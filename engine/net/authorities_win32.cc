#include "engine/net/authorities.h"

// windows.h first: wincrypt.h takes it for granted, and OpenSSL undoes some of its macros.
#include <windows.h>

#include <wincrypt.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "engine/net/openssl.h"

namespace robosync::net {

// OpenSSL 3.0 does not read the system's store itself. A certificate that it cannot make sense of
// is left out: it would trust nothing of ours.
int use_system_authorities(ssl_ctx_st* context) {
  const HCERTSTORE store = CertOpenSystemStoreW(0, L"ROOT");
  if (store == nullptr) return 0;
  X509_STORE* trusted = SSL_CTX_get_cert_store(context);
  const CERT_CONTEXT* one = nullptr;
  while ((one = CertEnumCertificatesInStore(store, one)) != nullptr) {
    const unsigned char* encoded = one->pbCertEncoded;
    const Owned<X509> certificate(
        d2i_X509(nullptr, &encoded, static_cast<long>(one->cbCertEncoded)));
    if (certificate) X509_STORE_add_cert(trusted, certificate.get());
  }
  ERR_clear_error();
  CertCloseStore(store, 0);
  return 1;
}

}  // namespace robosync::net
