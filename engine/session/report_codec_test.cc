#include "engine/session/report_codec.h"

#include <gtest/gtest.h>

#include <random>
#include <tuple>

#include "engine/session/codec_samples_testing.h"

namespace robosync::session {
namespace {

// A new field breaks the bindings below: it has to be told whether it travels, and its value.

auto fields(const Counters::ByKind& kind) {
  const auto& [files, directories, symlinks, others] = kind;
  return std::tuple(files, directories, symlinks, others);
}

auto fields(const Counters& counters) {
  const auto& [scanned, created, updated, metadata_updated, unchanged, linked, deleted, skipped,
               failed, removed_from_source, different, only_source, only_target, source_bytes,
               transferred_bytes, read_bytes, written_bytes, cloned_bytes, cloned_files,
               kernel_copied_files, plain_copied_files, parallel_files, sparse_files, resumed_files,
               staged_directories, retries, backups, leftovers_removed] = counters;
  return std::tuple_cat(
      fields(scanned), fields(created), fields(updated), fields(metadata_updated),
      fields(unchanged), fields(linked), fields(deleted), fields(skipped), fields(failed),
      std::tuple(removed_from_source, different, only_source, only_target, source_bytes,
                 transferred_bytes, read_bytes, written_bytes, cloned_bytes, cloned_files,
                 kernel_copied_files, plain_copied_files, parallel_files, sparse_files,
                 resumed_files, staged_directories, retries, backups, leftovers_removed));
}

auto fields(const Event& event) {
  const auto& [action, kind, path, bytes, changes, link_target, reason, source_time, target_time] =
      event;
  const auto& [content, size, time, permissions, owner, group, acl, xattr, is_kind] = changes;
  return std::tuple(action, kind, path, bytes, content, size, time, permissions, owner, group, acl,
                    xattr, is_kind, link_target, reason, source_time, target_time);
}

std::span<const std::byte> bytes_of(const std::string& text) {
  return std::as_bytes(std::span(text));
}

TEST(ReportCodecTest, EveryFieldArrives) {
  const Report sent = full_report();
  const std::string bytes = encode_report(sent);
  const auto back = decode_report(bytes_of(bytes));
  ASSERT_TRUE(back) << back.error().message();
  const auto& [fatal, outcome, counters, problems, problem_count, deletions_withheld, elapsed] =
      *back;
  ASSERT_TRUE(fatal);
  EXPECT_EQ(fatal->kind, sent.fatal->kind);
  EXPECT_EQ(fatal->message(), sent.fatal->message());
  EXPECT_EQ(outcome, sent.outcome);
  EXPECT_EQ(fields(counters), fields(sent.counters));
  EXPECT_TRUE(problems.empty());  // they travel one by one
  EXPECT_EQ(problem_count, sent.problem_count);
  EXPECT_EQ(deletions_withheld, sent.deletions_withheld);
  EXPECT_EQ(elapsed, sent.elapsed);
}

TEST(ReportCodecTest, EveryFieldOfAnEventArrives) {
  const std::vector<Event> sent = full_events();
  const std::string bytes = encode_events(sent);
  const auto back = decode_events(bytes_of(bytes));
  ASSERT_TRUE(back) << back.error().message();
  ASSERT_EQ(back->size(), sent.size());
  for (std::size_t i = 0; i < sent.size(); ++i) EXPECT_EQ(fields((*back)[i]), fields(sent[i])) << i;
}

TEST(ReportCodecTest, TheRestArrives) {
  const std::string problem =
      encode_problem({"a/b", base::make_error(base::ErrorKind::kPermission, "no")});
  const auto problem_back = decode_problem(bytes_of(problem));
  ASSERT_TRUE(problem_back);
  EXPECT_EQ(problem_back->path, "a/b");
  EXPECT_EQ(problem_back->error.kind, base::ErrorKind::kPermission);

  const std::string progress = encode_progress({.total_known = true,
                                                .entries_done = 1,
                                                .entries_total = 2,
                                                .bytes_done = 3,
                                                .bytes_total = 4});
  const auto progress_back = decode_progress(bytes_of(progress));
  ASSERT_TRUE(progress_back);
  const auto& [total_known, entries_done, entries_total, bytes_done, bytes_total] = *progress_back;
  EXPECT_EQ(std::tuple(total_known, entries_done, entries_total, bytes_done, bytes_total),
            std::tuple(true, 1U, 2U, 3U, 4U));

  const std::string deletions = encode_deletions({.entries = 5, .target_entries = 6});
  const auto deletions_back = decode_deletions(bytes_of(deletions));
  ASSERT_TRUE(deletions_back);
  const auto& [entries, target_entries] = *deletions_back;
  EXPECT_EQ(std::tuple(entries, target_entries), std::tuple(5U, 6U));
}

TEST(ReportCodecTest, TextsThatAreTooLongAreCut) {
  Event event;
  event.reason.assign(kReasonBytesMax + 1, 'r');
  const std::string bytes = encode_events({event});
  const auto back = decode_events(bytes_of(bytes));
  ASSERT_TRUE(back) << back.error().message();
  EXPECT_EQ(back->front().reason.size(), kReasonBytesMax);
}

TEST(ReportCodecTest, WhatIsCutOffIsRefused) {
  const std::string report = encode_report(full_report());
  for (std::size_t size = 0; size < report.size(); ++size) {
    EXPECT_FALSE(decode_report(bytes_of(report).first(size))) << size;
  }
  const std::string events = encode_events(full_events());
  for (std::size_t size = 0; size < events.size(); ++size) {
    EXPECT_FALSE(decode_events(bytes_of(events).first(size))) << size;
  }
}

TEST(ReportCodecTest, ChangedBytesAreRefusedOrMeanSomething) {
  const std::string report = encode_report(full_report());
  const std::string events = encode_events(full_events());
  std::mt19937_64 random(1);
  std::size_t taken = 0;
  for (int i = 0; i < 5000; ++i) {
    std::string changed = report;
    changed[random() % changed.size()] = static_cast<char>(random());
    if (const auto back = decode_report(bytes_of(changed))) {
      ++taken;
      const std::string again = encode_report(*back);
      EXPECT_TRUE(decode_report(bytes_of(again)));
    }
    changed = events;
    changed[random() % changed.size()] = static_cast<char>(random());
    if (const auto back = decode_events(bytes_of(changed))) {
      ++taken;
      const std::string again = encode_events(*back);
      EXPECT_TRUE(decode_events(bytes_of(again)));
    }
  }
  EXPECT_GT(taken, 0U);
}

TEST(ReportCodecTest, PathsLongerThanMayBeSentAreCut) {
  apply::Event event;
  event.path = std::string(tree::kPathBytesMax + 1, 'p');
  const auto back = decode_events(bytes_of(encode_events({event})));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->front().path.size(), tree::kPathBytesMax);
}

}  // namespace
}  // namespace robosync::session
