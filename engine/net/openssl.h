// OpenSSL's objects as owners, and its errors as ours. Internal to the TLS half of this layer.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/result.h"

struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_st;
struct x509_st;

namespace robosync::net {

struct OpensslFree {
  void operator()(bio_st* object) const;
  void operator()(evp_pkey_st* object) const;
  void operator()(ssl_ctx_st* object) const;
  void operator()(ssl_st* object) const;
  void operator()(x509_st* object) const;
};

template <typename T>
using Owned = std::unique_ptr<T, OpensslFree>;

// What is in this thread's queue of OpenSSL, which is empty afterwards. The kind is `kind`.
[[nodiscard]] base::Error openssl_error(base::ErrorKind kind, std::string context);

// The name of a file as OpenSSL wants it: UTF-8 on Windows, else as it is.
[[nodiscard]] std::string openssl_name(const std::filesystem::path& file);

// "SHA256:<base64>" of the certificate's SubjectPublicKeyInfo.
[[nodiscard]] base::Result<std::string> fingerprint_of(x509_st* certificate);
// The subject, anything but printable ASCII escaped.
[[nodiscard]] std::string subject_of(x509_st* certificate);

}  // namespace robosync::net
