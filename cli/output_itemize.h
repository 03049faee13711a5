// rsync's --itemize-changes strings, and changes in words.
//
// The notation is that of rsync 3.5 for a local copy (man page, --itemize-changes): eleven
// characters YXcstpoguax. Pure; any thread.
#pragma once

#include <string>

#include "engine/sync.h"

namespace robosync::cli {

// Whether modification times are kept decides between t and T.
enum class TimesKept : bool { kNo, kYes };

// ">f+++++++++", "cd+++++++++", ".d..t......", "*deleting  ".
[[nodiscard]] std::string itemize(const Event& event, TimesKept times);

// "size, time"; empty when nothing is known to differ.
[[nodiscard]] std::string changes_in_words(const Changes& changes);

}  // namespace robosync::cli
