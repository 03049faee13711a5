// A dry run changes nothing and predicts, event by event, what the run then does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

#include "engine/sync_testing.h"

namespace robosync {
namespace {

using testing::IsEmpty;

constexpr std::string_view kSource =
    "a mode=640 = new a\n"
    "b t=500.000000000 = same\n"
    "changed_link -> new\n"
    "d/e/f = 1\n"
    "d/e/skipped.o = excluded\n"
    "empty_dir/\n"
    "h = linked\n"
    "m mode=600 t=600.000000000 = metadata only\n"
    "new/h => h\n"
    "new/l -> x\n"
    "new/p |\n"
    "older t=5.000000000 = o\n"
    "sub/ mode=700 t=4.000000000\n"
    "sub/in = 1\n"
    "tty c=1281\n"
    "was_dir = file now\n"
    "was_dir_too -> a\n"
    "was_file/inner = i\n";

constexpr std::string_view kTarget =
    "a mode=644 = old\n"
    "b t=500.000000000 = same\n"
    "changed_link -> old\n"
    "d/stale.o = excluded\n"
    "gone/deep/f = bye\n"
    "gone/keep.o = excluded\n"
    "empty_dir/left = bye\n"
    "h t=3.000000000 = old\n"
    "m mode=644 t=600.000000000 = metadata only\n"
    "older t=50.000000000 = n\n"
    "sub/in = 2\n"
    "was_file = w\n";

struct Scenario {
  const char* name;
  Verb verb;
  void (*adjust)(Request&);
};

std::ostream& operator<<(std::ostream& out, const Scenario& scenario) {
  return out << scenario.name;
}

class DryRun : public SyncTest, public testing::WithParamInterface<Scenario> {};

TEST_P(DryRun, PredictsTheRun) {
  memory.build("/src", kSource);
  memory.build("/dst", kTarget);
  memory.build("/dst", GetParam().verb == Verb::kMirror ? "was_dir/v/w = v\nwas_dir_too/x\n"
                                                        : "was_dir/\nwas_dir_too/\n");
  Request request = this->request(GetParam().verb);
  GetParam().adjust(request);
  request.dry_run = true;
  const std::string source_before = source();
  const std::string target_before = target();
  memory.log().clear();
  const Report predicted = run(request);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  EXPECT_EQ(source(), source_before);
  EXPECT_EQ(target(), target_before);
  EXPECT_TRUE(adds_up(predicted.counters));
  EXPECT_THAT(observer.asked, IsEmpty());
  const auto lines = observer.sorted();

  request.dry_run = false;
  const Report real = run(request);
  EXPECT_EQ(to_string(real.outcome), to_string(predicted.outcome));
  EXPECT_EQ(observer.sorted(), lines);
  EXPECT_TRUE(adds_up(real.counters));
  EXPECT_EQ(real.counters.scanned, predicted.counters.scanned);
  EXPECT_EQ(real.counters.deleted, predicted.counters.deleted);
  EXPECT_EQ(real.counters.transferred_bytes, predicted.counters.transferred_bytes);
}

TEST_P(DryRun, PredictsIntoATargetThatDoesNotExist) {
  memory.build("/src", kSource);
  memory.build("/dst", "");
  Request request = this->request(GetParam().verb);
  GetParam().adjust(request);
  request.target = "/new";
  request.dry_run = true;
  memory.log().clear();
  (void)run(request);
  EXPECT_THAT(memory.log().changes(), IsEmpty());
  const auto lines = observer.sorted();
  request.dry_run = false;
  (void)run(request);
  EXPECT_EQ(observer.sorted(), lines);
}

INSTANTIATE_TEST_SUITE_P(
    Verbs, DryRun,
    testing::Values(
        Scenario{"copy", Verb::kCopy, [](Request&) {}},
        Scenario{"copy_hard_links", Verb::kCopy, [](Request& r) { r.keep_hard_links = true; }},
        Scenario{"copy_update", Verb::kCopy, [](Request& r) { r.update_only_newer = true; }},
        Scenario{"copy_existing", Verb::kCopy, [](Request& r) { r.existing_only = true; }},
        Scenario{"copy_ignore_existing", Verb::kCopy, [](Request& r) { r.ignore_existing = true; }},
        Scenario{"copy_digest", Verb::kCopy,
                 [](Request& r) { r.comparison = Comparison::kDigest; }},
        Scenario{"copy_prune", Verb::kCopy, [](Request& r) { r.prune_empty_directories = true; }},
        Scenario{"mirror", Verb::kMirror, [](Request&) {}},
        Scenario{"mirror_filtered", Verb::kMirror,
                 [](Request& r) { r.filters = {{tree::FilterArgument::Form::kExclude, "*.o"}}; }},
        Scenario{"mirror_delete_excluded", Verb::kMirror,
                 [](Request& r) {
                   r.filters = {{tree::FilterArgument::Form::kExclude, "*.o"}};
                   r.delete_excluded = true;
                 }},
        Scenario{"mirror_prune", Verb::kMirror,
                 [](Request& r) { r.prune_empty_directories = true; }},
        Scenario{"mirror_backup", Verb::kMirror, [](Request& r) { r.backup = true; }},
        Scenario{"mirror_hard_links", Verb::kMirror, [](Request& r) { r.keep_hard_links = true; }},
        Scenario{"move", Verb::kMove, [](Request&) {}}),
    [](const auto& info) { return info.param.name; });

TEST_F(SyncTest, ADryRunRespectsWhatProtectsADirectoryInTheWay) {
  memory.build("/src", "a = 1\n");
  memory.build("/dst", "a/keep.o = protected\nextra\n");
  Request request = this->request(Verb::kMirror);
  request.filters = {{tree::FilterArgument::Form::kExclude, "*.o"}};
  request.dry_run = true;
  const Report predicted = run(request);
  const auto lines = observer.sorted();
  request.dry_run = false;
  const Report real = run(request);
  EXPECT_EQ(observer.sorted(), lines);
  EXPECT_EQ(to_string(predicted.outcome), to_string(real.outcome));
}

}  // namespace
}  // namespace robosync
