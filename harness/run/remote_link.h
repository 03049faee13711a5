// The link "remote": another machine, reached by ssh with the user's own keys and configuration.
// robosync and robosync-parity are copied there, into a folder of this run's own, so that its trees
// are read by the same reader as ours; the destructor removes the folder with all that is in it.
//
// Needed there: a POSIX shell with mktemp and rm, the same kind of system as here, room for the
// trees, and for the tools that are compared what they need themselves (rsync for rsync-ssh). Only
// pushes are measured: what is read is here. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "harness/run/link.h"
#include "harness/run/process.h"

namespace robosync::parity {

inline constexpr std::string_view kRemoteLink = "remote";

struct RemoteHost {
  std::string name;        // as ssh takes it
  std::string ssh_config;  // a file for ssh -F; "" is the user's
  std::string parity;      // the programs to copy
  std::string robosync;
};

// Always returns a link: one that cannot be reached or used says why in its record. The executor
// must outlive the link and must not obey a cancellation.
[[nodiscard]] std::unique_ptr<NetworkLink> make_remote_link(const RemoteHost& host,
                                                            Executor& executor);

// Of the command line: which aspects a digest leaves out, as words separated by commas, and back.
[[nodiscard]] std::string aspects_text(const Aspects& aspects);
// kUsage for an unknown word.
[[nodiscard]] base::Result<Aspects> aspects_of(std::string_view text);

}  // namespace robosync::parity
