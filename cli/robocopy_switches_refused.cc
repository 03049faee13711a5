// Switches that are refused, with what they do in robocopy and why they are refused here.
#include "cli/robocopy_switches.h"

namespace robosync::cli {
namespace {

using enum SwitchValue;

constexpr std::string_view kNoBackupMode =
    "files are opened with the rights of the user who runs this; run it as one who may read them";
constexpr std::string_view kNoJobs = "there are no job files; keep the command in a script";
constexpr std::string_view kNoWatching = "a run ends when it is done; start it from a scheduler";
constexpr std::string_view kNoThrottle = "use /IORATE or /IPG to limit the rate";
constexpr std::string_view kNoAccessTime = "the time of the last access is not looked at";
constexpr std::string_view kUtf8Log = "logs are written in UTF-8; use /LOG";
constexpr std::string_view kAlwaysFixed =
    "what /COPY names is brought up to date on files found the same anyway, and files left out by "
    "another switch are left alone";

std::vector<RobocopySwitch> metadata_switches() {
  return {
      {"/NODCOPY", kNone, "", "copy no metadata of directories",
       "directories always get what files get by /COPY"},
      {"/SECFIX", kNone, "", "fix the security of skipped files", kAlwaysFixed},
      {"/TIMFIX", kNone, "", "fix the times of skipped files", kAlwaysFixed},
      {"/IM", kNone, "", "copy files whose change time differs",
       "the time of the last metadata change is not compared"},
      {"/MAXLAD", kNeeded, "days|date", "leave out files not used since", kNoAccessTime},
      {"/MINLAD", kNeeded, "days|date", "leave out files used since", kNoAccessTime},
  };
}

std::vector<RobocopySwitch> mode_switches() {
  return {
      {"/B", kNone, "", "backup mode", kNoBackupMode},
      {"/ZB", kNone, "", "restartable mode, backup mode where access is denied", kNoBackupMode},
      {"/EFSRAW", kNone, "", "copy encrypted files as they are stored",
       "encrypted files are read like any other"},
      {"/FAT", kNone, "", "make files with short names only", "names are kept as they are"},
      {"/256", kNone, "", "do without paths of more than 256 characters",
       "long paths are always copied"},
      {"/SPARSE", kNeeded, "Y|N", "keep holes of files or not", "holes are always kept"},
      {"/LFSM", kOptional, "n[KMG]", "pause when the target runs low on space",
       "a run ends when the target is full; what arrived is complete"},
      {"/IOMAXSIZE", kNeeded, "n[KMG]", "the largest read or write", kNoThrottle},
      {"/THRESHOLD", kNeeded, "n[KMG]", "throttle only larger files", kNoThrottle},
      {"/MON", kNeeded, "n", "run again after n changes", kNoWatching},
      {"/MOT", kNeeded, "minutes", "run again after a time", kNoWatching},
      {"/RH", kNeeded, "hhmm-hhmm", "copy only at these hours", kNoWatching},
      {"/PF", kNone, "", "check the hours for each file", kNoWatching},
      {"/REG", kNone, "", "save /R and /W as the defaults",
       "nothing is remembered from run to run; say /R and /W each time"},
      {"/TBD", kNone, "", "wait for share names to be defined",
       "a source or target that is not there ends the run"},
      {"/UNILOG", kNeeded, "file", "write the output to a UTF-16 file", kUtf8Log},
      {"/UNILOG+", kNeeded, "file", "append the output to a UTF-16 file", kUtf8Log},
  };
}

std::vector<RobocopySwitch> job_switches() {
  return {
      {"/JOB", kNeeded, "name", "take parameters from a job file", kNoJobs},
      {"/SAVE", kNeeded, "name", "save parameters to a job file", kNoJobs},
      {"/QUIT", kNone, "", "end after reading the command line", kNoJobs},
      {"/NOSD", kNone, "", "no source is given", kNoJobs},
      {"/NODD", kNone, "", "no target is given", kNoJobs},
  };
}

}  // namespace

std::vector<RobocopySwitch> robocopy_refused_switches() {
  std::vector<RobocopySwitch> table = metadata_switches();
  for (const auto& part : {mode_switches(), job_switches()}) {
    table.insert(table.end(), part.begin(), part.end());
  }
  return table;
}

}  // namespace robosync::cli
