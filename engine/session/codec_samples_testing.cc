#include "engine/session/codec_samples_testing.h"

#include <chrono>
#include <memory>
#include <string>

namespace robosync::session {

namespace {

// Counters without two that are the same, so that none can stand for another.
Counters full_counters() {
  Counters c;
  std::uint64_t next = 1;
  for (Counters::ByKind* kind : {&c.scanned, &c.created, &c.updated, &c.metadata_updated,
                                 &c.unchanged, &c.linked, &c.deleted, &c.skipped, &c.failed}) {
    *kind = {.files = next, .directories = next + 1, .symlinks = next + 2, .others = next + 3};
    next += 4;
  }
  for (std::uint64_t* number :
       {&c.removed_from_source, &c.different, &c.only_source, &c.only_target, &c.source_bytes,
        &c.transferred_bytes, &c.read_bytes, &c.written_bytes, &c.cloned_bytes, &c.cloned_files,
        &c.kernel_copied_files, &c.plain_copied_files, &c.parallel_files, &c.sparse_files,
        &c.resumed_files, &c.staged_directories, &c.retries, &c.backups, &c.leftovers_removed}) {
    *number = next++;
  }
  return c;
}

// Each to what it is not by default.
void change_flags(Request& r) {
  for (bool* flag : {&r.dry_run,
                     &r.ignore_one_hour,
                     &r.update_only_newer,
                     &r.leave_older,
                     &r.leave_changed,
                     &r.leave_mismatched,
                     &r.existing_only,
                     &r.ignore_existing,
                     &r.one_file_system,
                     &r.prune_empty_directories,
                     &r.delete_pruned,
                     &r.delete_excluded,
                     &r.allow_empty_source,
                     &r.keep_permissions,
                     &r.keep_times,
                     &r.keep_directory_times,
                     &r.keep_owner,
                     &r.keep_group,
                     &r.keep_devices,
                     &r.keep_hard_links,
                     &r.keep_xattrs,
                     &r.keep_acls,
                     &r.keep_streams,
                     &r.numeric_ids,
                     &r.sparse,
                     &r.in_place,
                     &r.keep_partial,
                     &r.preallocate,
                     &r.fsync,
                     &r.verify_after,
                     &r.backup,
                     &r.retry_wait_doubles,
                     &r.whole_files}) {
    *flag = !*flag;
  }
}

}  // namespace

Opening full_opening() {
  Opening opening{.role = ClientRole::kTarget, .verb = Verb::kMirror, .dry_run = true};
  opening.module = "m";
  opening.paths = {"a", "b/c"};
  opening.token_id = "id";
  opening.proof = "p";
  opening.more_connections = true;
  return opening;
}

SentRequest full_request() {
  SentRequest sent;
  Request& r = sent.request;
  r.verb = Verb::kVerify;
  r.comparison = Comparison::kAlways;
  r.digest = DigestKind::kSha256;
  r.modify_window_ns = 2'000'000'000;
  r.filters = {{.form = tree::FilterArgument::Form::kIncludeFile,
                .text = std::string("a\0b", 3),
                .nul_separated = true,
                .file_name = "rules"}};
  r.files_from = std::make_shared<const tree::FileList>(
      *tree::FileList::parse("a/b\nc/\n", tree::FileList::Separator::kNewline));
  r.size_min = 1;
  r.size_max = UINT64_MAX;
  r.age_min = std::chrono::seconds(3);
  r.age_max = std::chrono::nanoseconds::max();
  r.attributes_any = tree::kAttributeArchive;
  r.attributes_none = tree::kLetteredAttributes;
  r.attributes_set = tree::kStoredAttributes;
  r.attributes_cleared = tree::kAttributeHidden;
  r.links = LinkPolicy::kSkip;
  r.links_left_out = LinksLeftOut::kToDirectories;
  r.junctions = JunctionPolicy::kFollow;
  r.illegal_names = IllegalNames::kMap;
  r.delete_limit = {.count = 7, .percent = 12.5};
  r.chmod = *tree::ModeChange::parse("D755,F644");
  r.reflink = Reflink::kNever;
  r.bytes_per_second_max = 1'000'000;
  r.backup_dir = "old";
  r.backup_suffix = ".bak";
  r.retries = 5;
  r.retry_wait = std::chrono::milliseconds(7);
  change_flags(r);
  sent.rule_files = {{"/rules", "- *.o\n"}, {"more", ""}};
  sent.wants = apply::Observer::Wants::kEverything;
  sent.wants_progress = true;
  return sent;
}

Report full_report() {
  Report report;
  report.fatal = base::make_error(base::ErrorKind::kNoSpace, "full");
  report.outcome = Outcome::kAborted;
  report.counters = full_counters();
  report.problem_count = 1001;
  report.deletions_withheld = true;
  report.elapsed = std::chrono::nanoseconds(12'345);
  return report;
}

std::vector<Event> full_events() {
  Event event;
  event.action = Action::kOnlyTarget;
  event.kind = tree::Kind::kBlockDevice;
  event.path = "a/b";
  event.bytes = 5;
  event.changes = {.content = true,
                   .size = true,
                   .time = true,
                   .permissions = true,
                   .owner = true,
                   .group = true,
                   .acl = true,
                   .xattr = true,
                   .kind = true};
  event.link_target = "there";
  event.reason = "because";
  event.source_time = {.seconds = -1, .nanoseconds = 2};
  event.target_time = {.seconds = 3, .nanoseconds = 4};
  std::vector<Event> events = {event, Event()};
  // Each flag by itself: none stands for another.
  for (bool Changes::* flag :
       {&Changes::content, &Changes::size, &Changes::time, &Changes::permissions, &Changes::owner,
        &Changes::group, &Changes::acl, &Changes::xattr, &Changes::kind}) {
    events.emplace_back().changes.*flag = true;
  }
  return events;
}

}  // namespace robosync::session
