#include "engine/session/report_codec.h"

#include <algorithm>
#include <utility>

#include "engine/wire/fields.h"

namespace robosync::session {

using apply::Event;
using base::Result;

namespace {

// Cut to what may be sent: texts for people.
std::string clipped(const std::string& text, std::size_t bytes_max) {
  return text.size() <= bytes_max ? text : text.substr(0, bytes_max);
}

template <typename A, typename T>
void event_fields(A& a, T& e) {
  a.choice(e.action, apply::Action::kOnlyTarget);
  a.choice(e.kind, tree::Kind::kBlockDevice);
  a.text(e.path, tree::kPathBytesMax);
  a.number(e.bytes);
  auto& c = e.changes;
  for (auto* flag : {&c.content, &c.size, &c.time, &c.permissions, &c.owner, &c.group, &c.acl,
                     &c.xattr, &c.kind}) {
    a.flag(*flag);
  }
  a.text(e.link_target, wire::kLinkTargetBytesMax);
  a.text(e.reason, kReasonBytesMax);
  for (auto* time : {&e.source_time, &e.target_time}) wire::time_fields(a, *time);
}

template <typename A, typename T>
void counter_fields(A& a, T& c) {
  for (auto* kind : {&c.scanned, &c.created, &c.updated, &c.metadata_updated, &c.unchanged,
                     &c.linked, &c.deleted, &c.skipped, &c.failed}) {
    a.number(kind->files);
    a.number(kind->directories);
    a.number(kind->symlinks);
    a.number(kind->others);
  }
  for (auto* number :
       {&c.removed_from_source, &c.different, &c.only_source, &c.only_target, &c.source_bytes,
        &c.transferred_bytes, &c.read_bytes, &c.written_bytes, &c.cloned_bytes, &c.cloned_files,
        &c.kernel_copied_files, &c.plain_copied_files, &c.parallel_files, &c.sparse_files,
        &c.resumed_files, &c.staged_directories, &c.retries, &c.backups, &c.leftovers_removed}) {
    a.number(*number);
  }
}

template <typename A, typename T>
void report_fields(A& a, T& r, std::optional<wire::Fault>& fatal, std::int64_t& elapsed_ns) {
  a.optional(fatal, [&](auto& fault) { wire::fault_fields(a, fault); });
  a.choice(r.outcome, Outcome::kAborted);
  counter_fields(a, r.counters);
  a.number(r.problem_count);
  a.flag(r.deletions_withheld);
  a.number(elapsed_ns);
}

template <typename A, typename T>
void problem_fields(A& a, T& path, wire::Fault& fault) {
  a.text(path, tree::kPathBytesMax);
  wire::fault_fields(a, fault);
}

template <typename A, typename T>
void progress_fields(A& a, T& p) {
  a.flag(p.total_known);
  a.number(p.entries_done);
  a.number(p.entries_total);
  a.number(p.bytes_done);
  a.number(p.bytes_total);
}

template <typename A, typename T>
void deletion_fields(A& a, T& planned) {
  a.number(planned.entries);
  a.number(planned.target_entries);
}

template <typename T, typename Fields>
Result<T> decoded(std::span<const std::byte> bytes, Fields fields) {
  wire::Decoder a(bytes);
  T value;
  fields(a, value);
  ROBOSYNC_TRY(a.finish());
  return value;
}

}  // namespace

std::string encode_events(const std::vector<Event>& events) {
  wire::Encoder a;
  a.list(events, kEventsPerFrameMax, [&](const Event& event) {
    Event sent = event;
    sent.path = clipped(event.path, tree::kPathBytesMax);
    sent.reason = clipped(event.reason, kReasonBytesMax);
    event_fields(a, sent);
  });
  return a.take();
}

Result<std::vector<Event>> decode_events(std::span<const std::byte> bytes) {
  return decoded<std::vector<Event>>(bytes, [](wire::Decoder& a, std::vector<Event>& events) {
    a.list(events, kEventsPerFrameMax, [&](Event& event) { event_fields(a, event); });
  });
}

std::string encode_problem(const tree::Problem& problem) {
  wire::Encoder a;
  wire::Fault fault = wire::to_fault(problem.error);
  const std::string path = clipped(problem.path, tree::kPathBytesMax);
  problem_fields(a, path, fault);
  return a.take();
}

Result<tree::Problem> decode_problem(std::span<const std::byte> bytes) {
  return decoded<tree::Problem>(bytes, [](wire::Decoder& a, tree::Problem& problem) {
    wire::Fault fault;
    problem_fields(a, problem.path, fault);
    problem.error = wire::to_error(fault);
  });
}

std::string encode_progress(const apply::Progress& progress) {
  wire::Encoder a;
  progress_fields(a, progress);
  return a.take();
}

Result<apply::Progress> decode_progress(std::span<const std::byte> bytes) {
  return decoded<apply::Progress>(
      bytes, [](wire::Decoder& a, apply::Progress& p) { progress_fields(a, p); });
}

std::string encode_deletions(const PlannedDeletions& planned) {
  wire::Encoder a;
  deletion_fields(a, planned);
  return a.take();
}

Result<PlannedDeletions> decode_deletions(std::span<const std::byte> bytes) {
  return decoded<PlannedDeletions>(
      bytes, [](wire::Decoder& a, PlannedDeletions& planned) { deletion_fields(a, planned); });
}

std::string encode_report(const Report& report) {
  wire::Encoder a;
  std::optional<wire::Fault> fatal;
  if (report.fatal) fatal = wire::to_fault(*report.fatal);
  std::int64_t elapsed_ns = report.elapsed.count();
  report_fields(a, report, fatal, elapsed_ns);
  return a.take();
}

Result<Report> decode_report(std::span<const std::byte> bytes) {
  return decoded<Report>(bytes, [](wire::Decoder& a, Report& report) {
    std::optional<wire::Fault> fatal;
    std::int64_t elapsed_ns = 0;
    report_fields(a, report, fatal, elapsed_ns);
    if (fatal) report.fatal = wire::to_error(*fatal);
    report.elapsed = std::chrono::nanoseconds(elapsed_ns);
  });
}

}  // namespace robosync::session
