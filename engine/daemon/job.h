// Job: what the accepting parent tells a worker, as bytes through a sealed memory file. Nothing of
// it stands in an argument or the environment, where others could read it.
//
// The configuration travels as its own text: the worker parses what the parent has parsed, so that
// there is one format with one parser. Pure; any thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::daemon {

inline constexpr std::size_t kJobBytesMax = 8 * 1024 * 1024;

// What the worker finds as its open files, besides the standard ones.
inline constexpr int kWorkerConnectionFd = 3;
inline constexpr int kWorkerJobFd = 4;
inline constexpr int kWorkerControlFd = 5;

struct Job {
  std::string config_text;
  std::string config_name;  // as messages call it
  std::string tokens_text;
  std::string certificate_file;  // empty when plaintext is served
  std::string key_file;
  std::string client_ca_file;  // empty when clients need no certificate
  std::string peer;            // IpAddress::text(); empty where there are no addresses
  std::string journal;         // "1": log lines begin as the journal wants them
};

[[nodiscard]] std::string encode_job(const Job& job);
// kProtocol or kLimit.
[[nodiscard]] base::Result<Job> decode_job(std::string_view bytes);

}  // namespace robosync::daemon
