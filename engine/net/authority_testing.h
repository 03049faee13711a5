// A certificate authority for tests, and what a client of another age says first.
#pragma once

#include <filesystem>
#include <string>

#include "engine/net/tls.h"

namespace robosync::net {

class TestAuthority {
 public:
  // Makes its files in the folder, which must exist.
  explicit TestAuthority(std::filesystem::path folder);
  [[nodiscard]] std::filesystem::path file() const { return folder_ / "ca.pem"; }
  // A certificate whose subject and DNS name are `name`.
  [[nodiscard]] Identity issue(const std::string& name) const;

 private:
  std::filesystem::path folder_;
};

// The first flight of a client that speaks nothing newer than TLS 1.2.
[[nodiscard]] std::string tls12_hello();

}  // namespace robosync::net
