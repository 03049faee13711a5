// Fields that several messages have, stated once for both archives. Private to wire/ and to the
// codecs of session/.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/wire/archive.h"
#include "engine/wire/message.h"

namespace robosync::wire {

template <typename Archive, typename T>
void fault_fields(Archive& a, T& fault) {
  a.choice(fault.kind, base::ErrorKind::kNoLinks);
  a.text(fault.text, kTextBytesMax);
}

template <typename Archive, typename T>
void digest_fields(Archive& a, T& digest) {
  if constexpr (Archive::kDecodes) {
    std::string bytes;
    a.text(bytes, base::kDigestBytesMax);
    digest = {};
    digest.size = bytes.size();
    for (std::size_t i = 0; i < bytes.size(); ++i) digest.bytes[i] = std::byte(bytes[i]);
  } else {
    a.integer(digest.size);
    a.raw(std::span(digest.bytes).first(digest.size));
  }
}

template <typename Archive, typename T>
void name_field(Archive& a, T& name) {
  a.text(name, tree::kComponentBytesMax);
  if constexpr (Archive::kDecodes) {
    if (!a.failed() && !tree::validate_component(name)) a.fault("a name that is not valid");
  }
}

template <typename Archive, typename T>
void time_fields(Archive& a, T& time) {
  a.number(time.seconds);
  a.number(time.nanoseconds);
  if constexpr (Archive::kDecodes) {
    if (time.nanoseconds > 999'999'999) a.fault("a time that does not exist");
  }
}

template <typename Archive, typename T>
void attribute_list(Archive& a, T& attributes) {
  a.list(attributes, kAttributesMax, [&](auto& attribute) {
    a.text(attribute.name, tree::kComponentBytesMax);
    a.text(attribute.value, kAttributeBytesMax);
  });
}

// All of the metadata that means something on another machine.
template <typename Archive, typename T>
void metadata_fields(Archive& a, T& metadata) {
  a.choice(metadata.kind, tree::Kind::kBlockDevice);
  a.number(metadata.mode);
  a.number(metadata.uid);
  a.number(metadata.gid);
  a.number(metadata.size);
  time_fields(a, metadata.mtime);
  if constexpr (Archive::kDecodes) {
    if (metadata.mode > 07777 || metadata.size > kFileBytesMax) a.fault("metadata out of range");
    metadata.allocated_bytes = metadata.size;
  }
}

}  // namespace robosync::wire
