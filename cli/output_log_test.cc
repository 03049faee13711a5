#include "cli/output_log.h"

#include <gtest/gtest.h>

#include "cli/memory_stream_testing.h"
#include "cli/report_testing.h"

namespace robosync::cli {
namespace {

using namespace std::chrono_literals;

TEST(Log, EveryChangeWithItsTime) {
  MemoryStream log;
  const Request request{.sources = {"/a b", "/c\n"}, .target = "/t", .dry_run = true};
  LogSink sink(log, request, [] { return std::chrono::system_clock::time_point(1ms); });
  EXPECT_EQ(sink.wants_events(), Observer::Wants::kChanges);
  EXPECT_FALSE(sink.wants_progress());
  sink.event({.action = Action::kCreated, .path = "x\n"});
  sink.event({.action = Action::kUnchanged, .path = "same"});
  sink.event({.action = Action::kSkipped, .path = "s"});
  sink.event({.action = Action::kRemovedFromSource, .path = "x\n"});
  sink.problem({"p", base::make_error(base::ErrorKind::kIo, "bad")});
  sink.warning("w");
  const base::Result<Report> result = idle_report();
  sink.finish({.request = request, .result = result, .exit_code = 0});
  const std::string t = "1970-01-01T00:00:00.001Z ";
  EXPECT_EQ(log.text(),
            t + "copy: /a b /c\\#012 -> /t (dry run)\n" + t + ">f+++++++++ x\\#012\n" + t +
                "removed from source x\\#012\n" + t + "error: p: bad\n" + t + "warning: w\n" + t +
                "scanned    6: 3 files, 2 directories, 1 link; 4.00 KiB\n" + t + "new        0\n" +
                t + "updated    0\n" + t + "unchanged  6: 3 files, 2 directories, 1 link\n" + t +
                "read 0 B, wrote 0 B, cloned 0 B in 0.01 s\n" + t + "up to date\n" + t +
                "(dry run) nothing was changed\n" + t + "exit code 0\n");
}

TEST(Log, ARunThatNeverBegan) {
  MemoryStream log;
  const Request request{.verb = Verb::kMirror, .sources = {"a"}, .target = "t"};
  LogSink sink(log, request, [] { return std::chrono::system_clock::time_point(0ms); });
  const base::Result<Report> result = base::fail(base::make_error(base::ErrorKind::kRefused, "no"));
  sink.finish({.request = request, .result = result, .exit_code = 4});
  const std::string t = "1970-01-01T00:00:00.000Z ";
  EXPECT_EQ(log.text(), t + "mirror: a -> t\n" + t + "error: no\n" + t + "exit code 4\n");
}

}  // namespace
}  // namespace robosync::cli
