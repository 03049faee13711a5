// What Windows' attributes say of a file: as bits, as letters, and as the value of the extended
// attribute that stands for them elsewhere (fs/attributes_win32.h).
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/tree/metadata.h"

namespace robosync::tree {

// A set of attributes, in Windows' own numbers.
using WindowsAttributes = std::uint32_t;

inline constexpr WindowsAttributes kAttributeReadOnly = 0x1;
inline constexpr WindowsAttributes kAttributeHidden = 0x2;
inline constexpr WindowsAttributes kAttributeSystem = 0x4;
inline constexpr WindowsAttributes kAttributeArchive = 0x20;
inline constexpr WindowsAttributes kAttributeTemporary = 0x100;
inline constexpr WindowsAttributes kAttributeSparse = 0x200;
inline constexpr WindowsAttributes kAttributeReparsePoint = 0x400;
inline constexpr WindowsAttributes kAttributeCompressed = 0x800;
inline constexpr WindowsAttributes kAttributeOffline = 0x1000;
inline constexpr WindowsAttributes kAttributeNotIndexed = 0x2000;
inline constexpr WindowsAttributes kAttributeEncrypted = 0x4000;
inline constexpr WindowsAttributes kAttributeRecallOnOpen = 0x40000;
inline constexpr WindowsAttributes kAttributeRecallOnDataAccess = 0x400000;

// Those that are kept as they are, besides being read-only, which is a matter of a file's mode; of
// a directory, to whose mode it says nothing, it is kept with these.
inline constexpr WindowsAttributes kStoredAttributes =
    kAttributeHidden | kAttributeSystem | kAttributeArchive | kAttributeNotIndexed;
// Those that have a letter.
inline constexpr WindowsAttributes kLetteredAttributes =
    kStoredAttributes | kAttributeReadOnly | kAttributeTemporary | kAttributeCompressed |
    kAttributeOffline | kAttributeEncrypted;

// The extended attribute of stored ones.
inline constexpr std::string_view kStoredAttributesName = "windows.attributes";

// Letters as robocopy and attrib have them, R A S H C N E T O, in any order and case: N is not
// indexed. kUsage names one that is none.
[[nodiscard]] base::Result<WindowsAttributes> parse_windows_attributes(std::string_view letters);

// The stored ones as the value of kStoredAttributesName: H S A I, in this order; I is not indexed.
// R comes first; what asks for those of a file leaves it out.
[[nodiscard]] std::string stored_attributes(WindowsAttributes attributes);
// kInvalid for anything else.
[[nodiscard]] base::Result<WindowsAttributes> parse_stored_attributes(std::string_view value);

// Whether the blocks of a file hold its content, so that what takes none is a hole. In the cloud,
// in an archive or in a store that files share it is elsewhere, and only reading gets at it.
[[nodiscard]] bool is_stored_in_blocks(WindowsAttributes attributes);

// What a file of this size takes, for whoever looks for holes: less than the size only where there
// are some. A compressed file takes less, too.
[[nodiscard]] std::uint64_t allocated_for_holes(WindowsAttributes attributes,
                                                std::uint64_t allocated_bytes, std::uint64_t size);

// Those of a file. Where its system has none, it is read-only when its owner may not write to it.
[[nodiscard]] WindowsAttributes windows_attributes_of(const Metadata& file);

}  // namespace robosync::tree
