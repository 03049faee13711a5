// The ledger: what is counted, what the observer is told, from many threads.
#include "engine/apply/ledger.h"

#include <gtest/gtest.h>

#include "engine/base/pool.h"

namespace robosync::apply {
namespace {

using base::ErrorKind;
using base::make_error;
using tree::Kind;

class Sink final : public Observer {
 public:
  explicit Sink(Wants wants) : wants_(wants) {}
  [[nodiscard]] Wants wants_events() const override { return wants_; }
  [[nodiscard]] bool wants_progress() const override { return true; }
  void on_event(const Event&) override { ++events; }
  void on_problem(const tree::Problem&) override { ++problems; }
  void on_progress(const Progress& progress) override {
    ordered = ordered && progress.bytes_done >= latest.bytes_done &&
              progress.entries_done >= latest.entries_done &&
              progress.bytes_done <= progress.bytes_total &&
              progress.entries_done <= progress.entries_total;
    latest = progress;
  }
  int events = 0;
  int problems = 0;
  bool ordered = true;
  Progress latest;

 private:
  Wants wants_;
};

TEST(LedgerUnit, EachActionHasItsCounter) {
  Sink sink(Observer::Wants::kChanges);
  Ledger ledger(sink);
  for (int i = 0; i <= static_cast<int>(Action::kOnlyTarget); ++i) {
    ledger.record({.action = static_cast<Action>(i), .kind = Kind::kRegular, .bytes = 10});
  }
  const Counters& c = ledger.counters();
  EXPECT_EQ(c.created.files, 1U);
  EXPECT_EQ(c.updated.files, 1U);
  EXPECT_EQ(c.metadata_updated.files, 1U);
  EXPECT_EQ(c.unchanged.files, 1U);
  EXPECT_EQ(c.linked.files, 1U);
  EXPECT_EQ(c.deleted.files, 1U);
  EXPECT_EQ(c.skipped.files, 1U);
  EXPECT_EQ(c.removed_from_source + c.different + c.only_source + c.only_target, 4U);
  EXPECT_EQ(c.transferred_bytes, 20U) << "created and updated";
  EXPECT_EQ(sink.events, 9) << "unchanged and skipped entries were not asked for";
}

TEST(LedgerUnit, KindsAndSums) {
  Counters a;
  for (const Kind kind : {Kind::kRegular, Kind::kDirectory, Kind::kSymlink, Kind::kFifo,
                          Kind::kSocket, Kind::kCharDevice, Kind::kBlockDevice}) {
    ++a.created.of(kind);
  }
  EXPECT_EQ(a.created.files, 1U);
  EXPECT_EQ(a.created.directories, 1U);
  EXPECT_EQ(a.created.symlinks, 1U);
  EXPECT_EQ(a.created.others, 4U);
  Counters b = a;
  b.retries = 3;
  b += a;
  EXPECT_EQ(b.created.total(), 14U);
  EXPECT_EQ(b.retries, 3U);
}

TEST(LedgerUnit, KeepsTheFirstFatalErrorAndOnlySoManyProblems) {
  Sink sink(Observer::Wants::kNothing);
  Ledger ledger(sink);
  EXPECT_FALSE(ledger.aborted());
  ledger.abort(make_error(ErrorKind::kNoSpace, "first"));
  ledger.abort(make_error(ErrorKind::kIo, "second"));
  EXPECT_TRUE(ledger.aborted());
  EXPECT_EQ(ledger.fatal()->kind, ErrorKind::kNoSpace);
  for (std::size_t i = 0; i < kKeptProblemsMax + 5; ++i) {
    ledger.problem("p", make_error(ErrorKind::kPermission, ""), Kind::kRegular);
  }
  EXPECT_EQ(ledger.problem_count(), kKeptProblemsMax + 5);
  EXPECT_EQ(ledger.problems().size(), kKeptProblemsMax);
  EXPECT_EQ(ledger.counters().failed.files, kKeptProblemsMax + 5);
  EXPECT_EQ(sink.problems, static_cast<int>(kKeptProblemsMax + 5));
}

TEST(LedgerUnit, ManyThreads) {
  Sink sink(Observer::Wants::kEverything);
  Ledger ledger(sink);
  {
    base::Pool pool(8);
    for (int i = 0; i < 4000; ++i) {
      pool.submit([&ledger] {
        ledger.record({.action = Action::kCreated, .kind = Kind::kRegular, .bytes = 1});
        ledger.progress(1, 1);
        ledger.total(1, 1, false);
      });
    }
  }
  EXPECT_EQ(ledger.counters().created.files, 4000U);
  EXPECT_EQ(sink.events, 4000);
  EXPECT_TRUE(sink.ordered);
}

}  // namespace
}  // namespace robosync::apply
