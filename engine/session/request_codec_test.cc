#include "engine/session/request_codec.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "engine/session/codec_samples_testing.h"

namespace robosync::session {
namespace {

// Everything that travels, for comparison. A new field breaks the binding: it has to be told here
// whether it travels, and in full_request() what its value is.
auto travelling(const Request& request) {
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
  // Of this machine only.
  (void)sources, (void)target, (void)own_files, (void)threads, (void)fast_paths, (void)remote;
  (void)empty_files, (void)reset_archive, (void)links_fallback;
  const auto& [count, percent] = delete_limit;
  std::vector<std::tuple<tree::FilterArgument::Form, std::string, bool, std::string>> rules;
  rules.reserve(filters.size());
  for (const auto& [form, text, nul_separated, file_name] : filters) {
    rules.emplace_back(form, text, nul_separated, file_name);
  }
  return std::tuple_cat(
      std::tuple(verb, dry_run, comparison, digest, modify_window_ns, ignore_one_hour,
                 update_only_newer, leave_older, leave_changed, leave_mismatched, existing_only,
                 ignore_existing, rules, files_from ? files_from->text() : "none", size_min,
                 size_max, age_min, age_max, attributes_any, attributes_none, links, links_left_out,
                 junctions, illegal_names, one_file_system, prune_empty_directories, delete_pruned,
                 delete_excluded, allow_empty_source, count, percent),
      std::tuple(keep_permissions, keep_times, keep_directory_times, keep_owner, keep_group,
                 keep_devices, keep_hard_links, keep_xattrs, keep_acls, keep_streams, numeric_ids,
                 chmod.text(), attributes_set, attributes_cleared, sparse, in_place, keep_partial,
                 preallocate, fsync, verify_after, reflink, bytes_per_second_max, backup,
                 backup_dir, backup_suffix, retries, retry_wait, retry_wait_doubles, whole_files));
}

template <std::size_t... I>
void expect_each_differs(const auto& a, const auto& b, std::index_sequence<I...> /*all*/) {
  const auto differs = [](std::size_t field, bool it_does) { EXPECT_TRUE(it_does) << field; };
  (differs(I, std::get<I>(a) != std::get<I>(b)), ...);
}

TEST(RequestCodecTest, EveryFieldArrives) {
  const SentRequest sent = full_request();
  const auto fields = travelling(sent.request);
  expect_each_differs(fields, travelling(Request()),
                      std::make_index_sequence<std::tuple_size_v<decltype(fields)>>());
  const auto bytes = encode_request(sent);
  ASSERT_TRUE(bytes);
  const auto back = decode_request(*bytes);
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(travelling(back->request), fields);
  const auto& [request, rule_files, wants, wants_progress] = *back;
  EXPECT_EQ(rule_files, sent.rule_files);
  EXPECT_EQ(wants, sent.wants);
  EXPECT_EQ(wants_progress, sent.wants_progress);
}

TEST(RequestCodecTest, InitialValuesArrive) {
  const auto back = decode_request(*encode_request({}));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(travelling(back->request), travelling(Request()));
}

TEST(RequestCodecTest, WhatIsCutOffIsRefused) {
  const std::string bytes = *encode_request(full_request());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto back = decode_request(std::string_view(bytes).substr(0, size));
    ASSERT_FALSE(back) << size;
    EXPECT_EQ(back.error().kind, base::ErrorKind::kProtocol);
  }
}

// Whatever is taken can be sent on, and means the same then.
TEST(RequestCodecTest, ChangedBytesAreRefusedOrMeanSomething) {
  const std::string bytes = *encode_request(full_request());
  std::mt19937_64 random(1);
  std::size_t taken = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string changed = bytes;
    for (std::uint64_t edits = 1 + random() % 3; edits > 0; --edits) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    const auto first = decode_request(changed);
    if (!first) continue;
    ++taken;
    const auto again = decode_request(*encode_request(*first));
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_EQ(travelling(again->request), travelling(first->request));
  }
  EXPECT_GT(taken, 0U);
}

}  // namespace
}  // namespace robosync::session
