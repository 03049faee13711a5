#include "engine/session/request_codec.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

namespace robosync::session {
namespace {

// Everything that travels, for comparison. A new field breaks the binding: it has to be told here
// whether it travels, and in full_request() what its value is.
auto travelling(const Request& request) {
  const auto& [verb, sources, target, dry_run, comparison, digest, modify_window_ns,
               update_only_newer, existing_only, ignore_existing, filters, files_from, size_min,
               size_max, age_min, age_max, links, one_file_system, prune_empty_directories,
               delete_excluded, allow_empty_source, delete_limit, keep_permissions, keep_times,
               keep_owner, keep_group, keep_devices, keep_hard_links, keep_xattrs, keep_acls,
               numeric_ids, chmod, sparse, in_place, keep_partial, preallocate, fsync, verify_after,
               reflink, bytes_per_second_max, backup, backup_dir, backup_suffix, threads, retries,
               retry_wait, fast_paths, remote, whole_files] = request;
  // Of this machine only.
  (void)sources, (void)target, (void)threads, (void)fast_paths, (void)remote;
  const auto& [count, percent] = delete_limit;
  std::vector<std::tuple<tree::FilterArgument::Form, std::string, bool, std::string>> rules;
  rules.reserve(filters.size());
  for (const auto& [form, text, nul_separated, file_name] : filters) {
    rules.emplace_back(form, text, nul_separated, file_name);
  }
  return std::tuple_cat(
      std::tuple(verb, dry_run, comparison, digest, modify_window_ns, update_only_newer,
                 existing_only, ignore_existing, rules, files_from ? files_from->text() : "none",
                 size_min, size_max, age_min, age_max, links, one_file_system,
                 prune_empty_directories, delete_excluded, allow_empty_source, count, percent),
      std::tuple(keep_permissions, keep_times, keep_owner, keep_group, keep_devices,
                 keep_hard_links, keep_xattrs, keep_acls, numeric_ids, chmod.text(), sparse,
                 in_place, keep_partial, preallocate, fsync, verify_after, reflink,
                 bytes_per_second_max, backup, backup_dir, backup_suffix, retries, retry_wait,
                 whole_files));
}

// No field that travels has its initial value.
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
  r.links = LinkPolicy::kSkip;
  r.delete_limit = {.count = 7, .percent = 12.5};
  r.chmod = *tree::ModeChange::parse("D755,F644");
  r.reflink = Reflink::kNever;
  r.bytes_per_second_max = 1'000'000;
  r.backup_dir = "old";
  r.backup_suffix = ".bak";
  r.retries = 5;
  r.retry_wait = std::chrono::milliseconds(7);
  for (bool* flag : {&r.dry_run,         &r.update_only_newer,  &r.existing_only,
                     &r.ignore_existing, &r.one_file_system,    &r.prune_empty_directories,
                     &r.delete_excluded, &r.allow_empty_source, &r.keep_permissions,
                     &r.keep_times,      &r.keep_owner,         &r.keep_group,
                     &r.keep_devices,    &r.keep_hard_links,    &r.keep_xattrs,
                     &r.keep_acls,       &r.numeric_ids,        &r.sparse,
                     &r.in_place,        &r.keep_partial,       &r.preallocate,
                     &r.fsync,           &r.verify_after,       &r.backup,
                     &r.whole_files}) {
    *flag = !*flag;
  }
  sent.rule_files = {{"/rules", "- *.o\n"}, {"more", ""}};
  sent.wants = apply::Observer::Wants::kEverything;
  sent.wants_progress = true;
  return sent;
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
