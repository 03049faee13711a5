// Completion scripts for shells, made from option_table(), so that they cannot go stale.
//
// Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace robosync::cli {

enum class Shell : std::uint8_t { kBash, kZsh, kFish };

inline constexpr std::array<Shell, 3> kShells = {Shell::kBash, Shell::kZsh, Shell::kFish};

[[nodiscard]] std::string_view to_string(Shell shell);
[[nodiscard]] std::optional<Shell> shell_of(std::string_view name);

// The script, to be sourced (bash, fish) or put into a directory of $fpath as _robosync (zsh).
[[nodiscard]] std::string completion_script(Shell shell);

}  // namespace robosync::cli
