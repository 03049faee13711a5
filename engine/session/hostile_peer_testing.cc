#include "engine/session/hostile_peer_testing.h"

#include <utility>

namespace robosync::session {

using base::Result;

Result<void> open_as_client(Channel& channel, ClientRole role, Verb verb,
                            std::vector<std::string> paths) {
  Opening opening;
  opening.role = role;
  opening.verb = verb;
  opening.paths = std::move(paths);
  SentRequest sent;
  sent.request.verb = verb;
  ROBOSYNC_TRY(open_session(channel, opening, sent));
  return {};
}

Result<void> open_as_server(Channel& channel) {
  ROBOSYNC_ASSIGN(const Beginning beginning, receive_beginning(channel));
  ROBOSYNC_TRY(accept(channel, {}));
  ROBOSYNC_ASSIGN(const SentRequest sent, receive_request(channel));
  return {};
}

bool receive_until(Channel& channel, wire::Type type) {
  for (;;) {
    const auto frame = channel.receive();
    if (!frame) return false;
    if (frame->type == type) return true;
  }
}

void play(Channel& channel, const Script& script, const std::optional<Frame>& last) {
  for (const Frame& frame : script.frames) channel.post(frame.type, frame.payload, frame.stream);
  if (last) channel.post(last->type, last->payload, last->stream);
  if (!script.stays) (void)channel.finish();
  while (channel.receive()) {
  }
}

}  // namespace robosync::session
