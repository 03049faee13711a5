// What each side of a session may have on its way. Both know these numbers: they are part of the
// protocol (docs/protocol.md). Private to session/.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "engine/base/result.h"
#include "engine/wire/message.h"

namespace robosync::session {

// What of the manifest TARGET has not taken up yet, in the units of part_cost().
inline constexpr std::uint64_t kManifestWindow = 32 * 1024;
// Directories that SOURCE keeps open because TARGET is not through with them, those above the one
// that is being scanned not counted.
inline constexpr std::size_t kOpenDirectoriesMax = 2048;
// Bytes of bundles that TARGET has not applied yet.
inline constexpr std::uint64_t kBundleWindow = 16 * 1024 * 1024;
// A bundle is sealed when it has this many bytes, or when nothing more is wanted just now.
inline constexpr std::size_t kBundleBytes = 256 * 1024;
// Of one large file, sent and not taken up yet; and how many of them at once.
inline constexpr std::uint64_t kStreamWindow = 8 * 1024 * 1024;
inline constexpr unsigned kStreamsMax = 4;
// A TARGET of ours asks for more large files only while those that it has asked for and not written
// cannot have more than this on their way: what has arrived waits in memory for a slow disk.
inline constexpr std::uint64_t kLargeWindow = 2 * kStreamsMax * kStreamWindow;
inline constexpr std::size_t kChunkBytes = 256 * 1024;
// A TARGET of ours asks for more of the manifest only while fewer files than this are on their way:
// more than a long fast link holds of small ones.
inline constexpr std::size_t kAskedMax = 8 * 1024;
// What TARGET may have asked for and not got.
inline constexpr std::size_t kNeedsMax = 4 * 1024 * 1024;
// One directory's record, all its parts together: entries, problems, omissions and protected names;
// and bytes.
inline constexpr std::size_t kDirectoryEntriesMax = 64 * 1024 * 1024;
inline constexpr std::uint64_t kRecordBytesMax = 8ULL * 1024 * 1024 * 1024;
// Directories that TARGET has the record of and is not through with. A SOURCE that keeps to
// kOpenDirectoriesMax stays below: no path has room for more levels than the difference.
inline constexpr std::size_t kRecordsHeldMax = 64 * 1024;
// How often those who wait look whether the user wants to stop.
inline constexpr auto kPoll = std::chrono::milliseconds(100);
// What the attributes of one entry, or the merge files of one directory, may have together.
inline constexpr std::size_t kAttachedBytesMax = 512 * 1024;
// One part of a directory's record.
inline constexpr std::size_t kPartEntries = 512;

// What a part of a directory's record takes of the window: one for itself, one for each of its
// items, and one for every 256 bytes of its payload, for attributes and merge files are no items.
[[nodiscard]] std::uint64_t part_cost(const wire::DirectoryPart& part, std::size_t payload_bytes);

// How large the record that is arriving has become.
class RecordSize {
 public:
  // kProtocol beyond the limits above; nothing was added then.
  [[nodiscard]] base::Result<void> add(std::uint64_t items, std::uint64_t payload_bytes);

 private:
  std::uint64_t items_ = 0;
  std::uint64_t bytes_ = 0;
};
[[nodiscard]] std::uint64_t items_of(const wire::DirectoryPart& part);

}  // namespace robosync::session
