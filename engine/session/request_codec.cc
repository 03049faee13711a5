#include "engine/session/request_codec.h"

#include <bit>

#include "engine/wire/fields.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

constexpr std::size_t kArgumentsMax = 100'000;
constexpr std::int64_t kDurationMaxMs = 24LL * 3600 * 1000;
constexpr unsigned kRetriesMax = 1000;
// Sums with times must not overflow.
constexpr std::int64_t kWindowMaxNs = INT64_MAX / 2;

bool is_negative(const std::optional<std::chrono::nanoseconds>& age) {
  return age && age->count() < 0;
}

template <typename A, typename T>
void duration_field(A& a, T& duration) {
  if constexpr (A::kDecodes) {
    std::int64_t count = 0;
    a.number(count);
    duration = std::remove_reference_t<T>(count);
  } else {
    a.number(static_cast<std::int64_t>(duration.count()));
  }
}

template <typename A, typename T>
void filter_fields(A& a, T& argument) {
  a.choice(argument.form, tree::FilterArgument::Form::kIncludeFile);
  a.text(argument.text, kRequestBytesMax);
  a.flag(argument.nul_separated);
  a.text(argument.file_name, tree::kPathBytesMax);
}

template <typename A, typename T>
void comparison_fields(A& a, T& r) {
  a.choice(r.verb, Verb::kVerify);
  a.flag(r.dry_run);
  a.choice(r.comparison, Comparison::kAlways);
  a.choice(r.digest, DigestKind::kSha256);
  a.number(r.modify_window_ns);
  a.flag(r.ignore_one_hour);
  a.flag(r.update_only_newer);
  a.flag(r.leave_older);
  a.flag(r.leave_changed);
  a.flag(r.leave_mismatched);
  a.flag(r.existing_only);
  a.flag(r.ignore_existing);
}

template <typename A, typename T>
void selection_fields(A& a, T& r) {
  a.list(r.filters, kArgumentsMax, [&](auto& argument) { filter_fields(a, argument); });
  a.optional(r.size_min, [&](auto& bytes) { a.number(bytes); });
  a.optional(r.size_max, [&](auto& bytes) { a.number(bytes); });
  a.optional(r.age_min, [&](auto& age) { duration_field(a, age); });
  a.optional(r.age_max, [&](auto& age) { duration_field(a, age); });
  a.number(r.attributes_any);
  a.number(r.attributes_none);
  a.choice(r.links, LinkPolicy::kSkip);
  a.choice(r.links_left_out, LinksLeftOut::kToDirectories);
  a.choice(r.junctions, JunctionPolicy::kSkip);
  a.choice(r.illegal_names, IllegalNames::kMap);
  a.flag(r.one_file_system);
  a.flag(r.prune_empty_directories);
  a.flag(r.delete_pruned);
  a.flag(r.delete_excluded);
  a.flag(r.allow_empty_source);
  a.optional(r.delete_limit.count, [&](auto& count) { a.number(count); });
  a.optional(r.delete_limit.percent, [&](auto& percent) {
    if constexpr (A::kDecodes) {
      std::uint64_t bits = 0;
      a.number(bits);
      percent = std::bit_cast<double>(bits);
      if (!(percent >= 0 && percent <= 100)) a.fault("a share that is none");
    } else {
      a.number(std::bit_cast<std::uint64_t>(percent));
    }
  });
}

template <typename A, typename T>
void keeping_fields(A& a, T& r) {
  for (auto* flag :
       {&r.keep_permissions, &r.keep_times, &r.keep_directory_times, &r.keep_owner, &r.keep_group,
        &r.keep_devices, &r.keep_hard_links, &r.keep_xattrs, &r.keep_acls, &r.keep_streams,
        &r.numeric_ids, &r.sparse, &r.in_place, &r.keep_partial, &r.preallocate, &r.fsync,
        &r.verify_after, &r.backup, &r.whole_files}) {
    a.flag(*flag);
  }
  a.number(r.attributes_set);
  a.number(r.attributes_cleared);
  a.choice(r.reflink, Reflink::kNever);
  a.number(r.bytes_per_second_max);
  a.text(r.backup_dir, tree::kPathBytesMax);
  a.text(r.backup_suffix, tree::kComponentBytesMax);
  a.number(r.retries);
  duration_field(a, r.retry_wait);
  a.flag(r.retry_wait_doubles);
}

// The text that an option was parsed from; parsed again over there.
template <typename A, typename T>
void texts(A& a, T& sent, std::string& chmod, std::optional<std::string>& files_from) {
  a.text(chmod, tree::kPathBytesMax);
  a.optional(files_from, [&](auto& text) { a.text(text, kRequestBytesMax); });
  std::vector<std::pair<std::string, std::string>> files(sent.rule_files.begin(),
                                                         sent.rule_files.end());
  a.list(files, kArgumentsMax, [&](auto& file) {
    a.text(file.first, tree::kPathBytesMax);
    a.text(file.second, kRequestBytesMax);
  });
  if constexpr (A::kDecodes) {
    sent.rule_files = RuleFiles(files.begin(), files.end());
  }
  a.choice(sent.wants, apply::Observer::Wants::kEverything);
  a.flag(sent.wants_progress);
}

}  // namespace

Result<std::string> encode_request(const SentRequest& sent) {
  wire::Encoder a;
  const Request& r = sent.request;
  std::string chmod = r.chmod.text();
  std::optional<std::string> files_from;
  if (r.files_from) files_from = r.files_from->text();
  std::size_t bytes = chmod.size() + (files_from ? files_from->size() : 0);
  for (const tree::FilterArgument& filter : r.filters) bytes += filter.text.size();
  for (const auto& [path, content] : sent.rule_files) bytes += path.size() + content.size();
  if (bytes > kRequestBytesMax / 2 || chmod.size() > tree::kPathBytesMax) {
    return fail(make_error(ErrorKind::kLimit, "the filters and file lists are too large to send"));
  }
  if (r.backup_suffix.size() > tree::kComponentBytesMax ||
      r.backup_dir.size() > tree::kPathBytesMax) {
    return fail(make_error(ErrorKind::kUsage, "--suffix or --backup-dir is longer than any name"));
  }
  comparison_fields(a, r);
  selection_fields(a, r);
  keeping_fields(a, r);
  texts(a, sent, chmod, files_from);
  return a.take();
}

Result<SentRequest> decode_request(std::string_view bytes) {
  wire::Decoder a(bytes);
  SentRequest sent;
  Request& r = sent.request;
  std::string chmod;
  std::optional<std::string> files_from;
  comparison_fields(a, r);
  selection_fields(a, r);
  keeping_fields(a, r);
  texts(a, sent, chmod, files_from);
  ROBOSYNC_TRY(a.finish());
  if (r.retry_wait.count() < 0 || r.retry_wait.count() > kDurationMaxMs ||
      r.retries > kRetriesMax || r.modify_window_ns < 0 || r.modify_window_ns > kWindowMaxNs ||
      ((r.attributes_any | r.attributes_none) & ~tree::kLetteredAttributes) != 0 ||
      ((r.attributes_set | r.attributes_cleared) & ~tree::kStoredAttributes) != 0 ||
      is_negative(r.age_min) || is_negative(r.age_max)) {
    return fail(make_error(ErrorKind::kProtocol, "a request with numbers out of range"));
  }
  if (!chmod.empty()) {
    ROBOSYNC_ASSIGN(r.chmod, tree::ModeChange::parse(chmod));
  }
  if (files_from) {
    ROBOSYNC_ASSIGN(tree::FileList list,
                    tree::FileList::parse(*files_from, tree::FileList::Separator::kNul));
    r.files_from = std::make_shared<const tree::FileList>(std::move(list));
  }
  return sent;
}

}  // namespace robosync::session
