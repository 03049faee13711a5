// run_target: the role TARGET of a run over a connection.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "engine/apply/ledger.h"
#include "engine/session/channel.h"
#include "engine/session/owner_names.h"
#include "engine/session/target_run.h"

namespace robosync::session {

// What the receiving thread does with frames that are none of a source's. An error ends the run.
using OtherFrames = std::function<base::Result<void>(const Frame&)>;

// Makes `target` like what the SOURCE at the other end of `channel` offers. Uses the calling thread
// and a receiving one, which ends with the connection: after this, tell the peer with kEnd.
// Fails, with nothing changed, when the run cannot begin; a connection that is lost later is the
// ledger's fatal fault.
class TargetSession {
 public:
  // All references must outlive the session.
  TargetSession(RunOptions options, Channel& channel, fs::FileSystem& file_system,
                apply::Ledger& ledger, const base::Cancellation& cancellation);
  ~TargetSession();
  TargetSession(const TargetSession&) = delete;
  TargetSession& operator=(const TargetSession&) = delete;

  [[nodiscard]] base::Result<RunEnd> run(const std::string& target,
                                         std::shared_ptr<const tree::FilterScope> filter,
                                         OtherFrames other);
  // After a run that could not begin, and whose peer was told so: gives it a moment to end.
  void linger();
  // Sends the last frame and waits until the peer has ended, too.
  [[nodiscard]] base::Result<void> end(std::string payload);

 private:
  void receive(class RemoteSource& source, const OtherFrames& other);

  RunOptions options_;
  const std::string not_kept_;  // what the user is to be told of it; empty: nothing
  Channel& channel_;
  fs::FileSystem& file_system_;
  apply::Ledger& ledger_;
  OwnerIds owner_ids_;
  TargetRun run_;
  std::unique_ptr<class RemoteSource> source_;
  OtherFrames other_;
  std::atomic<bool> over_{false};
  base::Mutex mutex_;
  base::Condition received_;
  bool receiving_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  // What ended the connection while the run still went on: it is the session's end, too.
  std::optional<base::Error> broken_ ROBOSYNC_GUARDED_BY(mutex_);
  std::thread receiver_;
};

}  // namespace robosync::session
