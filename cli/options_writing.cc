// Options about what is kept, how bytes are written, backups and deletion.
#include "cli/option_table.h"
#include "cli/option_values.h"

namespace robosync::cli {
namespace {

constexpr std::string_view kNothingWritten = "verify only compares, it writes nothing";
constexpr std::string_view kOnlyMirrorDeletes = "only mirror deletes from the target";

// Sets one flag of the request, chosen at compile time so that it fits a function pointer.
template <bool Request::* kField, bool kValue>
base::Result<void> set_flag(Draft& draft, const std::string& /*value*/) {
  draft.request.*kField = kValue;
  return {};
}

}  // namespace

std::vector<OptionSpec> attribute_options() {
  return {
      {"-H,--hard-links", "", "keep files linked that are linked in the source", kAllVerbs, "",
       set_flag<&Request::keep_hard_links, true>},
      {"-X,--xattrs", "", "keep extended attributes", kAllVerbs, "",
       set_flag<&Request::keep_xattrs, true>},
      {"-A,--acls", "", "keep access control lists", kAllVerbs, "",
       set_flag<&Request::keep_acls, true>},
      {"--no-perms", "", "do not keep permissions", kAllVerbs, "",
       set_flag<&Request::keep_permissions, false>},
      {"--no-times", "", "do not keep modification times", kAllVerbs, "",
       set_flag<&Request::keep_times, false>},
      {"--no-owner", "", "do not keep owners", kAllVerbs, "",
       set_flag<&Request::keep_owner, false>},
      {"--no-group", "", "do not keep groups", kAllVerbs, "",
       set_flag<&Request::keep_group, false>},
      {"--no-devices", "", "leave out device nodes", kAllVerbs, "",
       set_flag<&Request::keep_devices, false>},
      {"--numeric-ids", "", "keep owners and groups by number, not by name", kAllVerbs, "",
       set_flag<&Request::numeric_ids, true>},
      {"--chmod", "CHANGES", "change permissions on the way (D755,F644,go-w); may be repeated",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(const tree::ModeChange change, tree::ModeChange::parse(value));
         draft.request.chmod.append(change);
         return {};
       }},
  };
}

std::vector<OptionSpec> writing_options() {
  return {
      {"--illegal-names", "skip|map",
       "names that the target cannot hold: leave them out (skip), or map them to such as it can",
       kAllVerbs, "",
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         draft.request.illegal_names = value == "map" ? IllegalNames::kMap : IllegalNames::kSkip;
         return {};
       }},
      {"-S,--sparse", "", "turn runs of zeros into holes", kWritingVerbs, kNothingWritten,
       set_flag<&Request::sparse, true>},
      {"--inplace,--in-place", "", "write into existing files instead of replacing them",
       kWritingVerbs, kNothingWritten, set_flag<&Request::in_place, true>},
      {"--partial", "", "keep what was written of a file when the run is stopped", kWritingVerbs,
       kNothingWritten, set_flag<&Request::keep_partial, true>},
      {"--preallocate", "", "reserve a file's space before writing it", kWritingVerbs,
       kNothingWritten, set_flag<&Request::preallocate, true>},
      {"--fsync", "", "have each file on the disk before going on", kWritingVerbs, kNothingWritten,
       set_flag<&Request::fsync, true>},
      {"--verify-after", "", "read back and compare what was written", kWritingVerbs,
       kNothingWritten, set_flag<&Request::verify_after, true>},
      {"--reflink", "auto|always|never", "share blocks where the file system can (auto)",
       kWritingVerbs, kNothingWritten,
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         draft.request.reflink = value == "always"  ? Reflink::kAlways
                                 : value == "never" ? Reflink::kNever
                                                    : Reflink::kAuto;
         return {};
       }},
      {"--bwlimit", "RATE", "write at most RATE per second (KiB unless it has a unit; 0: no limit)",
       kWritingVerbs, kNothingWritten,
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(draft.request.bytes_per_second_max, parse_rate(value));
         return {};
       }},
  };
}

std::vector<OptionSpec> backup_options() {
  return {
      {"-b,--backup", "", "keep what is replaced or deleted", kWritingVerbs, kNothingWritten,
       set_flag<&Request::backup, true>},
      {"--backup-dir", "DIR", "keep it below DIR (relative to the target); implies --backup",
       kWritingVerbs, kNothingWritten,
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         if (value.empty()) {
           return base::fail(base::make_error(base::ErrorKind::kUsage, "needs a directory"));
         }
         draft.request.backup = true;
         draft.request.backup_dir = value;
         return {};
       }},
      {"--suffix", "SUFFIX", "append SUFFIX to backups (~; nothing with --backup-dir)",
       kWritingVerbs, kNothingWritten,
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         if (value.find('/') != std::string::npos) {
           return base::fail(
               base::make_error(base::ErrorKind::kUsage, "'" + value + "' has a slash in it"));
         }
         draft.request.backup_suffix = value;
         return {};
       }},
  };
}

std::vector<OptionSpec> deletion_options() {
  return {
      {"--delete-excluded", "", "delete from the target what the filters exclude, too", kMirrorOnly,
       kOnlyMirrorDeletes, set_flag<&Request::delete_excluded, true>},
      {"--max-delete", "N|P%", "delete nothing when it would be more than N entries or P percent",
       kMirrorOnly, kOnlyMirrorDeletes,
       [](Draft& draft, const std::string& value) -> base::Result<void> {
         ROBOSYNC_ASSIGN(draft.request.delete_limit, parse_delete_limit(value));
         return {};
       }},
      {"--allow-empty-source", "", "go ahead when the source is empty", kMirrorOnly,
       kOnlyMirrorDeletes, set_flag<&Request::allow_empty_source, true>},
      {"-y,--yes", "", "do not ask before deleting most of the target", kMirrorOnly,
       kOnlyMirrorDeletes,
       [](Draft& draft, const std::string&) -> base::Result<void> {
         draft.output.assume_yes = true;
         return {};
       }},
  };
}

}  // namespace robosync::cli
