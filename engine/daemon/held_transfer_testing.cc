#include "engine/daemon/held_transfer_testing.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/wire/message.h"

namespace robosync::daemon {

using session::ClientRole;
using session::Frame;
using wire::Type;

namespace {

constexpr std::size_t kChunkBytes = 64 * 1024;

// The next frame of this type.
std::optional<Frame> receive(session::Channel& channel, Type type) {
  while (auto frame = channel.receive()) {
    if (frame->type == type) return std::move(*frame);
  }
  return std::nullopt;
}

tree::Metadata metadata(tree::Kind kind, std::uint64_t size) {
  tree::Metadata out;
  out.kind = kind;
  out.mode = kind == tree::Kind::kDirectory ? 0755 : 0644;
  out.size = size;
  return out;
}

}  // namespace

HeldTransfer::HeldTransfer(net::StreamPtr stream, ClientRole role)
    : channel_(std::move(stream)), role_(role), is_held_(begin()) {}

bool HeldTransfer::begin() {
  session::Opening opening{.role = role_, .module = "m"};
  opening.paths = {"/"};
  if (!session::open_session(channel_, opening, {})) return false;
  return role_ == ClientRole::kTarget ? begin_pull() : begin_push();
}

bool HeldTransfer::begin_pull() {
  const auto frame = receive(channel_, Type::kDirectory);  // the root comes first
  if (!frame) return false;
  const auto part = wire::decode<wire::DirectoryPart>(frame->bytes());
  if (!part) return false;
  const auto at = std::ranges::find(part->entries, "large", &tree::Entry::name);
  if (at == part->entries.end()) return false;
  const auto index = static_cast<std::uint64_t>(at - part->entries.begin());
  channel_.post(Type::kNeed,
                wire::encode(wire::NeedBatch{{{part->id, index}, wire::Want::kContent, number_}}));
  return receive(channel_, Type::kFileBegin).has_value();
}

bool HeldTransfer::begin_push() {
  wire::Roots roots;
  roots.contents = metadata(tree::Kind::kDirectory, 0);
  channel_.post(Type::kRoots, wire::encode(roots));
  wire::DirectoryPart part;
  part.first = part.last = true;
  tree::Entry& entry = part.entries.emplace_back();
  entry.name = "pushed large";
  entry.metadata = metadata(tree::Kind::kRegular, kHeldFileBytes);
  channel_.post(Type::kDirectory, wire::encode(part));
  channel_.post(Type::kScanEnd, {});
  const auto frame = receive(channel_, Type::kNeed);
  if (!frame) return false;
  const auto needs = wire::decode<wire::NeedBatch>(frame->bytes());
  if (!needs || needs->size() != 1) return false;
  number_ = needs->front().stream;
  const wire::FileBegin begin{.entry = needs->front().entry, .metadata = entry.metadata};
  channel_.post(Type::kFileBegin, wire::encode(begin), number_);
  for (std::uint64_t sent = 0; sent < kHeldFileBytes / 2; sent += kChunkBytes) {
    channel_.post(Type::kChunk, std::string(kChunkBytes, 'l'), number_);
  }
  return receive(channel_, Type::kCredit).has_value();  // some of it has been written
}

bool HeldTransfer::ends_well() {
  if (role_ == ClientRole::kSource) {
    wire::FileEnd end;
    end.fault = wire::Fault{base::ErrorKind::kPermission, "not today"};
    channel_.post(Type::kFileEnd, wire::encode(end), number_);
    if (!receive(channel_, Type::kEnd)) return false;
    channel_.post(Type::kEnd, {});
    return channel_.finish().has_value();
  }
  std::uint64_t got = 0;
  while (got < kHeldFileBytes) {
    const auto chunk = receive(channel_, Type::kChunk);
    if (!chunk) return false;
    got += chunk->payload.size();
    const wire::Credit credit{.stream = number_, .stream_bytes = chunk->payload.size()};
    channel_.post(Type::kCredit, wire::encode(credit));
  }
  if (!receive(channel_, Type::kFileEnd)) return false;
  channel_.post(Type::kEnd, {});
  return channel_.finish().has_value();
}

}  // namespace robosync::daemon
