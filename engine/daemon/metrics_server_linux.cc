#include "engine/daemon/metrics_server_linux.h"

#include <fcntl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>

namespace robosync::daemon {

base::Result<void> MetricsServer::listen(const std::optional<Endpoint>& endpoint) {
  if (!endpoint) {
    listening_.reset();
    return {};
  }
  if (listening_ && listening_->asked == *endpoint) return {};
  ROBOSYNC_ASSIGN(listening_, listen_on(*endpoint));
  return {};
}

std::optional<Endpoint> MetricsServer::bound() const {
  if (!listening_) return std::nullopt;
  return listening_->bound;
}

void MetricsServer::add_to(PollSet& polls, const HttpPages& pages) {
  const auto now = PollSet::Clock::now();
  std::erase_if(clients_, [&](const Client& client) { return client.done || now >= client.until; });
  if (listening_ && clients_.size() < kHttpClientsMax) {
    polls.on_readable(listening_->socket.get(), [this] { accept_one(); });
  }
  for (Client& client : clients_) {
    polls.wake_at(client.until);
    if (client.answer.empty()) {
      polls.on_readable(client.socket.get(), [&client, &pages] { receive(client, pages); });
    } else {
      polls.on_writable(client.socket.get(), [&client] { send(client); });
    }
  }
}

void MetricsServer::accept_one() {
  auto accepted = accept_from(*listening_);
  if (!accepted) return;
  const int flags = ::fcntl(accepted->socket.get(), F_GETFL);
  if (flags < 0 || ::fcntl(accepted->socket.get(), F_SETFL, flags | O_NONBLOCK) != 0) return;
  Client client;
  client.socket = std::move(accepted->socket);
  client.until = PollSet::Clock::now() + kHttpSeconds;
  clients_.push_back(std::move(client));
}

void MetricsServer::receive(Client& client, const HttpPages& pages) {
  std::array<char, kHttpRequestBytesMax + 1> buffer{};
  const ssize_t got = ::recv(client.socket.get(), buffer.data(), buffer.size(), 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) {
    client.done = true;
    return;
  }
  client.received.append(buffer.data(), static_cast<std::size_t>(got));
  if (auto answer = http_answer(client.received, pages)) {
    client.answer = std::move(*answer);
    send(client);
  }
}

void MetricsServer::send(Client& client) {
  const ssize_t sent = ::send(client.socket.get(), client.answer.data() + client.sent,
                              client.answer.size() - client.sent, MSG_NOSIGNAL);
  if (sent < 0) {
    client.done = errno != EAGAIN && errno != EINTR;
    return;
  }
  client.sent += static_cast<std::size_t>(sent);
  client.done = client.sent == client.answer.size();
}

}  // namespace robosync::daemon
