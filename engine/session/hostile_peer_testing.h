// A peer that says what a test wants it to say, over a bare channel. For the tests of session/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/session/opening.h"

namespace robosync::session {

struct Script {
  const char* name = "";
  std::vector<Frame> frames;
  bool stays = false;  // says no more after that, instead of ending the connection
};

// Greets, opens and requests as a client does that keeps to the protocol. Fails as
// open_session() does.
[[nodiscard]] base::Result<void> open_as_client(Channel& channel, ClientRole role, Verb verb,
                                                std::vector<std::string> paths);
// The same as a server that admits everybody.
[[nodiscard]] base::Result<void> open_as_server(Channel& channel);
// Receives up to the first frame of this type. False: the connection ended before.
[[nodiscard]] bool receive_until(Channel& channel, wire::Type type);
// Sends the frames, then `last` if there is one, and ends: who takes all of that for good comes to
// an end too, and is found out.
void play(Channel& channel, const Script& script, const std::optional<Frame>& last = {});

}  // namespace robosync::session
