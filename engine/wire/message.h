// The messages of a session: what travels in the payload of each frame (docs/protocol.md).
//
// Plain values, encoded and decoded as a whole, validated once, while decoding: names are single
// components, lists are in manifest order, numbers within their ranges. Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/error.h"
#include "engine/base/result.h"
#include "engine/tree/entry.h"

namespace robosync::wire {

inline constexpr std::size_t kTextBytesMax = 4096;   // messages for people, names of hosts
inline constexpr std::size_t kCapabilitiesMax = 64;  // and each of kCapabilityBytesMax
inline constexpr std::size_t kCapabilityBytesMax = 64;
inline constexpr std::size_t kLinkTargetBytesMax = 64 * 1024;
inline constexpr std::size_t kAttributeBytesMax = 512 * 1024;  // a value; Linux has 64 KiB
// The name of the only attribute of an entry whose attributes were not read or not sent; its value
// is a Fault that says why.
inline constexpr std::string_view kAttributesUnknown;
inline constexpr std::size_t kAttributesMax = 1024;  // of one entry
inline constexpr std::size_t kMergeFileBytesMax = 512 * 1024;
inline constexpr std::size_t kOwnerNameBytesMax = 256;
inline constexpr std::size_t kOwnersMax = 64 * 1024;  // users, and groups, of a session
inline constexpr std::size_t kBatchMax = 16 * 1024;   // elements of a batch of needs etc.
inline constexpr std::uint64_t kFileBytesMax = INT64_MAX;

// base::Error as it travels. The system's number means nothing on the other system: its text is
// part of `text`.
struct Fault {
  base::ErrorKind kind = base::ErrorKind::kIo;
  std::string text;

  friend bool operator==(const Fault&, const Fault&) = default;
};
[[nodiscard]] Fault to_fault(const base::Error& error);
[[nodiscard]] base::Error to_error(const Fault& fault);

struct Hello {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::string software;  // "robosync 0.1.0"
  // Named features. Those in `required` must be known to the peer, or it refuses.
  std::vector<std::string> offers;
  std::vector<std::string> required;

  friend bool operator==(const Hello&, const Hello&) = default;
};

struct Attribute {
  std::string name;
  std::string value;

  friend bool operator==(const Attribute&, const Attribute&) = default;
};

// What SOURCE has to offer, before its scan.
struct Roots {
  struct Single {  // the only thing to transfer was named without a slash
    std::string name;
    bool is_directory = false;
    bool is_empty = false;  // a directory with nothing in it

    friend bool operator==(const Single&, const Single&) = default;
  };
  std::optional<tree::Metadata> contents;  // of the first source that is taken by its contents
  std::optional<Single> single;
  bool lists_everything = false;
  std::uint8_t selected = 0;                            // session::Selected; mirror only
  std::vector<std::pair<std::string, Fault>> problems;  // sources that are missing
};

// What SOURCE calls the numbers of owners that come up from now on.
struct Owners {
  struct Named {
    std::uint32_t id = 0;
    std::string name;

    friend bool operator==(const Named&, const Named&) = default;
  };
  std::vector<Named> users;
  std::vector<Named> groups;

  friend bool operator==(const Owners&, const Owners&) = default;
};

// A piece of one directory's record, in manifest order. Large directories take several.
struct DirectoryPart {
  struct Omission {
    std::string name;
    tree::Kind kind = tree::Kind::kUnknown;
    std::string reason;
  };
  std::uint64_t id = 0;  // 0 is the root; each new record has the next number
  bool first = false;
  bool last = false;
  std::uint64_t parent = 0;  // first part: the directory it is an entry of,
  std::uint64_t index = 0;   // and the entry's place there
  std::vector<tree::Entry> entries;
  std::vector<std::vector<Attribute>> attributes;       // one per entry, or none at all
  std::vector<std::pair<std::string, Fault>> problems;  // by name
  std::vector<std::string> protected_names;
  std::vector<Omission> omissions;
  // Last part:
  std::optional<Fault> fault;  // it could not be listed: what the entries say counts for nothing
  tree::Completeness completeness = tree::Completeness::kComplete;
  std::vector<std::pair<std::string, std::string>> merge_files;  // name, content
  std::vector<Attribute> own_attributes;
};

// One entry of the manifest.
struct EntryRef {
  std::uint64_t directory = 0;
  std::uint64_t index = 0;

  friend bool operator==(const EntryRef&, const EntryRef&) = default;
};

enum class Want : std::uint8_t {
  kContent,  // the bytes
  kDigest,   // only their digest
  kDelta,    // the bytes as a delta against the signature that follows on `stream`
};

struct Need {
  EntryRef entry;
  Want want = Want::kContent;
  std::uint32_t stream = 0;  // for what does not travel in a bundle

  friend bool operator==(const Need&, const Need&) = default;
};
using NeedBatch = std::vector<Need>;

// What the members of a bundle are, in the order of the archive before this index.
struct BundleMember {
  EntryRef entry;
  std::uint64_t size = 0;
  base::Digest digest;
  std::optional<tree::Metadata> changed;  // it is not what the manifest said

  friend bool operator==(const BundleMember& a, const BundleMember& b) {
    return a.entry == b.entry && a.size == b.size && a.digest == b.digest &&
           a.changed.has_value() == b.changed.has_value();
  }
};

struct BundleView {
  std::vector<BundleMember> members;
  std::span<const std::byte> archive;  // points into what was decoded
};
// The index has a checksum of its own, and the content digests: the frame has none.
[[nodiscard]] std::string encode_bundle(const std::vector<BundleMember>& members,
                                        std::string archive);
// kCorrupt when the index is not what was sent.
[[nodiscard]] base::Result<BundleView> decode_bundle(std::span<const std::byte> bytes);

// Begins the content of one large file on a stream; chunks and an end follow.
struct FileBegin {
  EntryRef entry;
  bool is_delta = false;
  tree::Metadata metadata;  // as it was when it was opened

  friend bool operator==(const FileBegin& a, const FileBegin& b) {
    return a.entry == b.entry && a.is_delta == b.is_delta && a.metadata.size == b.metadata.size &&
           a.metadata.mtime == b.metadata.mtime;
  }
};

struct FileEnd {
  std::optional<Fault> fault;  // what was sent counts for nothing
  base::Digest digest;

  friend bool operator==(const FileEnd&, const FileEnd&) = default;
};

struct EntryDigest {
  EntryRef entry;
  base::Digest digest;

  friend bool operator==(const EntryDigest&, const EntryDigest&) = default;
};
using DigestBatch = std::vector<EntryDigest>;

struct EntryFault {
  EntryRef entry;
  Fault fault;

  friend bool operator==(const EntryFault&, const EntryFault&) = default;
};

// How much more SOURCE may have on its way.
struct Credit {
  std::uint64_t entries = 0;  // of the manifest
  std::uint64_t bundle_bytes = 0;
  std::uint32_t stream = 0;
  std::uint64_t stream_bytes = 0;

  friend bool operator==(const Credit&, const Credit&) = default;
};

// kMove: this entry has landed, with this content.
struct Remove {
  EntryRef entry;
  bool is_directory = false;
  std::uint64_t size = 0;
  base::Digest digest;  // of a regular file

  friend bool operator==(const Remove&, const Remove&) = default;
};

struct Removed {
  EntryRef entry;
  std::optional<Fault> fault;  // it was kept

  friend bool operator==(const Removed&, const Removed&) = default;
};

using DirectoryIds = std::vector<std::uint64_t>;

// For every message above.
template <typename T>
[[nodiscard]] std::string encode(const T& message);
template <typename T>
[[nodiscard]] base::Result<T> decode(std::span<const std::byte> bytes);

}  // namespace robosync::wire
