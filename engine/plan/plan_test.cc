// plan_directory against a model, over every tiny directory.
//
// Each side has the names "a" and "b", each absent or one of 26 entries (files of two sizes,
// contents, times and modes; directories, links, fifos). The model applies a plan to the target and
// the result is compared with what the policy promises.
#include "engine/plan/plan.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace robosync::plan {
namespace {

using tree::Entry;
using tree::Kind;
using tree::Metadata;
using tree::Time;

constexpr Time kNow{999, 0};
constexpr std::uint32_t kUmask = 022;

// An entry and, for a file, which of two contents of its size it holds.
struct Thing {
  Entry entry;
  char content = 0;
};

std::string text_of(const Thing& thing) {
  const Metadata& m = thing.entry.metadata;
  return thing.entry.name + " " + std::string(tree::to_string(m.kind)) +
         " size=" + std::to_string(m.size) + " t=" + std::to_string(m.mtime.seconds) +
         " mode=" + std::to_string(m.mode) + " content=" + std::to_string(thing.content) + " -> " +
         thing.entry.link_target;
}

using Side = std::map<std::string, Thing>;

std::string text_of(const Side& side) {
  std::string text;
  for (const auto& [name, thing] : side) text += text_of(thing) + "\n";
  return text;
}

std::vector<std::optional<Thing>> all_things(const std::string& name) {
  std::vector<std::optional<Thing>> out{std::nullopt};
  const auto add = [&](Kind kind, std::uint64_t size, std::int64_t time, std::uint32_t mode,
                       char content, const std::string& link) {
    Thing thing;
    thing.entry.name = name;
    thing.entry.link_target = link;
    thing.entry.metadata = {.kind = kind, .mode = mode, .size = size, .mtime = {time, 0}};
    thing.content = content;
    out.push_back(std::move(thing));
  };
  for (const std::int64_t time : {100, 200}) {
    for (const std::uint32_t mode : {0644U, 0600U}) {
      for (const std::uint64_t size : {1U, 2U}) {
        for (const char content : {'p', 'q'}) add(Kind::kRegular, size, time, mode, content, "");
      }
      add(Kind::kDirectory, 0, time, mode | 0100, 0, "");
    }
    for (const char* link : {"x", "y"}) add(Kind::kSymlink, 1, time, 0777, 0, link);
    add(Kind::kFifo, 0, time, 0644, 0, "");
  }
  return out;
}

std::vector<Entry> entries_of(const Side& side) {
  std::vector<Entry> entries;
  for (const auto& [name, thing] : side) entries.push_back(thing.entry);
  return entries;
}

const Metadata* existing_of(const Side& target, const std::string& name) {
  const auto at = target.find(name);
  return at == target.end() ? nullptr : &at->second.entry.metadata;
}

void apply_metadata(const Thing& from, const Policy& policy, const Metadata* existing, Thing& to) {
  if (!to.entry.metadata.is_symlink()) {
    to.entry.metadata.mode = policy.wanted_mode(from.entry.metadata, existing);
  }
  if (policy.keep_times) to.entry.metadata.mtime = from.entry.metadata.mtime;
}

void write(const Side& source, const std::string& name, const Policy& policy, Side& target) {
  const Thing& from = source.at(name);
  const Metadata* const existing = existing_of(target, name);
  Thing made = from;
  made.entry.metadata.mtime = kNow;
  apply_metadata(from, policy, existing, made);
  target[name] = std::move(made);
}

// What apply/ is to do with a plan. Directories that stand in the way are full.
void apply_step(const PlannedEntry& planned, const Side& source, const Policy& policy,
                Side& target) {
  const std::string& name = planned.source->name;
  const auto metadata = [&] {
    if (!planned.changes.metadata()) return;
    Thing& to = target.at(name);
    const Metadata before = to.entry.metadata;
    apply_metadata(source.at(name), policy, &before, to);
  };
  switch (planned.step) {
    case Step::kNothing:
    case Step::kSkip:
      break;
    case Step::kCreate:
      ASSERT_FALSE(target.contains(name));
      write(source, name, policy, target);
      break;
    case Step::kReplace:
    case Step::kReplaceKind:
      ASSERT_TRUE(target.contains(name));
      ASSERT_FALSE(target.at(name).entry.metadata.is_directory());
      write(source, name, policy, target);
      break;
    case Step::kReplaceDirectory:
      ASSERT_TRUE(target.at(name).entry.metadata.is_directory());
      if (policy.replace_directories) write(source, name, policy, target);
      break;
    case Step::kCompare:
      if (source.at(name).content != target.at(name).content) {
        write(source, name, policy, target);
      } else {
        metadata();
      }
      break;
    case Step::kMetadata:
      ASSERT_TRUE(planned.changes.metadata());
      metadata();
      break;
    case Step::kEnter:
      metadata();
      break;
  }
}

Side apply(const DirectoryPlan& plan, const Side& source, const Policy& policy, bool delete_extras,
           Side target) {
  for (const PlannedEntry& planned : plan.entries) apply_step(planned, source, policy, target);
  if (delete_extras) {
    for (const Entry* extra : plan.extras) target.erase(extra->name);
  }
  return target;
}

Side side_of(const std::optional<Thing>& a, const std::optional<Thing>& b) {
  Side side;
  if (a) side["a"] = *a;
  if (b) side["b"] = *b;
  return side;
}

// Whether the comparison of the policy is bound to see a difference in content.
bool sees_content(const Policy& policy) {
  return policy.comparison == Comparison::kDigest || policy.comparison == Comparison::kAlways;
}

// What `source` would look like to somebody who trusts sizes and times as the policy does.
void forget_unseen_content(const Policy& policy, const Side& source, const Side& before,
                           Side& result) {
  if (sees_content(policy)) return;
  for (auto& [name, thing] : result) {
    const Metadata* const old = existing_of(before, name);
    const auto from = source.find(name);
    if (old == nullptr || from == source.end()) continue;
    const Metadata& wanted = from->second.entry.metadata;
    const bool same_time = policy.comparison == Comparison::kSizeOnly || old->mtime == wanted.mtime;
    if (old->is_regular() && wanted.is_regular() && old->size == wanted.size && same_time) {
      thing.content = from->second.content;
    }
  }
}

TEST(Plan, AMirrorMakesTheTargetTheSource) {
  const auto as = all_things("a");
  const auto bs = all_things("b");
  Policy policy;
  policy.replace_directories = true;
  policy.umask = kUmask;
  std::size_t pairs = 0;
  for (const auto& source_a : as) {
    for (const auto& source_b : bs) {
      const Side source = side_of(source_a, source_b);
      const std::vector<Entry> source_entries = entries_of(source);
      const std::string wanted = text_of(source);
      for (const auto& target_a : as) {
        // Every target entry of one name, a few of the other: the names do not know each other.
        for (std::size_t b = 0; b < bs.size(); b += 5) {
          const Side target = side_of(target_a, bs[b]);
          const std::vector<Entry> target_entries = entries_of(target);
          policy.comparison = Comparison::kDigest;
          const DirectoryPlan plan = plan_directory(source_entries, target_entries, policy);
          ASSERT_EQ(plan.entries.size(), source.size());
          const Side result = apply(plan, source, policy, true, target);
          ASSERT_EQ(text_of(result), wanted) << "target was\n" << text_of(target);
          ++pairs;
        }
      }
    }
  }
  EXPECT_EQ(pairs, 27U * 27U * 27U * 6U);
}

// All combinations of the yes-or-no parts of a policy.
std::vector<Policy> all_policies() {
  std::vector<Policy> out;
  for (const Comparison comparison :
       {Comparison::kQuick, Comparison::kSizeOnly, Comparison::kDigest, Comparison::kAlways}) {
    for (unsigned bits = 0; bits < 128; ++bits) {
      Policy policy;
      policy.comparison = comparison;
      policy.umask = kUmask;
      policy.update_only_newer = (bits & 1U) != 0;
      policy.existing_only = (bits & 2U) != 0;
      policy.ignore_existing = (bits & 4U) != 0;
      policy.replace_directories = (bits & 8U) != 0;
      policy.keep_permissions = (bits & 16U) != 0;
      policy.keep_times = (bits & 32U) != 0;
      policy.modify_window_ns = (bits & 64U) != 0 ? 100'000'000'000 : 0;
      out.push_back(policy);
    }
  }
  return out;
}

bool same(const Thing& a, const Thing& b) { return text_of(a) == text_of(b); }

void check_promises(const Policy& policy, const Side& source, const Side& before,
                    const Side& after) {
  const bool had = before.contains("a");
  const bool has = after.contains("a");
  EXPECT_TRUE(has || !had) << "deleted";
  if (!source.contains("a")) {
    if (had) EXPECT_TRUE(same(before.at("a"), after.at("a"))) << "not in the source, yet changed";
    return;
  }
  const Metadata& from = source.at("a").entry.metadata;
  if (!had) {
    EXPECT_EQ(has, !policy.existing_only) << "existing_only";
    return;
  }
  const Metadata& old = before.at("a").entry.metadata;
  const bool untouched = same(before.at("a"), after.at("a"));
  if (old.is_directory() && !policy.replace_directories) {
    EXPECT_TRUE(after.at("a").entry.metadata.is_directory()) << "a directory was lost";
  }
  if (policy.ignore_existing && !(old.is_directory() && from.is_directory())) {
    EXPECT_TRUE(untouched) << "ignore_existing";
  }
  const bool newer = old.mtime.seconds > from.mtime.seconds && policy.modify_window_ns == 0;
  if (policy.update_only_newer && old.is_regular() && from.is_regular() && newer) {
    EXPECT_TRUE(untouched) << "update_only_newer";
  }
}

TEST(Plan, EveryPolicyKeepsItsPromises) {
  const auto things = all_things("a");
  for (const Policy& policy : all_policies()) {
    for (const auto& source_thing : things) {
      const Side source = side_of(source_thing, std::nullopt);
      const std::vector<Entry> source_entries = entries_of(source);
      for (const auto& target_thing : things) {
        const Side before = side_of(target_thing, std::nullopt);
        const std::vector<Entry> before_entries = entries_of(before);
        const DirectoryPlan plan = plan_directory(source_entries, before_entries, policy);
        ASSERT_EQ(plan.extras.size(), target_thing && !source_thing ? 1U : 0U);
        const Side after = apply(plan, source, policy, false, before);
        check_promises(policy, source, before, after);
        ASSERT_FALSE(testing::Test::HasFailure()) << "source " << text_of(source) << "target "
                                                  << text_of(before) << "became " << text_of(after);
      }
    }
  }
}

// Without restrictions the target becomes the source, as far as the policy keeps and looks.
TEST(Plan, EveryUnrestrictedPolicyArrivesAndStays) {
  const auto things = all_things("a");
  for (const Policy& policy : all_policies()) {
    if (policy.update_only_newer || policy.existing_only || policy.ignore_existing ||
        !policy.replace_directories || !policy.keep_times || policy.modify_window_ns != 0) {
      continue;
    }
    for (const auto& source_thing : things) {
      if (!source_thing) continue;
      const Side source = side_of(source_thing, std::nullopt);
      const std::vector<Entry> source_entries = entries_of(source);
      for (const auto& target_thing : things) {
        const Side before = side_of(target_thing, std::nullopt);
        const std::vector<Entry> before_entries = entries_of(before);
        const DirectoryPlan plan = plan_directory(source_entries, before_entries, policy);
        Side after = apply(plan, source, policy, true, before);
        const std::vector<Entry> after_entries = entries_of(after);
        Side seen = after;
        forget_unseen_content(policy, source, before, seen);
        if (!policy.keep_permissions) {
          seen.at("a").entry.metadata.mode = source_thing->entry.metadata.mode;
        }
        ASSERT_EQ(text_of(seen), text_of(source)) << "target was " << text_of(before);
        const DirectoryPlan again = plan_directory(source_entries, after_entries, policy);
        const Step step = again.entries.at(0).step;
        ASSERT_FALSE(again.entries[0].changes.metadata()) << text_of(after);
        ASSERT_TRUE(step == Step::kNothing || step == Step::kEnter || step == Step::kCompare ||
                    (step == Step::kReplace && policy.comparison == Comparison::kAlways))
            << text_of(after);
      }
    }
  }
}

TEST(Plan, KeepsManifestOrder) {
  const auto entry = [](const std::string& name) {
    Entry out;
    out.name = name;
    out.metadata.kind = Kind::kRegular;
    return out;
  };
  std::vector<Entry> source{entry("a"), entry("a.b"), entry("a\xff")};
  std::vector<Entry> target{entry("A"), entry("a.b"), entry("a.c"), entry("z")};
  tree::sort_entries(source);
  tree::sort_entries(target);
  const DirectoryPlan plan = plan_directory(source, target, Policy());
  ASSERT_EQ(plan.entries.size(), 3U);
  EXPECT_EQ(plan.entries[0].source->name, "a");
  EXPECT_EQ(plan.entries[1].source->name, "a.b");
  EXPECT_EQ(plan.entries[1].target->name, "a.b");
  EXPECT_EQ(plan.entries[2].source->name, "a\xff");
  ASSERT_EQ(plan.extras.size(), 3U);
  EXPECT_EQ(plan.extras[0]->name, "A");
  EXPECT_EQ(plan.extras[1]->name, "a.c");
  EXPECT_EQ(plan.extras[2]->name, "z");
}

TEST(Plan, DevicesAreMadeByPrivilegedUsersOnly) {
  Entry device;
  device.name = "a";
  device.metadata = {.kind = Kind::kCharDevice, .mode = 0600, .device_number = 5};
  Entry other = device;
  other.metadata.device_number = 6;
  Policy policy;
  EXPECT_EQ(plan_directory({device}, {}, policy).entries[0].reason, SkipReason::kNeedsPrivileges);
  const std::vector<Entry> source{device};
  const std::vector<Entry> same_there{device};
  const std::vector<Entry> other_there{other};
  EXPECT_EQ(plan_directory(source, other_there, policy).entries[0].step, Step::kSkip);
  policy.make_devices = true;
  EXPECT_EQ(plan_directory(source, {}, policy).entries[0].step, Step::kCreate);
  EXPECT_EQ(plan_directory(source, same_there, policy).entries[0].step, Step::kNothing);
  EXPECT_EQ(plan_directory(source, other_there, policy).entries[0].step, Step::kReplace);
  device.metadata.kind = Kind::kBlockDevice;
  const std::vector<Entry> block{device};
  EXPECT_EQ(plan_directory(block, same_there, policy).entries[0].step, Step::kReplaceKind);
}

// A difference of exactly the window is none; one nanosecond more is.
TEST(Plan, ModifyWindowEdges) {
  struct Case {
    Time source;
    Time target;
    std::int64_t window_ns;
    bool same;
  };
  constexpr std::int64_t kSecond = 1'000'000'000;
  const Case cases[] = {
      {{10, 0}, {10, 0}, 0, true},
      {{10, 0}, {10, 1}, 0, false},
      {{10, 0}, {10, 1}, 1, true},
      {{10, 1}, {10, 0}, 1, true},
      {{10, 0}, {10, 2}, 1, false},
      {{10, 999'999'999}, {11, 0}, 1, true},
      {{11, 0}, {10, 999'999'998}, 1, false},
      {{10, 0}, {12, 0}, 2 * kSecond, true},
      {{12, 0}, {10, 0}, 2 * kSecond, true},
      {{10, 0}, {12, 1}, 2 * kSecond, false},
      {{-1, 999'999'999}, {0, 0}, 1, true},
      {{-3, 500'000'000}, {-1, 500'000'000}, 2 * kSecond, true},
      {{-3, 499'999'999}, {-1, 500'000'000}, 2 * kSecond, false},
      {{-9'000'000'000'000'000'000, 0}, {9'000'000'000'000'000'000, 0}, 2 * kSecond, false},
      {{4'102'444'800, 0}, {4'102'444'801, 0}, kSecond, true},
  };
  for (const Case& c : cases) {
    Entry source;
    source.name = "a";
    source.metadata = {.kind = Kind::kRegular, .mode = 0644, .mtime = c.source};
    Entry target = source;
    target.metadata.mtime = c.target;
    Policy policy;
    policy.modify_window_ns = c.window_ns;
    const std::vector<Entry> from{source};
    const std::vector<Entry> to{target};
    const DirectoryPlan plan = plan_directory(from, to, policy);
    EXPECT_EQ(plan.entries[0].step == Step::kNothing, c.same)
        << c.source.seconds << "." << c.source.nanoseconds << " " << c.target.seconds << "."
        << c.target.nanoseconds << " window " << c.window_ns;
    EXPECT_EQ(metadata_changes(source.metadata, target.metadata, policy).time, !c.same);
    policy.update_only_newer = true;
    const bool target_newer = !c.same && c.target > c.source;
    EXPECT_EQ(plan_directory(from, to, policy).entries[0].step == Step::kSkip, target_newer);
  }
}

// What is done with a file that the target has as well, by which of them is newer.
TEST(Plan, ClassesOfFilesAreLeftAloneEachByItself) {
  struct Case {
    Time source, target;
    std::uint64_t source_bytes;  // the target has 1
    SkipReason by_update, by_older, by_changed;
  };
  constexpr auto kNone = SkipReason::kNone;
  const Case cases[] = {
      {{5, 0}, {9, 0}, 1, SkipReason::kTargetNewer, kNone, kNone},
      {{5, 0}, {9, 0}, 2, SkipReason::kTargetNewer, kNone, kNone},
      {{9, 0}, {5, 0}, 1, kNone, SkipReason::kTargetOlder, kNone},
      {{9, 0}, {5, 0}, 2, kNone, SkipReason::kTargetOlder, kNone},
      {{5, 0}, {5, 0}, 2, kNone, kNone, SkipReason::kTargetChanged},
      {{5, 0}, {5, 0}, 1, kNone, kNone, kNone},
      {{5, 0}, {3605, 0}, 2, kNone, kNone, SkipReason::kTargetChanged},  // ignore_one_hour
  };
  for (const Case& c : cases) {
    Entry source;
    source.name = "a";
    source.metadata = {.kind = Kind::kRegular, .mode = 0644, .size = c.source_bytes};
    Entry target = source;
    source.metadata.mtime = c.source;
    target.metadata.mtime = c.target;
    target.metadata.size = 1;
    const std::vector<Entry> from{source};
    const std::vector<Entry> to{target};
    const auto reason = [&](bool Policy::* field) {
      Policy policy;
      policy.ignore_one_hour = true;
      policy.*field = true;
      return plan_directory(from, to, policy).entries[0].reason;
    };
    EXPECT_EQ(reason(&Policy::update_only_newer), c.by_update) << c.target.seconds;
    EXPECT_EQ(reason(&Policy::leave_older), c.by_older) << c.target.seconds;
    EXPECT_EQ(reason(&Policy::leave_changed), c.by_changed) << c.target.seconds;
  }
}

}  // namespace
}  // namespace robosync::plan
