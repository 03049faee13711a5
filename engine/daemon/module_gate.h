// ModuleGate: the gatekeeper of one session: joins what the configuration allows (access.h) with
// what the session asks, and hands out the module's folder.
//
// The peer is told the same words whatever is wrong; the log has the reason. One session, on the
// thread that serves it.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "engine/daemon/access.h"
#include "engine/daemon/config.h"
#include "engine/daemon/log.h"
#include "engine/daemon/module_files.h"
#include "engine/daemon/tokens.h"
#include "engine/net/stream.h"
#include "engine/session/serve.h"

namespace robosync::daemon {

// A client's wishes beyond these are cut to them.
inline constexpr unsigned kRetriesMax = 10;
inline constexpr std::chrono::milliseconds kRetryWaitMax{5'000};

// What a session wants to do to the module.
struct Wishes {
  bool write = false;
  bool erase = false;
};
[[nodiscard]] Wishes wishes_of(const session::Opening& opening);

// Changes a request to what the module allows; kRefused where that would be another request.
[[nodiscard]] base::Result<void> adjust_request(const Module& module, session::ClientRole role,
                                                Request& request);

// Further connections of a session, between the workers that have them. Each function may be empty.
struct Joining {
  // Of a session: makes it known and returns its ticket.
  std::function<base::Result<std::string>()> offer;
  // Of a session: those that have joined, in the order in which they did.
  session::JoinedStreams joined;
  // Of another connection: what is done with its stream once the ticket is found to be good.
  std::function<base::Result<session::Gatekeeper::Relay>(const std::string& ticket)> join;
};

class ModuleGate final : public session::Gatekeeper {
 public:
  struct Parts {
    const Config& config;
    const TokenTable& tokens;
    std::optional<IpAddress> peer;
    const Log& log;
    // SessionContext::enter.
    std::function<base::Result<void>(const Module&)> enter;
    Joining joining = {};  // SessionContext::joining
    fs::FileSystem& (*file_system)() = fs::native_file_system;
  };
  explicit ModuleGate(Parts parts) : parts_(std::move(parts)) {}

  [[nodiscard]] base::Result<session::Grant> admit(const session::Opening& opening,
                                                   const net::Stream& stream) override;
  [[nodiscard]] base::Result<Relay> join(const std::string& ticket) override;

  // The module that was granted, or nullptr; and to whom.
  [[nodiscard]] const Module* module() const { return module_; }
  [[nodiscard]] const std::string& user() const { return user_; }

 private:
  [[nodiscard]] base::Result<session::Grant> grant(const Module& module,
                                                   const session::Opening& opening);

  Parts parts_;
  const Module* module_ = nullptr;
  std::string user_;
  std::optional<ModuleFiles> files_;
};

}  // namespace robosync::daemon
