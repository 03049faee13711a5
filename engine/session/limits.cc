#include "engine/session/limits.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

constexpr std::size_t kBytesPerUnit = 256;

}  // namespace

std::uint64_t items_of(const wire::DirectoryPart& part) {
  return part.entries.size() + part.problems.size() + part.protected_names.size() +
         part.omissions.size();
}

std::uint64_t part_cost(const wire::DirectoryPart& part, std::size_t payload_bytes) {
  return 1 + items_of(part) + payload_bytes / kBytesPerUnit;
}

Result<void> RecordSize::add(std::uint64_t items, std::uint64_t payload_bytes) {
  if (items > kDirectoryEntriesMax - items_ || payload_bytes > kRecordBytesMax - bytes_) {
    return fail(make_error(ErrorKind::kProtocol, "a directory's record that is too large"));
  }
  items_ += items;
  bytes_ += payload_bytes;
  return {};
}

}  // namespace robosync::session
