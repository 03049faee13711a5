// serve: a server's side of one session, whatever carries it: a daemon's worker, or
// `robosync serve --stdio` at the far end of ssh.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "engine/base/cancellation.h"
#include "engine/base/move_only_function.h"
#include "engine/fs/fs.h"
#include "engine/net/stream.h"
#include "engine/session/opening.h"
#include "engine/session/patience.h"
#include "engine/session/report.h"

namespace robosync::session {

// What a client that was admitted may do.
class AccountTable;

struct Grant {
  fs::FileSystem* file_system = nullptr;  // paths of the opening mean something in it
  // Adjusts the client's request to what the module says (more filters, a chmod, fewer threads), or
  // refuses it. May be empty.
  std::function<base::Result<void>(Request&)> adjust;
  // Where further connections may join: what they show for it, and those that did.
  std::string ticket = {};
  JoinedStreams joined = {};
  // Of what arrives: links that the target does not want are left out, whatever the source sends.
  scan::LinkPolicy links = scan::LinkPolicy::kKeep;
  // By whose names owners are kept; null: by number.
  const AccountTable* accounts = nullptr;
  // Entries that are neither shown nor written. May be null.
  std::shared_ptr<const tree::FilterScope> hidden;
};

// Decides who may do what. Asked once per session, before anything of the client's is looked at.
class Gatekeeper {
 public:
  virtual ~Gatekeeper() = default;
  // An error's text goes to the client: it should give nothing away.
  [[nodiscard]] virtual base::Result<Grant> admit(const Opening& opening,
                                                  const net::Stream& stream) = 0;
  // Of the file system where its sessions will be; this system's unless said otherwise.
  [[nodiscard]] virtual fs::Privileges system() const;
  // For a connection that wants to join a session: what is done with its stream, which ends with
  // it. kRefused where there is no such session.
  using Relay = base::MoveOnlyFunction<base::Result<void>(net::StreamPtr)>;
  [[nodiscard]] virtual base::Result<Relay> join(const std::string& ticket);
};

// What a session came to, for logs and metrics.
struct Served {
  std::optional<Opening> opening;    // none: it did not get that far
  std::optional<Report> report;      // of a run where we were TARGET
  std::optional<base::Error> fault;  // why it ended early
  std::uint64_t bytes_sent = 0;      // on the wire, frames included
  std::uint64_t bytes_received = 0;
  bool joined = false;  // it was one more connection of another session
};

// Runs the session to its end. `cancellation` ends it early.
[[nodiscard]] Served serve(net::StreamPtr stream, Gatekeeper& gatekeeper,
                           const base::Cancellation& cancellation, const Patience& patience = {});

// Admits everybody to everything: whoever started us may do what we may.
class OpenGate final : public Gatekeeper {
 public:
  explicit OpenGate(fs::FileSystem& file_system) : file_system_(file_system) {}
  base::Result<Grant> admit(const Opening& opening, const net::Stream& stream) override;
  [[nodiscard]] fs::Privileges system() const override;

 private:
  fs::FileSystem& file_system_;
};

}  // namespace robosync::session
