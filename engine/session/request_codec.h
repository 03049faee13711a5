// A Request as bytes: what the other side of a session must know of it. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/session/request.h"

namespace robosync::session {

// All of a request's bytes: filter files and file lists are the large part.
inline constexpr std::size_t kRequestBytesMax = 64 * 1024 * 1024;

// Files that rules on the command line named, by path: the other side must not read its own.
using RuleFiles = std::map<std::string, std::string>;

struct SentRequest {
  Request request;  // without sources and target
  RuleFiles rule_files;
  apply::Observer::Wants wants = apply::Observer::Wants::kNothing;
  bool wants_progress = false;
};

// kLimit when it is too large.
[[nodiscard]] base::Result<std::string> encode_request(const SentRequest& sent);
// kProtocol; kUsage, kInvalid where an option's own text is not valid.
[[nodiscard]] base::Result<SentRequest> decode_request(std::string_view bytes);

}  // namespace robosync::session
