// Names of what is still being written: ".robosync-" and 16 hexadecimal digits.
//
// Every run recognises them: they are never transferred, never mistaken for an extraneous entry,
// and removed when the run that made them is dead. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace robosync::tree {

// The staging name with this number.
[[nodiscard]] std::string staging_name(std::uint64_t number);

// The same for something old that has made way and is to be deleted: only a mirror deletes those.
[[nodiscard]] std::string aside_name(std::uint64_t number);

// True for both.
[[nodiscard]] bool is_staging_name(std::string_view name);
[[nodiscard]] bool is_aside_name(std::string_view name);

// The name under which an interrupted transfer of `name` is kept (--partial): always the same, so
// that the next run finds it.
[[nodiscard]] std::string partial_name(std::string_view name);

}  // namespace robosync::tree
