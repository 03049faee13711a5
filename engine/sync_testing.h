// Whole runs on a file system in memory: the fixture and the observer of the sync_*_test.cc files.
//
// A SyncTest has a source "/src" and a target "/dst" on a MemoryFileSystem, seen by the run through
// a FaultFileSystem. Runs use one thread unless a test asks for more, so that a test gives the same
// result each time.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/sync.h"

namespace robosync {

// Keeps what it is told.
class Recorder final : public Observer {
 public:
  [[nodiscard]] Wants wants_events() const override { return wants; }
  [[nodiscard]] bool wants_progress() const override { return with_progress; }
  void on_event(const Event& event) override;
  void on_problem(const tree::Problem& problem) override { problems.push_back(problem); }
  void on_warning(const std::string& text) override { warnings.push_back(text); }
  void on_progress(const Progress& progress) override { progresses.push_back(progress); }
  bool confirm_deletions(const PlannedDeletions& planned) override;

  // All events as sorted lines, "ACTION kind path".
  [[nodiscard]] std::vector<std::string> sorted() const;

  Wants wants = Wants::kEverything;
  bool with_progress = false;
  bool confirm = true;
  std::vector<Event> events;
  std::vector<std::string> lines;  // the events as text, as they came
  std::vector<tree::Problem> problems;
  std::vector<std::string> warnings;
  std::vector<Progress> progresses;
  std::vector<PlannedDeletions> asked;
};

[[nodiscard]] std::string_view to_string(Action action);
[[nodiscard]] std::string_view to_string(Outcome outcome);

// What must hold of the counters of any run: every entry that was scanned is counted once more, in
// one other category. The root is an entry like any other where its contents were named.
[[nodiscard]] testing::AssertionResult adds_up(const Counters& counters);

// With modes, times and hard links: what two equal trees have in common.
inline constexpr fs::TreeTextOptions kFullText{.times = true};

class SyncTest : public testing::Test {
 protected:
  // Contents of /src into /dst, one thread, no waiting before retries.
  [[nodiscard]] static Request request(Verb verb);

  // Runs `request` through `faulty`. A run that could not begin fails the test.
  Report run(const Request& request);
  Report run(Verb verb) { return run(request(verb)); }
  // The error of a run that is expected not to begin.
  base::Error refused(const Request& request);
  // Copies or mirrors without faults; for what a test needs as its starting point.
  void run_cleanly(Request request);

  [[nodiscard]] std::string source(const fs::TreeTextOptions& options = kFullText) const {
    return memory.dump("/src", options);
  }
  [[nodiscard]] std::string target(const fs::TreeTextOptions& options = kFullText) const {
    return memory.dump("/dst", options);
  }
  // Changes the tree behind the run's back.
  void write(const std::string& directory, const std::string& name, std::string_view content);
  void remove(const std::string& directory, const std::string& name);

  // Paths of all problems, sorted.
  [[nodiscard]] std::vector<std::string> problem_paths() const;

  fs::MemoryFileSystem memory;
  fs::FaultFileSystem faulty{memory};
  Cancellation cancellation;
  Recorder observer;  // of the latest run
};

// On a system that has Windows' attributes.
class WindowsSyncTest : public SyncTest {
 protected:
  void SetUp() override {
    fs::Privileges windows = fs::privileged_user();
    windows.has_native_attributes = true;
    memory.set_privileges(windows);
  }
  void build(std::string_view source_spec, std::string_view target_spec = "") {
    memory.build("/src", source_spec);
    memory.build("/dst", target_spec);
  }
};

inline constexpr fs::TreeTextOptions kNamesAndContents{.modes = false};

// Names left over from staging in the tree that a dump shows.
[[nodiscard]] bool has_staging(std::string_view dump);

}  // namespace robosync
