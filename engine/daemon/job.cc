#include "engine/daemon/job.h"

#include <array>
#include <cstdint>

namespace robosync::daemon {
namespace {

constexpr std::string_view kMagic = "rsyjob1\n";
constexpr std::size_t kLengthBytes = 4;

constexpr auto kFields = std::to_array<std::string Job::*>(
    {&Job::config_text, &Job::config_name, &Job::tokens_text, &Job::certificate_file,
     &Job::key_file, &Job::client_ca_file, &Job::peer, &Job::journal});

}  // namespace

std::string encode_job(const Job& job) {
  std::string out(kMagic);
  for (const auto field : kFields) {
    const std::string& value = job.*field;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
      out += static_cast<char>(value.size() >> (8 * i) & 0xff);
    }
    out += value;
  }
  return out;
}

base::Result<Job> decode_job(std::string_view bytes) {
  if (bytes.size() > kJobBytesMax) {
    return base::fail(base::make_error(base::ErrorKind::kLimit, "the job is too long"));
  }
  const auto broken = [] {
    return base::fail(base::make_error(base::ErrorKind::kProtocol, "the job makes no sense"));
  };
  if (!bytes.starts_with(kMagic)) return broken();
  bytes.remove_prefix(kMagic.size());
  Job job;
  for (const auto field : kFields) {
    if (bytes.size() < kLengthBytes) return broken();
    std::size_t length = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
      length |= std::size_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    bytes.remove_prefix(kLengthBytes);
    if (length > bytes.size()) return broken();
    job.*field = bytes.substr(0, length);
    bytes.remove_prefix(length);
  }
  if (!bytes.empty()) return broken();
  return job;
}

}  // namespace robosync::daemon
