// Listing: what there is at a place, here or at a server (robosync ls).
#pragma once

#include <string>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/session/channel.h"
#include "engine/session/opening.h"
#include "engine/tree/entry.h"

namespace robosync::session {

// The entries of the directory `path`, in manifest order; of anything else the entry itself.
[[nodiscard]] base::Result<std::vector<tree::Entry>> list_path(const fs::FileSystem& file_system,
                                                               const std::string& path);

// The server's part: sends them.
[[nodiscard]] base::Result<void> send_listing(Channel& channel,
                                              const std::vector<tree::Entry>& entries);
// The client's: asks for them over a new connection.
[[nodiscard]] base::Result<std::vector<tree::Entry>> receive_listing(
    net::StreamPtr stream, const Opening& opening, const base::Cancellation& cancellation);

}  // namespace robosync::session
