// MetricsServer: answers /metrics and /healthz inside the parent's loop. Linux only; one thread.
//
// It never waits for a client: each has kHttpSeconds for everything, there are at most
// kHttpClientsMax, and a request has kHttpRequestBytesMax (http.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <optional>
#include <string>

#include "engine/daemon/http.h"
#include "engine/daemon/listen_linux.h"
#include "engine/daemon/poll_set_linux.h"

namespace robosync::daemon {

inline constexpr std::size_t kHttpClientsMax = 16;
inline constexpr std::chrono::seconds kHttpSeconds{5};

class MetricsServer {
 public:
  // Keeps the socket where the address is the same.
  [[nodiscard]] base::Result<void> listen(const std::optional<Endpoint>& endpoint);
  void add_to(PollSet& polls, const HttpPages& pages);
  [[nodiscard]] std::optional<Endpoint> bound() const;

 private:
  struct Client {
    Descriptor socket;
    PollSet::Clock::time_point until;
    std::string received;
    std::string answer;
    std::size_t sent = 0;
    bool done = false;
  };

  void accept_one();
  static void receive(Client& client, const HttpPages& pages);
  static void send(Client& client);

  std::optional<Listening> listening_;
  std::list<Client> clients_;  // a list: callbacks hold on to their client
};

}  // namespace robosync::daemon
