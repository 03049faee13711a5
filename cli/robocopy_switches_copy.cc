// Switches about what is copied and how: depth, modes, metadata, deletion, speed, retries.
#include <fmt/format.h>

#include "cli/option_values.h"
#include "cli/robocopy_switch_effects.h"
#include "cli/robocopy_switches.h"
#include "engine/base/case_folding.h"

namespace robosync::cli {
namespace {

using enum SwitchValue;

Status refuse_security(const RobocopyDraft& draft, char flag) {
  if (draft.family == MetadataFamily::kPosix) return {};
  return base::fail(usage(fmt::format(
      "flag {}: security descriptors (access, owner, auditing) are not copied on Windows; "
      "/COPY:DAT, the default, copies all the rest",
      flag)));
}

Status apply_copy_flag(RobocopyDraft& draft, char flag) {
  Request& request = draft.request;
  switch (flag) {
    case 'A':
      request.keep_permissions = true;
      return {};
    case 'T':
      request.keep_times = true;
      return {};
    case 'S':
      ROBOSYNC_TRY(refuse_security(draft, flag));
      request.keep_permissions = true;
      request.keep_acls = true;
      return {};
    case 'O':
      ROBOSYNC_TRY(refuse_security(draft, flag));
      request.keep_owner = true;
      request.keep_group = true;
      return {};
    case 'U':  // outside Windows nothing is audited by file
      return refuse_security(draft, flag);
    case 'D':
      return {};
    case 'X':
      draft.no_file_streams = true;
      return {};
    default:
      return base::fail(usage(fmt::format("'{}' is none of the flags D A T S O U X", flag)));
  }
}

Status set_copy_flags(RobocopyDraft& draft, const std::string& flags) {
  if (flags.find_first_of("Dd") == std::string::npos) {
    return base::fail(
        usage("without D: files are copied with their data or not at all; see "
              "/NOCOPY and /CREATE"));
  }
  Request& request = draft.request;
  request.keep_permissions = request.keep_times = request.keep_acls = false;
  request.keep_owner = request.keep_group = draft.no_file_streams = false;
  for (const char flag : flags) ROBOSYNC_TRY(apply_copy_flag(draft, base::ascii_upper(flag)));
  return {};
}

Status set_directory_flags(RobocopyDraft& draft, const std::string& flags) {
  draft.request.keep_directory_times = draft.no_directory_streams = false;
  const bool times_alone = flags == "T" || flags == "t";  // as it was before it had other flags
  bool data = times_alone;
  bool attributes = false;
  for (const char flag : flags) {
    switch (base::ascii_upper(flag)) {
      case 'D':
        data = true;
        break;
      case 'A':
        attributes = true;
        break;
      case 'T':
        draft.request.keep_directory_times = true;
        break;
      case 'X':
        draft.no_directory_streams = true;
        break;
      case 'E':
        return base::fail(usage("flag E: extended attributes are not copied"));
      default:
        return base::fail(usage(fmt::format("'{}' is none of the flags D A T E X", flag)));
    }
  }
  if (!data) return base::fail(usage("without D: directories are always made"));
  draft.directory_attributes = std::nullopt;
  if (!times_alone) draft.directory_attributes = attributes;
  return {};
}

// What copying a file cannot change is refused.
base::Result<tree::WindowsAttributes> changeable(const std::string& value) {
  constexpr tree::WindowsAttributes kChangeable =
      tree::kStoredAttributes | tree::kAttributeReadOnly;
  ROBOSYNC_ASSIGN(const tree::WindowsAttributes attributes, tree::parse_windows_attributes(value));
  if ((attributes & ~kChangeable) != 0) {
    return base::fail(usage("only R A S H N: what C E T O stand for is not changed"));
  }
  return attributes;
}

Status set_levels(RobocopyDraft& draft, const std::string& value) {
  ROBOSYNC_ASSIGN(const std::uint64_t levels, parse_count(value, kLevelsMax));
  draft.levels = static_cast<unsigned>(levels);
  return {};
}

// robocopy pauses after each packet of 64 KiB; what it comes to is a rate.
Status set_gap(RobocopyDraft& draft, const std::string& value) {
  constexpr std::uint64_t kBytesPerSecondAtOne = 65536 * 1000;
  ROBOSYNC_ASSIGN(const std::uint64_t gap_ms, parse_count(value, 1'000'000));
  draft.request.bytes_per_second_max = gap_ms == 0 ? 0 : kBytesPerSecondAtOne / gap_ms;
  return {};
}

Status set_threads(RobocopyDraft& draft, const std::string& value) {
  ROBOSYNC_ASSIGN(const std::uint64_t count, parse_count(value.empty() ? "8" : value, 128));
  if (count == 0) return base::fail(usage("at least one thread is needed"));
  draft.request.threads = static_cast<unsigned>(count);
  return {};
}

std::vector<RobocopySwitch> tree_switches() {
  return {
      {"/S", kNone, "", "copy subdirectories, but not empty ones", "",
       set<&RobocopyDraft::subdirectories>},
      {"/E", kNone, "", "copy subdirectories, empty ones as well", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.subdirectories = draft.empty_directories = true;
         return {};
       }},
      {"/LEV", kNeeded, "n", "copy only the top n levels of the source", "", set_levels},
      {"/PURGE", kNone, "", "delete what the source does not have", "", set<&RobocopyDraft::purge>},
      {"/MIR", kNone, "", "mirror: /E and /PURGE", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.subdirectories = draft.empty_directories = draft.purge = true;
         return {};
       }},
      {"/MOV", kNone, "", "move files: remove them from the source when they have landed", "",
       set<&RobocopyDraft::move_files>},
      {"/MOVE", kNone, "", "move files and directories", "", set<&RobocopyDraft::move_all>},
      {"/CREATE", kNone, "", "make directories and empty files only; what exists stays as it is",
       "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.empty_files = true;
         return {};
       }},
      {"/SL", kNone, "", "copy symbolic links as links instead of following them", "",
       set<&RobocopyDraft::links_as_links>},
      {"/SJ", kNone, "", "copy junctions as junctions; it is the default", "",
       set<&RobocopyDraft::junctions_as_junctions>},
  };
}

std::vector<RobocopySwitch> metadata_switches() {
  return {
      {"/COPY", kNeeded, "flags", "what to keep of files: D A T S O U X (DAT)", "", set_copy_flags},
      {"/SEC", kNone, "", "/COPY:DATS", "",
       [](RobocopyDraft& draft, const std::string&) { return set_copy_flags(draft, "DATS"); }},
      {"/COPYALL", kNone, "", "/COPY:DATSOU", "",
       [](RobocopyDraft& draft, const std::string&) { return set_copy_flags(draft, "DATSOU"); }},
      {"/A+", kNeeded, "RASHN", "add attributes to copied files", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.added, changeable(value));
         return {};
       }},
      {"/A-", kNeeded, "RASHN", "remove attributes from copied files", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.removed, changeable(value));
         return {};
       }},
      {"/NOCOPY", kNone, "", "copy nothing; useful with /PURGE", "",
       set<&RobocopyDraft::copy_nothing>},
      {"/DCOPY", kNeeded, "flags", "what to keep of directories: D A T X (DA)", "",
       set_directory_flags},
  };
}

std::vector<RobocopySwitch> speed_switches() {
  return {
      {"/Z", kNone, "", "restartable: keep what arrived of an interrupted file", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.keep_partial = true;
         return {};
       }},
      {"/J", kNone, "", "unbuffered: how large files are read is left to the engine", "", nothing},
      {"/NOOFFLOAD", kNone, "", "do not let the system copy", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.fast_paths.copy_range = false;
         return {};
       }},
      {"/NOCLONE", kNone, "", "do not share blocks instead of copying", "",
       [](RobocopyDraft& draft, const std::string&) -> Status {
         draft.request.reflink = Reflink::kNever;
         return {};
       }},
      {"/COMPRESS", kNone, "", "compress over a connection; it is the default", "", nothing},
      {"/MT", kOptional, "n", "n threads, 1 to 128 (8); without it the machine decides", "",
       set_threads},
      {"/IPG", kNeeded, "ms", "a pause after each 64 KiB, as the rate that this comes to", "",
       set_gap},
      {"/IORATE", kNeeded, "n[KMG]", "at most so many bytes per second", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(draft.request.bytes_per_second_max, parse_size(value));
         return {};
       }},
      {"/R", kNeeded, "n", "retries of a file that is busy (2), up to 1000", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         ROBOSYNC_ASSIGN(const std::uint64_t count, parse_count(value, kRetriesMax));
         draft.request.retries = static_cast<unsigned>(count);
         return {};
       }},
      {"/W", kNeeded, "seconds", "wait before each retry (0.2)", "",
       [](RobocopyDraft& draft, const std::string& value) -> Status {
         constexpr std::uint64_t kMax = std::chrono::seconds(kRetryWaitMax).count();
         ROBOSYNC_ASSIGN(const std::uint64_t seconds, parse_count(value, kMax));
         draft.request.retry_wait = std::chrono::seconds(seconds);
         return {};
       }},
  };
}

}  // namespace

std::vector<RobocopySwitch> robocopy_copy_switches() {
  std::vector<RobocopySwitch> table = tree_switches();
  for (const auto& part : {metadata_switches(), speed_switches()}) {
    table.insert(table.end(), part.begin(), part.end());
  }
  return table;
}

}  // namespace robosync::cli
