#include "engine/wire/message.h"

#include <ranges>

#include "engine/wire/fields.h"
#include "engine/wire/frame.h"
#include "engine/wire/manifest.h"

namespace robosync::wire {
namespace {

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Hello>
void fields(A& a, T& m) {
  const auto name = [&](auto& text) { a.text(text, kCapabilityBytesMax); };
  a.number(m.major);
  a.number(m.minor);
  a.text(m.software, kTextBytesMax);
  a.list(m.offers, kCapabilitiesMax, name);
  a.list(m.required, kCapabilitiesMax, name);
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Fault>
void fields(A& a, T& m) {
  fault_fields(a, m);
}

template <typename A, typename T>
void named_faults(A& a, T& list) {
  a.list(list, kBatchMax, [&](auto& problem) {
    a.text(problem.first, tree::kPathBytesMax);
    fault_fields(a, problem.second);
  });
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Roots>
void fields(A& a, T& m) {
  a.optional(m.contents, [&](auto& metadata) { metadata_fields(a, metadata); });
  a.optional(m.single, [&](auto& single) {
    name_field(a, single.name);
    a.flag(single.is_directory);
    a.flag(single.is_empty);
  });
  a.flag(m.lists_everything);
  a.number(m.selected);
  named_faults(a, m.problems);
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Owners>
void fields(A& a, T& m) {
  for (auto* const list : {&m.users, &m.groups}) {
    a.list(*list, kBatchMax, [&](auto& named) {
      a.number(named.id);
      a.text(named.name, kOwnerNameBytesMax);
    });
  }
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, DirectoryPart>
void fields(A& a, T& m) {
  a.number(m.id);
  a.flag(m.first);
  a.flag(m.last);
  if (m.first) {
    a.number(m.parent);
    a.number(m.index);
  }
  entry_list(a, m.entries);
  a.list(m.attributes, kManifestPartEntriesMax, [&](auto& list) { attribute_list(a, list); });
  named_faults(a, m.problems);
  a.list(m.protected_names, kBatchMax, [&](auto& name) { name_field(a, name); });
  a.list(m.omissions, kBatchMax, [&](auto& omission) {
    name_field(a, omission.name);
    a.choice(omission.kind, tree::Kind::kBlockDevice);
    a.text(omission.reason, kLinkTargetBytesMax + kTextBytesMax);
  });
  if (m.last) {
    a.optional(m.fault, [&](auto& fault) { fault_fields(a, fault); });
    a.choice(m.completeness, tree::Completeness::kErrors);
    a.list(m.merge_files, kBatchMax, [&](auto& file) {
      a.text(file.first, tree::kComponentBytesMax);
      a.text(file.second, kMergeFileBytesMax);
    });
    attribute_list(a, m.own_attributes);
  }
  if constexpr (A::kDecodes) {
    if (!m.attributes.empty() && m.attributes.size() != m.entries.size()) {
      a.fault("attributes of other entries");
    }
  }
}

template <typename A, typename T>
void ref_fields(A& a, T& ref) {
  a.number(ref.directory);
  a.number(ref.index);
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, NeedBatch>
void fields(A& a, T& m) {
  a.list(m, kBatchMax, [&](auto& need) {
    ref_fields(a, need.entry);
    a.choice(need.want, Want::kDelta);
    a.number(need.stream);
  });
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, FileBegin>
void fields(A& a, T& m) {
  ref_fields(a, m.entry);
  a.flag(m.is_delta);
  metadata_fields(a, m.metadata);
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, FileEnd>
void fields(A& a, T& m) {
  a.optional(m.fault, [&](auto& fault) { fault_fields(a, fault); });
  digest_fields(a, m.digest);
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, DigestBatch>
void fields(A& a, T& m) {
  a.list(m, kBatchMax, [&](auto& one) {
    ref_fields(a, one.entry);
    digest_fields(a, one.digest);
  });
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, EntryFault>
void fields(A& a, T& m) {
  ref_fields(a, m.entry);
  fault_fields(a, m.fault);
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Credit>
void fields(A& a, T& m) {
  a.number(m.entries);
  a.number(m.bundle_bytes);
  a.number(m.stream);
  a.number(m.stream_bytes);
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Remove>
void fields(A& a, T& m) {
  ref_fields(a, m.entry);
  a.flag(m.is_directory);
  a.number(m.size);
  digest_fields(a, m.digest);
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, Removed>
void fields(A& a, T& m) {
  ref_fields(a, m.entry);
  a.optional(m.fault, [&](auto& fault) { fault_fields(a, fault); });
}

template <typename A, typename T>
  requires std::is_same_v<std::remove_const_t<T>, DirectoryIds>
void fields(A& a, T& m) {
  a.list(m, kBatchMax, [&](auto& id) { a.number(id); });
}

}  // namespace

namespace {

void put32(std::string& out, std::uint32_t value) {
  for (unsigned bits = 0; bits < 32; bits += 8) out += static_cast<char>(value >> bits);
}

std::uint32_t get32(std::span<const std::byte, sizeof(std::uint32_t)> bytes) {
  std::uint32_t value = 0;
  for (const std::byte byte : std::views::reverse(bytes)) {
    value = value << 8U | static_cast<std::uint32_t>(byte);
  }
  return value;
}

template <typename A, typename T>
void bundle_members(A& a, T& members) {
  a.list(members, kBatchMax, [&](auto& member) {
    ref_fields(a, member.entry);
    a.number(member.size);
    digest_fields(a, member.digest);
    a.optional(member.changed, [&](auto& metadata) { metadata_fields(a, metadata); });
  });
}

}  // namespace

std::string encode_bundle(const std::vector<BundleMember>& members, std::string archive) {
  Encoder encoder;
  bundle_members(encoder, members);
  const std::string index = encoder.take();
  archive += index;
  put32(archive, static_cast<std::uint32_t>(index.size()));
  put32(archive, payload_checksum(std::as_bytes(std::span(index))));
  return archive;
}

base::Result<BundleView> decode_bundle(std::span<const std::byte> bytes) {
  constexpr std::size_t kTrailerBytes = 2 * sizeof(std::uint32_t);
  if (bytes.size() < kTrailerBytes) {
    return base::fail(base::make_error(base::ErrorKind::kProtocol, "a bundle without an index"));
  }
  const auto trailer = bytes.last<kTrailerBytes>();
  const auto before = bytes.first(bytes.size() - kTrailerBytes);
  const std::uint32_t index_bytes = get32(trailer.first<sizeof(std::uint32_t)>());
  if (index_bytes > before.size()) {
    return base::fail(base::make_error(base::ErrorKind::kProtocol, "a bundle without an index"));
  }
  const auto index = before.last(index_bytes);
  if (payload_checksum(index) != get32(trailer.last<sizeof(std::uint32_t)>())) {
    return base::fail(
        base::make_error(base::ErrorKind::kCorrupt, "a bundle was damaged on its way"));
  }
  Decoder decoder(index);
  BundleView view;
  bundle_members(decoder, view.members);
  ROBOSYNC_TRY(decoder.finish());
  view.archive = before.first(before.size() - index_bytes);
  return view;
}

Fault to_fault(const base::Error& error) {
  std::string text = error.message();
  if (text.size() > kTextBytesMax) text.resize(kTextBytesMax);
  return {error.kind, std::move(text)};
}

base::Error to_error(const Fault& fault) { return base::make_error(fault.kind, fault.text); }

template <typename T>
std::string encode(const T& message) {
  Encoder encoder;
  fields(encoder, message);
  return encoder.take();
}

template <typename T>
base::Result<T> decode(std::span<const std::byte> bytes) {
  Decoder decoder(bytes);
  T message;
  fields(decoder, message);
  ROBOSYNC_TRY(decoder.finish());
  return message;
}

#define ROBOSYNC_MESSAGE(T)              \
  template std::string encode(const T&); \
  template base::Result<T> decode(std::span<const std::byte>)
ROBOSYNC_MESSAGE(Hello);
ROBOSYNC_MESSAGE(Fault);
ROBOSYNC_MESSAGE(Roots);
ROBOSYNC_MESSAGE(Owners);
ROBOSYNC_MESSAGE(DirectoryPart);
ROBOSYNC_MESSAGE(NeedBatch);
ROBOSYNC_MESSAGE(FileBegin);
ROBOSYNC_MESSAGE(FileEnd);
ROBOSYNC_MESSAGE(DigestBatch);
ROBOSYNC_MESSAGE(EntryFault);
ROBOSYNC_MESSAGE(Credit);
ROBOSYNC_MESSAGE(Remove);
ROBOSYNC_MESSAGE(Removed);
ROBOSYNC_MESSAGE(DirectoryIds);
#undef ROBOSYNC_MESSAGE

}  // namespace robosync::wire
