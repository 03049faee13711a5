// Many entries, few and many threads: every run ends, and ends equal.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using fs::Operation;

class Scale : public SyncTest {
 protected:
  static std::string wide(int directories, int files) {
    std::string spec;
    for (int d = 0; d < directories; ++d) {
      for (int f = 0; f < files; ++f) {
        spec +=
            "d" + std::to_string(d) + "/f" + std::to_string(f) + " = " + std::to_string(f) + "\n";
      }
    }
    return spec;
  }
  void check(unsigned threads) {
    memory.build("/dst" + std::to_string(threads), "");
    Request request = this->request(Verb::kMirror);
    request.threads = threads;
    request.target = "/dst" + std::to_string(threads);
    observer.wants = Observer::Wants::kNothing;
    const Report report = run(request);
    EXPECT_EQ(to_string(report.outcome), "ok");
    EXPECT_TRUE(adds_up(report.counters));
    EXPECT_EQ(memory.dump(request.target, kFullText), source());
    EXPECT_EQ(memory.open_handles(), 0U);
  }
};

TEST_F(Scale, TenThousandEntries) {
  memory.build("/src", wide(100, 100));
  for (const unsigned threads : {1U, 8U}) check(threads);
}

TEST_F(Scale, OneWideDirectory) {
  for (const int count : {1, 33, 64, 65, 129, 3000}) {
    SCOPED_TRACE(count);
    fs::MemoryFileSystem fresh;
    fresh.build("/src", wide(1, count));
    fresh.build("/dst", "");
    Request request = this->request(Verb::kCopy);
    request.threads = 4;
    Recorder silent;
    const auto report = sync_on(fresh, request, silent, cancellation);
    ASSERT_TRUE(report);
    EXPECT_EQ(report->counters.created.files, static_cast<std::uint64_t>(count));
    EXPECT_EQ(fresh.dump("/dst", kFullText), fresh.dump("/src", kFullText));
  }
}

TEST_F(Scale, DeepTrees) {
  memory.build("/src", "");
  fs::DirectoryPtr at = *memory.open_root("/src");
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(at->make_directory("d", 0755));
    at = *at->open_directory("d");
  }
  ASSERT_TRUE(fs::write_whole(*at, "bottom", "x"));
  at.reset();
  for (const unsigned threads : {1U, 4U}) check(threads);
}

TEST_F(Scale, ManyEmptyDirectories) {
  std::string spec;
  for (int i = 0; i < 2000; ++i) spec += "e" + std::to_string(i) + "/\n";
  memory.build("/src", spec);
  for (const unsigned threads : {1U, 8U}) check(threads);
}

TEST_F(Scale, CancelledOnManyThreadsLeavesOnlyWholeEntries) {
  memory.build("/src", wide(20, 20));
  memory.build("/dst", "");
  faulty.add({.operation = Operation::kCreateFile, .nth = 150, .before = [this] {
                cancellation.request();
              }});
  Request request = this->request(Verb::kMirror);
  request.threads = 8;
  const Report report = run(request);
  EXPECT_EQ(to_string(report.outcome), "cancelled");
  EXPECT_FALSE(has_staging(target()));
  const std::string all = source();
  std::istringstream lines(target());
  for (std::string line; std::getline(lines, line);) {
    if (line.find("/ ") == line.npos) EXPECT_NE(all.find(line + "\n"), all.npos) << line;
  }
  EXPECT_EQ(memory.open_handles(), 0U);
}

TEST_F(Scale, SlowCallsAreCutShortByCancellation) {
  memory.build("/src", wide(10, 50));
  memory.build("/dst", "");
  faulty.add({.operation = Operation::kOpenFile,
              .times = fs::kEveryTime,
              .delay = std::chrono::milliseconds(5)});
  faulty.add(
      {.operation = Operation::kOpenFile, .nth = 20, .before = [this] { cancellation.request(); }});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(to_string(run(Verb::kCopy).outcome), "cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(Scale, AThrottledRunStopsAtOnceWhenCancelled) {
  memory.build("/src", "big = " + std::string(400'000, 'x') + "\n");
  memory.build("/dst", "");
  Request request = this->request(Verb::kCopy);
  request.bytes_per_second_max = 10'000;
  faulty.add(
      {.operation = Operation::kCopyRange, .nth = 2, .before = [this] { cancellation.request(); }});
  request.fast_paths.clone = false;
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(to_string(run(request).outcome), "cancelled");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  EXPECT_FALSE(has_staging(target()));
}

}  // namespace
}  // namespace robosync
