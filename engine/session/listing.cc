#include "engine/session/listing.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/session/limits.h"
#include "engine/session/stop_watch.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;

Result<std::vector<tree::Entry>> list_path(const fs::FileSystem& file_system,
                                           const std::string& path) {
  ROBOSYNC_ASSIGN(fs::Located located, file_system.locate(path));
  std::optional<tree::Entry> single;
  if (!located.name.empty()) {
    ROBOSYNC_ASSIGN(single, located.parent->stat_entry(located.name));
  }
  if (single && !single->metadata.is_directory() && !path.ends_with('/')) {
    return std::vector{std::move(*single)};
  }
  ROBOSYNC_ASSIGN(const fs::DirectoryPtr directory, file_system.open_root(path));
  fs::Listing listing;
  ROBOSYNC_TRY(directory->list({}, listing));
  tree::sort_entries(listing.entries);
  return std::move(listing.entries);
}

Result<void> send_listing(Channel& channel, const std::vector<tree::Entry>& entries) {
  for (std::size_t at = 0; at < entries.size(); at += kPartEntries) {
    wire::DirectoryPart part;
    const auto begin = entries.begin() + static_cast<std::ptrdiff_t>(at);
    const auto count = std::min(kPartEntries, entries.size() - at);
    part.entries.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    ROBOSYNC_TRY(channel.send(Type::kListing, wire::encode(part)));
  }
  ROBOSYNC_TRY(channel.send(Type::kEnd, {}));
  return channel.finish();
}

Result<std::vector<tree::Entry>> receive_listing(net::StreamPtr stream, const Opening& opening,
                                                 const base::Cancellation& cancellation) {
  Channel channel(std::move(stream));
  const StopWatch watch(channel, cancellation, std::chrono::milliseconds(0));
  ROBOSYNC_TRY(open_session(channel, opening, SentRequest{}));
  std::vector<tree::Entry> entries;
  for (;;) {
    ROBOSYNC_ASSIGN(const Frame frame, channel.receive());
    if (frame.type == Type::kEnd) break;
    if (frame.type == Type::kRefuse) {
      ROBOSYNC_ASSIGN(const wire::Fault fault, wire::decode<wire::Fault>(frame.bytes()));
      return fail(wire::to_error(fault));
    }
    if (frame.type != Type::kListing) {
      return fail(make_error(ErrorKind::kProtocol, "a frame out of place"));
    }
    ROBOSYNC_ASSIGN(wire::DirectoryPart part, wire::decode<wire::DirectoryPart>(frame.bytes()));
    if (entries.size() + part.entries.size() > kDirectoryEntriesMax) {
      return fail(make_error(ErrorKind::kLimit, "too many entries to list"));
    }
    std::move(part.entries.begin(), part.entries.end(), std::back_inserter(entries));
  }
  (void)channel.finish();
  return entries;
}

}  // namespace robosync::session
