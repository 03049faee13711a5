// The opening of a session: who is there, what the client wants, whether it may.
//
// Both sides greet at once; the client says in the same breath what it wants, so that a session is
// under way after one round trip. docs/protocol.md.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/session/channel.h"
#include "engine/session/request_codec.h"
#include "engine/wire/message.h"

namespace robosync::session {

// What the client is to the server.
enum class ClientRole : std::uint8_t {
  kSource,  // push
  kTarget,  // pull
  kLister,  // wants to see what there is
};

struct Opening {
  ClientRole role = ClientRole::kSource;
  Verb verb = Verb::kCopy;
  bool dry_run = false;
  std::string module;              // empty: the server is no daemon (stdio)
  std::vector<std::string> paths;  // in it: the target, or the sources, or what to list
  std::string token_id;            // empty: none
  std::string proof;

  friend bool operator==(const Opening&, const Opening&) = default;
};

inline constexpr std::size_t kOpeningPathsMax = 256;
inline constexpr std::size_t kProofBytesMax = 1024;

[[nodiscard]] std::string encode(const Opening& opening);
[[nodiscard]] base::Result<Opening> decode_opening(std::span<const std::byte> bytes);

// The client's part: greets, opens, and waits for the answer. kRefused with the server's reason,
// kProtocol when the versions do not go together.
[[nodiscard]] base::Result<void> open_session(Channel& channel, const Opening& opening,
                                              const SentRequest& request);

// The server's part, in order: what the client wants; the answer; its request.
[[nodiscard]] base::Result<Opening> receive_opening(Channel& channel);
[[nodiscard]] base::Result<void> accept(Channel& channel);
// Tells the client why, and ends the session.
void refuse(Channel& channel, const base::Error& why);
[[nodiscard]] base::Result<SentRequest> receive_request(Channel& channel);

}  // namespace robosync::session
