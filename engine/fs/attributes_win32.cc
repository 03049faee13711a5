#include "engine/fs/attributes_win32.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "engine/base/wide_text.h"
#include "engine/fs/extents_win32.h"
#include "engine/fs/handle_win32.h"
#include "engine/fs/metadata_win32.h"
#include "engine/tree/windows_attributes.h"
#include "engine/tree/windows_name.h"

namespace robosync::fs {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using nt::InformationClass;
using nt::NativeHandle;
using nt::Status;

namespace {

constexpr std::string_view kCreationTime = "windows.creation_time";
// NTFS has them on the root of every volume.
constexpr std::uint32_t kOfRoots = tree::kAttributeHidden | tree::kAttributeSystem;
constexpr std::string_view kStream = "windows.stream.";
constexpr std::u16string_view kDataType = u":$DATA";
constexpr std::size_t kStreamListBytesMax = std::size_t{1024} * 1024;

Result<nt::Basic> basic_of(NativeHandle handle) {
  nt::Basic basic{};
  const Status status = query(handle, InformationClass::kBasic, basic);
  if (!nt::succeeded(status)) return fail(status_error(status, "read attributes", ""));
  return basic;
}

// FILE_STREAM_INFORMATION up to the name.
struct StreamHeader {
  std::uint32_t next_offset;
  std::uint32_t name_bytes;
  std::int64_t size;
  std::int64_t allocated_bytes;
};

struct Stream {
  std::u16string name;
  std::uint64_t size = 0;
};

// ":name:$DATA" as "name"; empty for what is no alternate stream of data.
std::u16string alternate_name(std::u16string_view full) {
  if (!full.starts_with(u':') || !full.ends_with(kDataType)) return {};
  return std::u16string(full.substr(1, full.size() - 1 - kDataType.size()));
}

Result<std::vector<Stream>> streams_of(NativeHandle handle) {
  std::vector<std::uint64_t> buffer(512);
  nt::IoStatus io{};
  for (;;) {
    const auto bytes = static_cast<std::uint32_t>(buffer.size() * sizeof(std::uint64_t));
    const Status status = nt::NtQueryInformationFile(
        handle, &io, buffer.data(), bytes, static_cast<std::int32_t>(InformationClass::kStream));
    if (nt::means_unknown(status)) return std::vector<Stream>();
    if (nt::succeeded(status)) break;
    if (status != nt::kBufferOverflow || bytes >= kStreamListBytesMax) {
      return fail(status_error(status, "list streams", ""));
    }
    buffer.resize(buffer.size() * 4);
  }
  std::vector<Stream> streams;
  const char* at = reinterpret_cast<const char*>(buffer.data());
  const char* const end = at + io.information;
  while (end - at >= static_cast<std::ptrdiff_t>(sizeof(StreamHeader))) {
    StreamHeader header{};
    std::memcpy(&header, at, sizeof(header));
    const std::u16string_view full(reinterpret_cast<const char16_t*>(at + sizeof(header)),
                                   header.name_bytes / sizeof(char16_t));
    std::u16string name = alternate_name(full);
    if (!name.empty())
      streams.push_back({std::move(name), static_cast<std::uint64_t>(header.size)});
    if (header.next_offset == 0) break;
    at += header.next_offset;
  }
  return streams;
}

Result<Handle> open_stream(NativeHandle handle, const std::u16string& name, std::uint32_t access,
                           nt::Disposition disposition) {
  Handle out;
  const Status status =
      open_handle(handle, u":" + name, {.access = access, .disposition = disposition}, out);
  if (!nt::succeeded(status)) return fail(status_error(status, "open stream", base::wtf8_of(name)));
  return out;
}

Result<std::string> content_of(NativeHandle handle, const Stream& stream) {
  const std::string name = base::wtf8_of(stream.name);
  if (stream.size > kStreamBytesMax) {
    return fail(make_error(ErrorKind::kLimit, "stream " + name + ": larger than 16 MiB"));
  }
  ROBOSYNC_ASSIGN(const Handle open,
                  open_stream(handle, stream.name, nt::kReadData, nt::Disposition::kOpen));
  std::string content(static_cast<std::size_t>(stream.size), '\0');
  std::size_t done = 0;
  while (done < content.size()) {
    nt::IoStatus io{};
    auto offset = static_cast<std::int64_t>(done);
    const Status status =
        nt::NtReadFile(open.get(), nullptr, nullptr, nullptr, &io, content.data() + done,
                       static_cast<std::uint32_t>(content.size() - done), &offset, nullptr);
    if (status == nt::kEndOfFile) break;
    if (!nt::succeeded(status)) return fail(status_error(status, "read stream", name));
    done += io.information;
  }
  content.resize(done);
  return content;
}

Result<void> write_stream(NativeHandle handle, const std::u16string& name,
                          const std::string& content) {
  ROBOSYNC_ASSIGN(const Handle open,
                  open_stream(handle, name, nt::kWriteData, nt::Disposition::kOverwriteOrCreate));
  std::size_t done = 0;
  while (done < content.size()) {
    nt::IoStatus io{};
    auto offset = static_cast<std::int64_t>(done);
    const Status status =
        nt::NtWriteFile(open.get(), nullptr, nullptr, nullptr, &io, content.data() + done,
                        static_cast<std::uint32_t>(content.size() - done), &offset, nullptr);
    if (!nt::succeeded(status)) {
      return fail(status_error(status, "write stream", base::wtf8_of(name)));
    }
    done += io.information;
  }
  return {};
}

// The name of a stream in an attribute's; what could lead elsewhere is none.
Result<std::u16string> stream_name(std::string_view attribute) {
  const std::string_view name = attribute.substr(kStream.size());
  ROBOSYNC_TRY(tree::validate_stream_name(name));
  return base::utf16_of(name).text;
}

Result<void> set(NativeHandle handle, const nt::Basic& basic) {
  const Status status = set_basic(handle, basic);
  if (!nt::succeeded(status)) return fail(status_error(status, "set attributes", ""));
  return {};
}

// Those that are told and set as letters.
std::uint32_t stored_of(NativeHandle handle, const nt::Basic& entry) {
  if ((entry.attributes & nt::kAttributeDirectory) == 0) return tree::kStoredAttributes;
  const bool is_hidden_root = (entry.attributes & kOfRoots) == kOfRoots && is_volume_root(handle);
  return (tree::kStoredAttributes | tree::kAttributeReadOnly) & ~(is_hidden_root ? kOfRoots : 0);
}

Result<void> set_letters(NativeHandle handle, const std::string& letters) {
  ROBOSYNC_ASSIGN(const std::uint32_t wanted, tree::parse_stored_attributes(letters));
  ROBOSYNC_ASSIGN(const nt::Basic now, basic_of(handle));
  const std::uint32_t stored = stored_of(handle, now);
  const std::uint32_t all = (now.attributes & ~stored) | (wanted & stored);
  if (all == now.attributes) return {};
  nt::Basic basic{};
  basic.attributes = all != 0 ? all : nt::kAttributeNormal;
  return set(handle, basic);
}

}  // namespace

Result<std::vector<Xattr>> native_attributes(NativeHandle handle) {
  ROBOSYNC_ASSIGN(const nt::Basic basic, basic_of(handle));
  std::vector<Xattr> out{{std::string(tree::kStoredAttributesName),
                          tree::stored_attributes(basic.attributes & stored_of(handle, basic))}};
  if (basic.creation_time > 0) {  // not every server tells it
    out.push_back({std::string(kCreationTime), std::to_string(basic.creation_time)});
  }
  ROBOSYNC_ASSIGN(const std::vector<Stream> streams, streams_of(handle));
  for (const Stream& stream : streams) {
    ROBOSYNC_ASSIGN(std::string content, content_of(handle, stream));
    out.push_back({std::string(kStream) + base::wtf8_of(stream.name), std::move(content)});
  }
  std::ranges::sort(out, {}, &Xattr::name);
  return out;
}

Result<void> set_native_attribute(NativeHandle handle, const Xattr& attribute) {
  if (attribute.name == tree::kStoredAttributesName) return set_letters(handle, attribute.value);
  if (attribute.name == kCreationTime) {
    nt::Basic basic{};
    const char* const end = attribute.value.data() + attribute.value.size();
    const auto read = std::from_chars(attribute.value.data(), end, basic.creation_time);
    if (read.ec != std::errc() || read.ptr != end) {
      return fail(make_error(ErrorKind::kInvalid, "a creation time that is none"));
    }
    if (basic.creation_time <= 0) return {};
    return set(handle, basic);
  }
  if (!attribute.name.starts_with(kStream)) {
    return fail(make_error(ErrorKind::kUnsupported, "set attribute " + attribute.name));
  }
  ROBOSYNC_ASSIGN(const std::u16string name, stream_name(attribute.name));
  if (!keeps_streams(handle)) {
    return fail(make_error(ErrorKind::kUnsupported, "stream " + attribute.name));
  }
  return write_stream(handle, name, attribute.value);
}

Result<void> remove_native_attribute(NativeHandle handle, std::string_view name) {
  if (!name.starts_with(kStream)) return {};
  ROBOSYNC_ASSIGN(const std::u16string stream, stream_name(name));
  auto open = open_stream(handle, stream, nt::kDelete, nt::Disposition::kOpen);
  if (!open && open.error().kind == ErrorKind::kNotFound) return {};
  if (!open) return fail(std::move(open).error());
  const Status status = change(open->get(), InformationClass::kDisposition, nt::kYes);
  if (!nt::succeeded(status)) return fail(status_error(status, "remove stream", name));
  return {};
}

}  // namespace robosync::fs
