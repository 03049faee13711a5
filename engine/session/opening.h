// The opening of a session: who is there, what the client wants, whether it may.
//
// Both sides greet at once; the client says in the same breath what it wants, so that a session is
// under way after one round trip. docs/protocol.md.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/fs/fs.h"
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
  bool more_connections = false;  // would like to join some

  friend bool operator==(const Opening&, const Opening&) = default;
};

inline constexpr std::size_t kOpeningPathsMax = 256;
inline constexpr std::size_t kProofBytesMax = 1024;
// What lets a connection join a session: a secret of the session's, in printable ASCII.
inline constexpr std::size_t kTicketBytesMax = 128;

[[nodiscard]] std::string encode(const Opening& opening);
[[nodiscard]] base::Result<Opening> decode_opening(std::span<const std::byte> bytes);

// The client's part: greets, opens, and waits for the answer. kRefused with the server's reason,
// kProtocol when the versions do not go together. Returns the ticket for further connections; empty
// where the server takes none. `own`: of this side's file system; what it is is told.
[[nodiscard]] base::Result<std::string> open_session(Channel& channel, const Opening& opening,
                                                     const SentRequest& request,
                                                     const fs::Privileges& own = {});
// Over another connection: takes it into the session that the ticket is of. The channel is released
// next.
[[nodiscard]] base::Result<void> join_session(Channel& channel, const std::string& ticket);
// Over the first one, when all have joined; and the server's part, when it has them at hand.
[[nodiscard]] base::Result<void> stripe(Channel& channel, std::vector<net::StreamPtr> others);
using JoinedStreams = std::function<base::Result<std::vector<net::StreamPtr>>(std::size_t count)>;
[[nodiscard]] base::Result<void> receive_stripe(Channel& channel, const JoinedStreams& joined);

// What a client begins with: a session, or one more connection for one.
struct Join {
  std::string ticket;
};
using Beginning = std::variant<Opening, Join>;

// The server's part, in order: what the client wants; the answer; its request.
[[nodiscard]] base::Result<Beginning> receive_beginning(Channel& channel,
                                                        const fs::Privileges& own = {});
[[nodiscard]] base::Result<void> accept(Channel& channel, const std::string& ticket);
// Tells the client why, and ends the session.
void refuse(Channel& channel, const base::Error& why);
[[nodiscard]] base::Result<SentRequest> receive_request(Channel& channel);

}  // namespace robosync::session
