// Request: everything that a user asks of a run, as a front end builds it.
//
// Plain values.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/apply/events.h"
#include "engine/apply/observer.h"
#include "engine/apply/settings.h"
#include "engine/base/cancellation.h"
#include "engine/base/digest.h"
#include "engine/base/result.h"
#include "engine/fs/fs.h"
#include "engine/plan/plan.h"
#include "engine/scan/options.h"
#include "engine/transfer/options.h"
#include "engine/tree/chmod.h"
#include "engine/tree/file_list.h"
#include "engine/tree/filter.h"
#include "engine/tree/windows_attributes.h"

namespace robosync {

enum class Verb : std::uint8_t {
  kCopy,    // add and update, never delete
  kMirror,  // copy, then delete what the source does not have
  kMove,    // copy, prove that each file landed, then remove it from the source
  kVerify,  // compare only
};

using apply::Action;
using apply::Counters;
using apply::DeleteLimit;
using apply::Event;
using apply::IllegalNames;
using apply::LinksFallback;
using apply::Observer;
using apply::Progress;
using base::Cancellation;
using base::DigestKind;
using plan::Changes;
using plan::Comparison;
using scan::JunctionPolicy;
using scan::LinkPolicy;
using scan::LinksLeftOut;
using transfer::FastPaths;
using transfer::Reflink;

// How a server is reached, where a SOURCE or the TARGET is at one.
struct RemoteSettings {
  std::string token_file;        // who we are; empty: nobody in particular
  std::string ca_file;           // who vouches for the server
  std::string fingerprint;       // or: the server has this key, "SHA256:..."
  std::string certificate_file;  // shown to a server that asks for one, with its key
  std::string key_file;
  std::string known_hosts_file;  // or: the key it had before; empty: where we keep those
  std::vector<std::string> shell = {"ssh"};  // for HOST:PATH
  std::string remote_program = "robosync";   // at its other end
  std::chrono::milliseconds connect_time{15'000};
  std::chrono::milliseconds no_progress_time{60'000};
  unsigned connections = 1;  // for one run
  bool compress = true;      // where the link is what everything waits for
  // Whether a server that is met for the first time is the right one. None: it is refused.
  std::function<bool(const std::string& host, const std::string& fingerprint)> trusts = {};
};

inline constexpr unsigned kConnectionsMax = 16;
inline constexpr std::chrono::milliseconds kNoProgressTimeMin{10'000};

struct Request {
  Verb verb = Verb::kCopy;
  std::vector<std::string> sources;
  std::string target;

  bool dry_run = false;

  // Comparison
  Comparison comparison =
      Comparison::kQuick;  // for kVerify: kDigest unless the user says otherwise
  DigestKind digest = DigestKind::kXxh3_128;
  std::int64_t modify_window_ns = 0;
  bool ignore_one_hour = false;    // a time exactly an hour off is no difference: summer time
  bool update_only_newer = false;  // -u: skip what is newer on the target
  bool leave_older = false;        // skip files that are older on the target
  bool leave_changed = false;      // skip files that have the same time and another size there
  bool leave_mismatched = false;   // what is of another kind there stays, also in a mirror
  bool existing_only = false;      // --existing: create nothing new
  bool ignore_existing = false;    // update nothing that is there
  bool empty_files = false;        // make new files without content, update nothing that is there;
                                   // here only

  // Selection
  std::vector<tree::FilterArgument> filters;
  std::shared_ptr<const tree::FileList> files_from;  // null: everything
  std::optional<std::uint64_t> size_min;             // bytes, regular files only
  std::optional<std::uint64_t> size_max;
  std::optional<std::chrono::nanoseconds> age_min;  // regular files younger are left out
  std::optional<std::chrono::nanoseconds> age_max;  // older are left out
  tree::WindowsAttributes attributes_any = 0;   // regular files without any are left out; 0: none
  tree::WindowsAttributes attributes_none = 0;  // regular files with one of them are left out
  bool reset_archive = false;  // the archive attribute goes from what was copied; here only
  LinkPolicy links = LinkPolicy::kKeep;
  LinksLeftOut links_left_out = LinksLeftOut::kNone;  // whatever `links` does with the others
  JunctionPolicy junctions = JunctionPolicy::kKeep;
  LinksFallback links_fallback = LinksFallback::kSkip;  // kCopy: here only
  IllegalNames illegal_names = IllegalNames::kSkip;
  bool one_file_system = false;
  bool prune_empty_directories = false;

  // Deletion (kMirror only)
  bool delete_pruned = true;  // also directories that are there and empty at the source
  bool delete_excluded = false;
  bool allow_empty_source = false;
  DeleteLimit delete_limit;

  // What is kept
  bool keep_permissions = true;
  bool keep_times = true;
  bool keep_directory_times = true;  // of directories, where keep_times is true
  bool keep_owner = true;            // effective when privileged
  bool keep_group = true;            // effective for groups that the process may give
  bool keep_devices = true;  // device nodes, effective when privileged; fifos and sockets always
  bool keep_hard_links = false;
  bool keep_xattrs = false;
  bool keep_acls = false;
  // Windows' alternate data streams, of what is written. Its attributes are kept with permissions,
  // its times of creation with times.
  bool keep_streams = true;
  bool numeric_ids = false;
  tree::ModeChange chmod;
  // Of files that are written, at a target that has them. Within tree::kStoredAttributes.
  tree::WindowsAttributes attributes_set = 0;
  tree::WindowsAttributes attributes_cleared = 0;

  // How bytes are written
  bool sparse = false;  // runs of zeros become holes (holes of the source are kept in any case)
  bool in_place = false;
  bool keep_partial = false;
  bool preallocate = false;
  bool fsync = false;
  bool verify_after = false;  // re-read and compare what was written
  Reflink reflink = Reflink::kAuto;
  std::uint64_t bytes_per_second_max = 0;  // 0: no limit

  // Backup of what is replaced or deleted
  bool backup = false;
  std::string backup_dir;     // empty: beside the original; relative: below the target
  std::string backup_suffix;  // empty: "~" beside the original, none in a backup directory

  // The run
  // What the program itself writes meanwhile, on this machine: never deleted, and not to be moved.
  std::vector<std::string> own_files;
  unsigned threads = 0;                       // 0: sized from the machine
  unsigned retries = 2;                       // per file, transient faults only
  std::chrono::milliseconds retry_wait{200};  // before the first of them
  bool retry_wait_doubles = true;             // each time, else it stays as long
  FastPaths fast_paths;
  RemoteSettings remote;
  bool whole_files = false;  // over a connection: send changed files whole, no delta
};

}  // namespace robosync
