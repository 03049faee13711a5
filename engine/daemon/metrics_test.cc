#include "engine/daemon/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/daemon/http.h"

namespace robosync::daemon {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

SessionReport full() { return {Outcome::kPartial, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10'500}; }

TEST(SessionReportTest, reads_what_it_writes) {
  const auto report = parse_report(report_text(full()));
  ASSERT_TRUE(report);
  EXPECT_EQ(*report, full());
  EXPECT_TRUE(parse_report(report_text({})));
}

TEST(SessionReportTest, anything_else_is_refused) {
  const std::string good = report_text(full());
  for (std::size_t length = 0; length < good.size() - 1; ++length) {
    if (good[length] >= '0' && good[length] <= '9') continue;
    EXPECT_FALSE(parse_report(good.substr(0, length))) << length;
  }
  EXPECT_FALSE(parse_report(good + " files=1"));
  EXPECT_FALSE(parse_report(" " + good));
  EXPECT_FALSE(parse_report("outcome=great" + good.substr(good.find(' '))));
  EXPECT_FALSE(parse_report(std::string(kReportBytesMax + 1, 'x')));
  std::string negative = good;
  negative.replace(negative.find("files=3"), 7, "files=-3");
  EXPECT_FALSE(parse_report(negative));
}

TEST(SessionReportTest, numbers_at_their_limit_and_one_past) {
  SessionReport report;
  report.files = kReportNumberMax;
  EXPECT_TRUE(parse_report(report_text(report)));
  ++report.files;
  EXPECT_FALSE(parse_report(report_text(report)));
}

// A session of exactly a bucket's length is in it.
TEST(MetricsTest, durations_at_the_bounds_of_buckets) {
  Metrics metrics;
  SessionReport report;
  report.duration_ms = 1'000;
  metrics.add(report);
  ++report.duration_ms;
  metrics.add(report);
  EXPECT_THAT(metrics.text(), HasSubstr("robosync_session_duration_seconds_bucket{le=\"1\"} 1\n"));
}

TEST(MetricsTest, adds_up_reports) {
  Metrics metrics;
  metrics.version = "1.2.3";
  metrics.add(full());
  metrics.add(full());
  metrics.turn_away(Turned::kAddress);
  metrics.connections_opening = 3;
  metrics.connections_waiting = 4;
  const std::string text = metrics.text();
  for (const char* line : {"robosync_build_info{version=\"1.2.3\"} 1\n",
                           "robosync_sessions_total{outcome=\"partial\"} 2\n",
                           "robosync_sessions_total{outcome=\"ok\"} 0\n",
                           "robosync_connections_turned_away_total{reason=\"address_limit\"} 1\n",
                           "robosync_received_bytes_total 2\n",
                           "robosync_sent_bytes_total 4\n",
                           "robosync_entries_total{kind=\"file\"} 6\n",
                           "robosync_entries_total{kind=\"directory\"} 8\n",
                           "robosync_entries_total{kind=\"special\"} 14\n",
                           "robosync_deletions_total 16\n",
                           "robosync_problems_total 18\n",
                           "robosync_session_duration_seconds_sum 21.000\n",
                           "robosync_session_duration_seconds_count 2\n",
                           "# TYPE robosync_session_duration_seconds histogram\n",
                           "robosync_session_duration_seconds_bucket{le=\"0.1\"} 0\n",
                           "robosync_session_duration_seconds_bucket{le=\"10\"} 0\n",
                           "robosync_session_duration_seconds_bucket{le=\"60\"} 2\n",
                           "robosync_session_duration_seconds_bucket{le=\"21600\"} 2\n",
                           "robosync_session_duration_seconds_bucket{le=\"+Inf\"} 2\n",
                           "robosync_connections_opening 3\n",
                           "robosync_connections_waiting 4\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

std::string asked(const std::string& request, bool healthy = true) {
  const HttpPages pages{[] { return std::string("sums\n"); }, healthy};
  return http_answer(request, pages).value_or("more");
}

TEST(HttpTest, serves_two_pages) {
  const std::string page = asked("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(page, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(page, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_TRUE(page.ends_with("\r\n\r\nsums\n"));
  EXPECT_THAT(asked("GET /healthz HTTP/1.0\n\n"), HasSubstr("ok\n"));
  EXPECT_THAT(asked("GET /healthz?x=1 HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(asked("GET /healthz HTTP/1.1\r\n\r\n", false), StartsWith("HTTP/1.1 503"));
  EXPECT_TRUE(asked("HEAD /metrics HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
}

TEST(HttpTest, refuses_everything_else) {
  EXPECT_THAT(asked("GET / HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(asked("GET /../metrics HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 404"));
  EXPECT_THAT(asked("POST /metrics HTTP/1.1\r\n\r\n"), StartsWith("HTTP/1.1 405"));
  for (const char* request : {"GET /metrics\r\n\r\n", "\r\n\r\n", "GET\r\n\r\n", "a b c\r\n\r\n"}) {
    EXPECT_THAT(asked(request), StartsWith("HTTP/1.1 400")) << request;
  }
}

TEST(HttpTest, waits_for_the_end_of_the_head_up_to_its_limit) {
  EXPECT_EQ(asked("GET /metrics HTTP/1.1\r\nHost: x\r\n"), "more");
  EXPECT_EQ(asked(""), "more");
  EXPECT_EQ(asked(std::string(kHttpRequestBytesMax, 'x')), "more");
  EXPECT_THAT(asked(std::string(kHttpRequestBytesMax + 1, 'x')), StartsWith("HTTP/1.1 431"));
}

}  // namespace
}  // namespace robosync::daemon
