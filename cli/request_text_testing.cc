#include "cli/request_text_testing.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <type_traits>

namespace robosync::cli {
namespace {

class Lines {
 public:
  template <typename T>
  void add(std::string_view name, const T& value) {
    if constexpr (std::is_enum_v<T>) {
      lines_.push_back(fmt::format("{}={}", name, static_cast<int>(value)));
    } else {
      lines_.push_back(fmt::format("{}={}", name, value));
    }
  }
  template <typename T>
  void add_optional(std::string_view name, const std::optional<T>& value) {
    lines_.push_back(value ? fmt::format("{}={}", name, *value) : fmt::format("{}=none", name));
  }
  [[nodiscard]] std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::vector<std::string> lines_;
};

std::optional<long long> count_of(const std::optional<std::chrono::nanoseconds>& time) {
  if (!time) return std::nullopt;
  return time->count();
}

std::vector<std::string> filter_lines(const std::vector<tree::FilterArgument>& filters) {
  std::vector<std::string> lines;
  lines.reserve(filters.size());
  for (const tree::FilterArgument& filter : filters) {
    lines.push_back(fmt::format("{}:{}{}", static_cast<int>(filter.form), filter.text,
                                filter.nul_separated ? ":nul" : ""));
  }
  return lines;
}

std::string names_below(const tree::FileList::Node& node) {
  std::string text;
  for (const auto& [name, child] : node.children) {
    text += fmt::format("<{}{}>", name, names_below(*child));
  }
  return text;
}

void add_fast_paths(Lines& lines, const FastPaths& paths) {
  // A structured binding names every field: one more field, and this does not compile.
  const auto& [clone, copy_range, parallel_ranges, staged_directories, holes] = paths;
  lines.add("clone", clone);
  lines.add("copy_range", copy_range);
  lines.add("parallel_ranges", parallel_ranges);
  lines.add("staged_directories", staged_directories);
  lines.add("holes", holes);
}

void add_output(Lines& lines, const OutputSettings& output) {
  const auto& [json, quiet, stats, assume_yes, verbosity, itemize, progress, log_file] = output;
  lines.add("json", json);
  lines.add("quiet", quiet);
  lines.add("stats", stats);
  lines.add("assume_yes", assume_yes);
  lines.add("verbosity", verbosity);
  lines.add("itemize", itemize);
  lines.add("progress", progress);
  lines.add("log_file", log_file);
}

void add_remote(Lines& lines, const RemoteSettings& remote) {
  lines.add("token_file", remote.token_file);
  lines.add("ca_file", remote.ca_file);
  lines.add("fingerprint", remote.fingerprint);
  lines.add("certificate_file", remote.certificate_file);
  lines.add("key_file", remote.key_file);
  lines.add("known_hosts_file", remote.known_hosts_file);
  lines.add("shell", fmt::format("{}", fmt::join(remote.shell, "|")));
  lines.add("remote_program", remote.remote_program);
  lines.add("connect_time_ms", remote.connect_time.count());
  lines.add("connections", remote.connections);
  lines.add("no_progress_time_ms", remote.no_progress_time.count());
  lines.add("compress", remote.compress);
}

void add_kept(Lines& lines, const Request& request) {
  lines.add("keep_permissions", request.keep_permissions);
  lines.add("keep_times", request.keep_times);
  lines.add("keep_directory_times", request.keep_directory_times);
  lines.add("keep_owner", request.keep_owner);
  lines.add("keep_group", request.keep_group);
  lines.add("keep_devices", request.keep_devices);
  lines.add("keep_hard_links", request.keep_hard_links);
  lines.add("keep_xattrs", request.keep_xattrs);
  lines.add("keep_acls", request.keep_acls);
  lines.add("keep_streams", request.keep_streams);
  lines.add("numeric_ids", request.numeric_ids);
  lines.add("chmod", request.chmod.text());
  lines.add("attributes_set", request.attributes_set);
  lines.add("attributes_cleared", request.attributes_cleared);
}

void add_request(Lines& lines, const Request& request) {
  const auto& [verb, sources, target, dry_run, comparison, digest, modify_window_ns,
               ignore_one_hour, update_only_newer, leave_older, leave_changed, leave_mismatched,
               existing_only, ignore_existing, empty_files, filters, files_from, size_min, size_max,
               age_min, age_max, attributes_any, attributes_none, reset_archive, links,
               links_left_out, junctions, links_fallback, illegal_names, one_file_system,
               prune_empty_directories, delete_pruned, delete_excluded, allow_empty_source,
               delete_limit, keep_permissions, keep_times, keep_directory_times, keep_owner,
               keep_group, keep_devices, keep_hard_links, keep_xattrs, keep_acls, keep_streams,
               numeric_ids, chmod, attributes_set, attributes_cleared, sparse, in_place,
               keep_partial, preallocate, fsync, verify_after, reflink, bytes_per_second_max,
               backup, backup_dir, backup_suffix, own_files, threads, retries, retry_wait,
               retry_wait_doubles, fast_paths, remote, whole_files] = request;
  lines.add("verb", verb);
  lines.add("sources", fmt::format("{}", fmt::join(sources, "|")));
  lines.add("target", target);
  lines.add("dry_run", dry_run);
  lines.add("comparison", comparison);
  lines.add("digest", digest);
  lines.add("modify_window_ns", modify_window_ns);
  lines.add("ignore_one_hour", ignore_one_hour);
  lines.add("update_only_newer", update_only_newer);
  lines.add("leave_older", leave_older);
  lines.add("leave_changed", leave_changed);
  lines.add("leave_mismatched", leave_mismatched);
  lines.add("existing_only", existing_only);
  lines.add("ignore_existing", ignore_existing);
  lines.add("empty_files", empty_files);
  lines.add("filters", fmt::format("{}", fmt::join(filter_lines(filters), "|")));
  lines.add("files_from", files_from ? names_below(files_from->root()) : "none");
  lines.add_optional("size_min", size_min);
  lines.add_optional("size_max", size_max);
  lines.add_optional("age_min", count_of(age_min));
  lines.add_optional("age_max", count_of(age_max));
  lines.add("attributes_any", attributes_any);
  lines.add("attributes_none", attributes_none);
  lines.add("reset_archive", reset_archive);
  lines.add("links", links);
  lines.add("links_left_out", links_left_out);
  lines.add("junctions", junctions);
  lines.add("links_fallback", links_fallback);
  lines.add("illegal_names", illegal_names);
  lines.add("one_file_system", one_file_system);
  lines.add("prune_empty_directories", prune_empty_directories);
  lines.add("delete_pruned", delete_pruned);
  lines.add("delete_excluded", delete_excluded);
  lines.add("allow_empty_source", allow_empty_source);
  lines.add_optional("delete_count", delete_limit.count);
  lines.add_optional("delete_percent", delete_limit.percent);
  add_kept(lines, request);
  lines.add("sparse", sparse);
  lines.add("in_place", in_place);
  lines.add("keep_partial", keep_partial);
  lines.add("preallocate", preallocate);
  lines.add("fsync", fsync);
  lines.add("verify_after", verify_after);
  lines.add("reflink", reflink);
  lines.add("bytes_per_second_max", bytes_per_second_max);
  lines.add("backup", backup);
  lines.add("backup_dir", backup_dir);
  lines.add("backup_suffix", backup_suffix);
  lines.add("own_files", fmt::format("{}", fmt::join(own_files, "|")));
  lines.add("threads", threads);
  lines.add("retries", retries);
  lines.add("retry_wait_ms", retry_wait.count());
  lines.add("retry_wait_doubles", retry_wait_doubles);
  add_fast_paths(lines, fast_paths);
  add_remote(lines, remote);
  lines.add("whole_files", whole_files);
}

}  // namespace

std::vector<std::string> request_lines(const Invocation& invocation) {
  Lines lines;
  add_request(lines, invocation.request);
  add_output(lines, invocation.output);
  return lines.take();
}

std::vector<std::string> changed_lines(const Invocation& plain, const Invocation& changed) {
  const std::vector<std::string> before = request_lines(plain);
  std::vector<std::string> different;
  for (const std::string& line : request_lines(changed)) {
    if (std::ranges::find(before, line) == before.end()) different.push_back(line);
  }
  return different;
}

CommandLineContext bare_context() {
  return {
      .read_file = [](const std::string& path, std::uint64_t /*bytes_max*/)
          -> base::Result<std::string> { return "content of " + path; },
      .variable = [](const std::string&) -> std::optional<std::string> { return std::nullopt; }};
}

}  // namespace robosync::cli
