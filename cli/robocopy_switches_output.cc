// Switches about what is shown and where, and the dry run.
#include <fmt/format.h>

#include "cli/robocopy_switch_effects.h"
#include "cli/robocopy_switches.h"

namespace robosync::cli {
namespace {

using enum SwitchValue;

template <bool RobocopyOutput::* field, bool value>
Status show(RobocopyDraft& draft, const std::string& /*value*/) {
  draft.output.*field = value;
  return {};
}

template <bool append>
Status set_log(RobocopyDraft& draft, const std::string& file) {
  draft.output.log_file = file;
  draft.output.append = append;
  return {};
}

}  // namespace

std::vector<RobocopySwitch> robocopy_output_switches() {
  return {
      {"/L", kNone, "", "list only: change nothing", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.dry_run = true;
         return {};
       }},
      {"/X", kNone, "", "show all that only the target has, not only what is selected", "",
       show<&RobocopyOutput::extras, true>},
      {"/V", kNone, "", "show skipped files, too", "", show<&RobocopyOutput::skipped, true>},
      {"/TS", kNone, "", "show the source's times (UTC)", "", show<&RobocopyOutput::times, true>},
      {"/FP", kNone, "", "show full paths", "", show<&RobocopyOutput::full_paths, true>},
      {"/BYTES", kNone, "", "show sizes in bytes", "", show<&RobocopyOutput::exact_bytes, true>},
      {"/NS", kNone, "", "show no sizes", "", show<&RobocopyOutput::sizes, false>},
      {"/NC", kNone, "", "show no classes", "", show<&RobocopyOutput::classes, false>},
      {"/NFL", kNone, "", "show no files", "", show<&RobocopyOutput::files, false>},
      {"/NDL", kNone, "", "show no directories", "", show<&RobocopyOutput::directories, false>},
      {"/NP", kNone, "", "show no progress; none is shown without /ETA", "",
       show<&RobocopyOutput::progress, false>},
      {"/ETA", kNone, "", "show progress and when the run will be over, on standard error", "",
       show<&RobocopyOutput::progress, true>},
      {"/LOG", kNeeded, "file", "write the output to a file instead", "", set_log<false>},
      {"/LOG+", kNeeded, "file", "append the output to a file instead", "", set_log<true>},
      {"/TEE", kNone, "", "with /LOG: show the output as well", "",
       show<&RobocopyOutput::tee, true>},
      {"/NJH", kNone, "", "show no job header", "", show<&RobocopyOutput::header, false>},
      {"/NJS", kNone, "", "show no summary", "", show<&RobocopyOutput::summary, false>},
      {"/UNICODE", kNone, "", "show Unicode text; it is the default", "", nothing},
  };
}

}  // namespace robosync::cli
