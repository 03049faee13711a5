#include "engine/daemon/joining_linux.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <memory>
#include <utility>

#include "engine/daemon/accounts_posix.h"
#include "engine/daemon/control_linux.h"
#include "engine/daemon/sandbox.h"
#include "engine/net/relay.h"
#include "engine/net/socket.h"

namespace robosync::daemon {
namespace {

using base::Result;

constexpr std::size_t kTicketRandomBytes = 32;

Result<std::string> make_ticket() {
  std::array<unsigned char, kTicketRandomBytes> bytes{};
  if (::getrandom(bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) {
    return base::fail(base::from_errno(errno, "random bytes"));
  }
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

// What one connection of a session is to the session's worker: a pair whose other end some worker
// fills from the network.
Result<std::vector<net::StreamPtr>> take_joined(int control, std::size_t count) {
  std::vector<net::StreamPtr> streams;
  while (streams.size() < count) {
    ROBOSYNC_ASSIGN(ControlMessage message, await_control(control));
    if (message.text != "joined" || !message.descriptor) {
      return base::fail(base::make_error(base::ErrorKind::kProtocol, "a connection was expected"));
    }
    const int fd = message.descriptor.release();
    ROBOSYNC_ASSIGN(net::StreamPtr stream, net::stream_over_pipes(fd, fd, "joined"));
    streams.push_back(std::move(stream));
  }
  return streams;
}

// Whoever only passes bytes on needs no folder.
Result<void> give_up_folders(const Config& config) {
  ROBOSYNC_ASSIGN(SandboxPlan plan, plan_for(config, config.modules.front()));
  plan.folders.clear();
  plan.powers = Powers::kNone;
  return narrow_sandbox(plan);
}

Result<session::Gatekeeper::Relay> join(int control, const Config& config,
                                        const std::string& ticket) {
  std::array<int, 2> pair{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair.data()) != 0) {
    return base::fail(base::from_errno(errno, "create a socket pair"));
  }
  Descriptor ours(pair[0]);
  Descriptor theirs(pair[1]);
  ROBOSYNC_TRY(send_control(control, "join " + ticket, theirs));
  theirs.reset();
  ROBOSYNC_ASSIGN(const ControlMessage answer, await_control(control));
  if (answer.text != "granted") {
    return base::fail(base::make_error(base::ErrorKind::kRefused, "there is no such session"));
  }
  ROBOSYNC_TRY(give_up_folders(config));
  const int fd = ours.release();
  ROBOSYNC_ASSIGN(net::StreamPtr session, net::stream_over_pipes(fd, fd, "session"));
  return session::Gatekeeper::Relay(
      [session = std::move(session),
       end_time = config.limits.idle_timeout](net::StreamPtr client) -> Result<void> {
        return net::relay(*client, *session, end_time);
      });
}

}  // namespace

Joining joining_over(int control_fd, const Config& config) {
  return {.offer = [control_fd]() -> Result<std::string> {
            ROBOSYNC_ASSIGN(std::string ticket, make_ticket());
            ROBOSYNC_TRY(send_control(control_fd, "ticket " + ticket));
            return ticket;
          },
          .joined = [control_fd](std::size_t count) { return take_joined(control_fd, count); },
          .join = [control_fd, &config](
                      const std::string& ticket) { return join(control_fd, config, ticket); }};
}

}  // namespace robosync::daemon
