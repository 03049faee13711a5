#include "engine/wire/manifest.h"

#include <algorithm>

#include "engine/wire/message.h"

namespace robosync::wire {
namespace {

using tree::Entry;
using tree::Kind;
using tree::Metadata;

// The first byte of an entry: its kind, and what follows.
constexpr std::uint64_t kKindMask = 0x07;
constexpr std::uint64_t kSameOwner = 0x08;  // mode, owner and group as the entry before
constexpr std::uint64_t kHasLinks = 0x10;   // several names: their number and an identity follow
constexpr std::uint64_t kHasHoles = 0x20;   // fewer bytes stored than its size
constexpr std::uint64_t kHasLinkKind = kHasHoles;  // of a symbolic link; its kind follows
constexpr std::uint64_t kWholeSeconds = 0x40;
constexpr std::uint64_t kFollowed = 0x80;  // a link on disk, taken for what it leads to
static_assert(static_cast<std::uint64_t>(Kind::kBlockDevice) == kKindMask);

bool same_owner(const Metadata& a, const Metadata& b) {
  return a.mode == b.mode && a.uid == b.uid && a.gid == b.gid;
}

std::uint64_t flags_of(const Entry& entry, const Entry& before) {
  const Metadata& m = entry.metadata;
  auto flags = static_cast<std::uint64_t>(m.kind);
  if (same_owner(m, before.metadata)) flags |= kSameOwner;
  if (m.link_count > 1 && !m.is_directory()) flags |= kHasLinks;
  if (m.is_regular() && m.allocated_bytes < m.size) flags |= kHasHoles;
  if (m.is_symlink() && entry.link_kind != tree::LinkKind::kUnknown) flags |= kHasLinkKind;
  if (m.mtime.nanoseconds == 0) flags |= kWholeSeconds;
  if (entry.follow) flags |= kFollowed;
  return flags;
}

std::size_t shared_prefix(const std::string& a, const std::string& b) {
  const auto end = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<std::size_t>(end.first - a.begin());
}

void decode_name(Decoder& a, const std::string& before, Entry& entry) {
  const std::uint64_t prefix = a.integer();
  if (prefix > before.size()) return a.fault("a name that shares more than there is");
  std::string rest;
  a.text(rest, tree::kComponentBytesMax);
  entry.name = before.substr(0, static_cast<std::size_t>(prefix)) + rest;
  if (a.failed()) return;
  if (!tree::validate_component(entry.name)) return a.fault("a name that is not valid");
  if (entry.name <= before) a.fault("names out of order");
}

void decode_kind_fields(Decoder& a, std::uint64_t flags, Entry& entry) {
  Metadata& m = entry.metadata;
  if (m.is_symlink()) {
    a.text(entry.link_target, kLinkTargetBytesMax);
    if (entry.link_target.empty() || entry.link_target.find('\0') != std::string::npos) {
      a.fault("a link target that is not valid");
    }
    m.size = entry.link_target.size();
    if ((flags & kHasLinkKind) != 0) {
      a.choice(entry.link_kind, tree::LinkKind::kMountPoint);
      if (entry.link_kind == tree::LinkKind::kUnknown) a.fault("a link of no kind");
    }
  } else if (m.is_regular()) {
    a.number(m.size);
    if (m.size > kFileBytesMax) a.fault("a file that is too large");
  } else if (m.kind == Kind::kCharDevice || m.kind == Kind::kBlockDevice) {
    a.number(m.device_number);
  } else if (m.kind == Kind::kUnknown) {
    a.fault("an entry of no kind");
  }
}

void decode_entry(Decoder& a, const Entry& before, Entry& entry) {
  const std::uint64_t flags = a.integer();
  if (flags > UINT8_MAX) return a.fault("unknown flags of an entry");
  Metadata& m = entry.metadata;
  m.kind = static_cast<Kind>(flags & kKindMask);
  entry.follow = (flags & kFollowed) != 0;
  decode_name(a, before.name, entry);
  if ((flags & kSameOwner) != 0) {
    m.mode = before.metadata.mode;
    m.uid = before.metadata.uid;
    m.gid = before.metadata.gid;
  } else {
    a.number(m.mode);
    a.number(m.uid);
    a.number(m.gid);
    if (m.mode > 07777) a.fault("permission bits out of range");
  }
  decode_kind_fields(a, flags, entry);
  std::int64_t seconds = 0;
  a.number(seconds);
  // Differences wrap around, as they did when they were made.
  m.mtime.seconds =
      static_cast<std::int64_t>(static_cast<std::uint64_t>(seconds) +
                                static_cast<std::uint64_t>(before.metadata.mtime.seconds));
  if ((flags & kWholeSeconds) == 0) a.number(m.mtime.nanoseconds);
  if (m.mtime.nanoseconds > 999'999'999) a.fault("a time that does not exist");
  m.allocated_bytes = m.is_regular() && (flags & kHasHoles) != 0 ? 0 : m.size;
  if ((flags & kHasLinks) != 0) {
    a.number(m.link_count);
    a.number(m.identity.device);
    a.number(m.identity.inode);
  }
}

}  // namespace

void entry_list(Encoder& a, const std::vector<Entry>& entries) {
  const Entry none;
  const Entry* before = &none;
  a.list(entries, kManifestPartEntriesMax, [&](const Entry& entry) {
    const Metadata& m = entry.metadata;
    const std::uint64_t flags = flags_of(entry, *before);
    a.integer(flags);
    const std::size_t prefix = shared_prefix(before->name, entry.name);
    a.integer(prefix);
    a.text(entry.name.substr(prefix), tree::kComponentBytesMax);
    if ((flags & kSameOwner) == 0) {
      a.number(m.mode);
      a.number(m.uid);
      a.number(m.gid);
    }
    if (m.is_symlink()) {
      a.text(entry.link_target, kLinkTargetBytesMax);
      if ((flags & kHasLinkKind) != 0) a.choice(entry.link_kind, tree::LinkKind::kMountPoint);
    } else if (m.is_regular()) {
      a.number(m.size);
    } else if (m.kind == Kind::kCharDevice || m.kind == Kind::kBlockDevice) {
      a.number(m.device_number);
    }
    a.number(static_cast<std::int64_t>(static_cast<std::uint64_t>(m.mtime.seconds) -
                                       static_cast<std::uint64_t>(before->metadata.mtime.seconds)));
    if ((flags & kWholeSeconds) == 0) a.number(m.mtime.nanoseconds);
    if ((flags & kHasLinks) != 0) {
      a.number(m.link_count);
      a.number(m.identity.device);
      a.number(m.identity.inode);
    }
    before = &entry;
  });
}

void entry_list(Decoder& a, std::vector<Entry>& entries) {
  const Entry none;
  std::size_t count = 0;
  a.list(entries, kManifestPartEntriesMax, [&](Entry& entry) {
    decode_entry(a, count == 0 ? none : entries[count - 1], entry);
    ++count;
  });
}

}  // namespace robosync::wire
