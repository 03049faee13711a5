// Command line arguments of Windows: UTF-16 that may be ill-formed, as the WTF-8 used inside.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace robosync::cli {

// UTF-8 for well-formed text; a surrogate without its partner becomes its three-byte form, so that
// every name a Windows file can have is told apart from every other.
[[nodiscard]] std::string wtf8_of(std::u16string_view text);

}  // namespace robosync::cli
