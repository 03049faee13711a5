// Which names Windows can give a file, whatever system asks.
//
// Names are WTF-8 (base/wide_text.h). Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace robosync::tree {

// Units of UTF-16.
inline constexpr std::size_t kWindowsNameUnitsMax = 255;

// Whether a file system of Windows can hold an entry called so. kInvalid names the character and
// its position, counted from 1; kLimit. REQUIRES: a valid component.
[[nodiscard]] base::Result<void> validate_windows_characters(std::string_view name);

// Whether a program of Windows can open what is called so, too: there are devices in every
// directory (CON, NUL.txt), and a dot or a space at the end is dropped. Fails likewise.
[[nodiscard]] base::Result<void> validate_windows_name(std::string_view name);

// Whether an alternate stream of a file can be called so: control characters and the like can be in
// such a name. Fails likewise.
[[nodiscard]] base::Result<void> validate_stream_name(std::string_view name);

// Whether `name` has the form of the aliases that Windows makes up for long names ("LONGNA~1.TXT").
[[nodiscard]] bool may_be_windows_alias(std::string_view name);
// Whether a link of Windows to `target` leads to something below the directory that holds it,
// judged by the text alone: no drive, share or device, no root, no "..".
[[nodiscard]] bool is_below_windows_link(std::string_view target);

// A name for `name` that Windows can hold: each byte that it cannot becomes the character
// U+F000 + byte, of the private use area (as Cygwin, WSL and Samba have it), and so does each byte
// of such a character that was there before. A legal name without such characters stays as it is,
// and so does one for which there is none: it would be too long. Different names stay different.
// With kKeep, such characters are left: a name that comes from Windows has them for that reason.
enum class StandIns : std::uint8_t { kMap, kKeep };
[[nodiscard]] std::string mapped_windows_name(std::string_view name,
                                              StandIns stand_ins = StandIns::kMap);
// The name that `name` stands for: what mapped_windows_name() was given. Any other stays as it is.
[[nodiscard]] std::string unmapped_windows_name(std::string_view name);

}  // namespace robosync::tree
