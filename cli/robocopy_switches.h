// The switches of `robosync robocopy` as data, and RobocopyDraft: what they are applied to.
//
// The table is the only place that names a switch: the parser, the help, the refusals and the tests
// are derived from it. Every switch that Microsoft documents has a row; one that the engine cannot
// express has a reason instead of an effect. See docs/robocopy.md.
//
// Values; any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/robocopy_filters.h"
#include "engine/base/result.h"
#include "engine/sync.h"

namespace robosync::cli {

// What a file of the source's system has besides its content. Windows' security descriptors are not
// the same thing as permission bits and owners.
enum class MetadataFamily : std::uint8_t { kPosix, kWindows };

// How the run is shown; nothing of it reaches the engine.
struct RobocopyOutput {
  bool files = true;
  bool directories = true;
  bool sizes = true;
  bool classes = true;
  bool header = true;
  bool summary = true;
  bool exact_bytes = false;
  bool full_paths = false;
  bool times = false;
  bool skipped = false;            // /V
  bool extras = false;             // /X
  bool progress = false;           // /ETA
  bool warn_of_junctions = false;  // robocopy would follow those that are kept
  bool tee = false;
  bool append = false;
  std::string log_file;
};

struct RobocopyDraft {
  MetadataFamily family = MetadataFamily::kPosix;
  std::chrono::system_clock::time_point now;
  Request request;
  RobocopyOutput output;
  RobocopySelection selection;
  std::optional<unsigned> levels;            // /LEV
  bool subdirectories = false;               // /S, /E, /MIR
  bool empty_directories = false;            // /E, /MIR
  bool purge = false;                        // /PURGE, /MIR
  bool keep_extras = false;                  // /XX
  bool move_files = false;                   // /MOV
  bool move_all = false;                     // /MOVE
  bool skip_changed = false;                 // /XC
  bool skip_newer = false;                   // /XN
  bool skip_older = false;                   // /XO
  bool copy_nothing = false;                 // /NOCOPY
  bool include_tweaked = false;              // /IT
  bool skip_file_links = false;              // /XJ, /XJF
  bool skip_directory_links = false;         // /XJ, /XJD
  bool links_as_links = false;               // /SL
  bool junctions_as_junctions = false;       // /SJ
  bool archive_only = false;                 // /A, /M
  bool no_file_streams = false;              // /COPY with X
  bool no_directory_streams = false;         // /DCOPY with X
  std::optional<bool> directory_attributes;  // whether /DCOPY has A
  tree::WindowsAttributes added = 0;         // /A+
  tree::WindowsAttributes removed = 0;       // /A-
};

enum class SwitchValue : std::uint8_t {
  kNone,
  kOptional,  // "/MT" or "/MT:8"
  kNeeded,    // "/LEV:3"
  kList,      // the words that follow, up to the next switch: "/XF a b"
};

struct RobocopySwitch {
  // For a list: called once for each word.
  using Apply = base::Result<void> (*)(RobocopyDraft& draft, const std::string& value);

  std::string_view name;  // "/LEV", in capitals
  SwitchValue takes = SwitchValue::kNone;
  std::string_view value;    // what it is called in the help: "n"; empty with kNone
  std::string_view help;     // a phrase; of a refused switch: what it does in robocopy
  std::string_view refusal;  // why it is refused; empty: it is not
  Apply apply = nullptr;     // null exactly when refused
};

// Every switch, in the order in which the help shows them.
[[nodiscard]] const std::vector<RobocopySwitch>& robocopy_switches();

// Rows of the table, by subject.
[[nodiscard]] std::vector<RobocopySwitch> robocopy_copy_switches();
[[nodiscard]] std::vector<RobocopySwitch> robocopy_selection_switches();
[[nodiscard]] std::vector<RobocopySwitch> robocopy_output_switches();
[[nodiscard]] std::vector<RobocopySwitch> robocopy_refused_switches();

}  // namespace robosync::cli
