// What the file system of Windows is asked through: the system calls of ntdll that take a directory
// handle and a name, and the layouts that they fill.
//
// Private to fs/*_win32.cc. Declared here because winternl.h has half of it with one compiler and
// less with another; names, values and layouts are Microsoft's ([MS-FSCC], ntifs.h). No state.
#pragma once

#include <cstddef>
#include <cstdint>

namespace robosync::fs::nt {

using NativeHandle = void*;
using Status = std::int32_t;

struct UnicodeString {
  std::uint16_t length_bytes;
  std::uint16_t room_bytes;
  char16_t* text;
};

struct ObjectAttributes {
  std::uint32_t length_bytes;
  NativeHandle root;
  UnicodeString* name;
  std::uint32_t attributes;
  void* security_descriptor;
  void* security_quality;
};

struct IoStatus {
  union {
    Status status;
    void* pointer;
  };
  std::uintptr_t information;
};

// Access.
inline constexpr std::uint32_t kReadData = 0x1;  // of a directory: list
inline constexpr std::uint32_t kWriteData = 0x2;
inline constexpr std::uint32_t kAppendData = 0x4;
inline constexpr std::uint32_t kTraverse = 0x20;
inline constexpr std::uint32_t kReadAttributes = 0x80;
inline constexpr std::uint32_t kWriteAttributes = 0x100;
inline constexpr std::uint32_t kDelete = 0x10000;
inline constexpr std::uint32_t kSynchronize = 0x100000;

// Options of opening.
inline constexpr std::uint32_t kDirectoryFile = 0x1;
inline constexpr std::uint32_t kSynchronousIo = 0x20;
inline constexpr std::uint32_t kNonDirectoryFile = 0x40;
inline constexpr std::uint32_t kOpenById = 0x2000;  // the name is the number of a file
inline constexpr std::uint32_t kBackupIntent = 0x4000;
inline constexpr std::uint32_t kOpenReparsePoint = 0x200000;

enum class Disposition : std::uint32_t { kOpen = 1, kCreate = 2, kOverwriteOrCreate = 5 };

// Attributes.
inline constexpr std::uint32_t kAttributeReadOnly = 0x1;
inline constexpr std::uint32_t kAttributeDirectory = 0x10;
inline constexpr std::uint32_t kAttributeNormal = 0x80;
inline constexpr std::uint32_t kAttributeSparse = 0x200;
inline constexpr std::uint32_t kAttributeReparsePoint = 0x400;

// Set in the tags of what stands for another name; others (deduplicated, in the cloud) are files.
inline constexpr std::uint32_t kTagIsSurrogate = 0x20000000;

enum class InformationClass : std::int32_t {
  kBothDirectory = 3,
  kBasic = 4,
  kStandard = 5,
  kInternal = 6,
  kName = 9,
  kRename = 10,
  kLink = 11,
  kDisposition = 13,
  kAllocation = 19,
  kEndOfFile = 20,
  kStream = 22,
  kAttributeTag = 35,
  kIdBothDirectory = 37,
  kNormalizedName = 48,
  kDispositionEx = 64,
  kRenameEx = 65,
  kStat = 68,
  kCaseSensitive = 71,
};

inline constexpr std::int32_t kVolumeInformationClass = 1;  // FileFsVolumeInformation

struct Basic {
  std::int64_t creation_time;
  std::int64_t access_time;
  std::int64_t write_time;
  std::int64_t change_time;
  std::uint32_t attributes;
  std::uint32_t padding;
};
static_assert(sizeof(Basic) == 40);

struct Standard {
  std::int64_t allocated_bytes;
  std::int64_t size;
  std::uint32_t link_count;
  std::uint8_t delete_pending;
  std::uint8_t directory;
  std::uint16_t padding;
};
static_assert(sizeof(Standard) == 24);

// FILE_STAT_INFORMATION.
struct Stat {
  std::int64_t file_id;
  std::int64_t creation_time;
  std::int64_t access_time;
  std::int64_t write_time;
  std::int64_t change_time;
  std::int64_t allocated_bytes;
  std::int64_t size;
  std::uint32_t attributes;
  std::uint32_t tag;
  std::uint32_t link_count;
  std::uint32_t effective_access;
};
static_assert(sizeof(Stat) == 72);

struct AttributeTag {
  std::uint32_t attributes;
  std::uint32_t tag;
};

// FILE_ID_BOTH_DIR_INFORMATION up to the name.
struct DirectoryEntry {
  std::uint32_t next_offset;
  std::uint32_t file_index;
  std::int64_t creation_time;
  std::int64_t access_time;
  std::int64_t write_time;
  std::int64_t change_time;
  std::int64_t size;
  std::int64_t allocated_bytes;
  std::uint32_t attributes;
  std::uint32_t name_bytes;
  std::uint32_t tag;  // of a reparse point; else the size of extended attributes
  std::uint8_t short_name_bytes;
  std::uint8_t padding;
  char16_t short_name[12];
  std::int64_t file_id;
};
static_assert(offsetof(DirectoryEntry, file_id) == 96);
inline constexpr std::size_t kEntryNameOffset = 104;
inline constexpr std::size_t kNameOffsetWithoutId = 94;  // of FILE_BOTH_DIR_INFORMATION, else alike
static_assert(offsetof(DirectoryEntry, short_name) + 24 == kNameOffsetWithoutId);

// FILE_RENAME_INFORMATION, _EX and FILE_LINK_INFORMATION up to the name.
struct NewName {
  std::uint32_t flags;  // without _EX: whether it may replace
  NativeHandle root;
  std::uint32_t name_bytes;
};
inline constexpr std::size_t kNewNameOffset = 20;
inline constexpr std::uint32_t kRenameReplaces = 0x1;
inline constexpr std::uint32_t kRenamePosix = 0x2;
inline constexpr std::uint32_t kRenameIgnoresReadOnly = 0x40;
inline constexpr std::uint32_t kDispositionDelete = 0x1;
inline constexpr std::uint32_t kDispositionPosix = 0x2;
inline constexpr std::uint32_t kDispositionIgnoresReadOnly = 0x10;

inline constexpr std::uint32_t kTellsCase = 0x1;  // of kCaseSensitive

struct VolumeInformation {
  std::int64_t creation_time;
  std::uint32_t serial_number;
  std::uint32_t label_bytes;
  std::uint8_t supports_objects;
  char16_t label[33];
};

inline constexpr std::uint32_t kCaseInsensitive = 0x40;  // of ObjectAttributes
inline constexpr std::uint8_t kNo = 0;
inline constexpr std::uint8_t kYes = 1;

extern "C" {
Status NtCreateFile(NativeHandle* handle, std::uint32_t access, ObjectAttributes* object,
                    IoStatus* io, std::int64_t* allocation_bytes, std::uint32_t attributes,
                    std::uint32_t share, std::uint32_t disposition, std::uint32_t options,
                    void* ea_buffer, std::uint32_t ea_bytes);
Status NtClose(NativeHandle handle);
std::uint32_t RtlNtStatusToDosError(Status status);
char16_t RtlUpcaseUnicodeChar(char16_t unit);
Status NtQueryInformationFile(NativeHandle handle, IoStatus* io, void* out, std::uint32_t bytes,
                              std::int32_t information_class);
Status NtSetInformationFile(NativeHandle handle, IoStatus* io, const void* in, std::uint32_t bytes,
                            std::int32_t information_class);
Status NtQueryVolumeInformationFile(NativeHandle handle, IoStatus* io, void* out,
                                    std::uint32_t bytes, std::int32_t information_class);
Status NtQueryDirectoryFile(NativeHandle handle, NativeHandle event, void* apc, void* apc_context,
                            IoStatus* io, void* out, std::uint32_t bytes,
                            std::int32_t information_class, std::uint8_t single_entry,
                            UnicodeString* pattern, std::uint8_t restart);
Status NtFsControlFile(NativeHandle handle, NativeHandle event, void* apc, void* apc_context,
                       IoStatus* io, std::uint32_t code, const void* in, std::uint32_t in_bytes,
                       void* out, std::uint32_t out_bytes);
Status NtReadFile(NativeHandle handle, NativeHandle event, void* apc, void* apc_context,
                  IoStatus* io, void* out, std::uint32_t bytes, std::int64_t* offset,
                  std::uint32_t* key);
Status NtWriteFile(NativeHandle handle, NativeHandle event, void* apc, void* apc_context,
                   IoStatus* io, const void* in, std::uint32_t bytes, std::int64_t* offset,
                   std::uint32_t* key);
Status NtFlushBuffersFile(NativeHandle handle, IoStatus* io);
}

}  // namespace robosync::fs::nt
