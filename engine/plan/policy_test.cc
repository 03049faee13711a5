// Which metadata is wanted: the tables behind metadata_changes, wanted_mode and sets_group.
#include "engine/plan/policy.h"

#include <gtest/gtest.h>

#include "engine/plan/plan.h"

namespace robosync::plan {
namespace {

using tree::Kind;
using tree::Metadata;

struct ModeCase {
  const char* what;
  bool keep;
  const char* chmod;
  Kind kind;
  std::uint32_t source;
  std::optional<std::uint32_t> existing;  // of the same kind
  std::uint32_t umask;
  std::uint32_t wanted;
};

TEST(Policy, WantedMode) {
  const ModeCase cases[] = {
      {"kept exactly", true, "", Kind::kRegular, 06755, {}, 022, 06755},
      {"kept over what is there", true, "", Kind::kRegular, 0644, 0600, 077, 0644},
      {"new: the umask and no set-id bits", false, "", Kind::kRegular, 06777, {}, 022, 0755},
      {"new under a strict umask", false, "", Kind::kRegular, 0666, {}, 077, 0600},
      {"new directory", false, "", Kind::kDirectory, 01777, {}, 022, 0755},
      {"existing keeps its own", false, "", Kind::kRegular, 0777, 0604, 022, 0604},
      {"existing keeps set-id bits", false, "", Kind::kRegular, 0777, 04711, 022, 04711},
      {"chmod on top", true, "u=rw,go=r", Kind::kRegular, 0777, {}, 022, 0644},
      {"chmod for directories", true, "D750,F640", Kind::kDirectory, 0777, 0700, 022, 0750},
      {"chmod for files", true, "D750,F640", Kind::kRegular, 0777, 0700, 022, 0640},
      {"chmod and no permissions: new", false, "go-rwx", Kind::kRegular, 0666, {}, 022, 0600},
      {"chmod and no permissions: existing", false, "go-rwx", Kind::kRegular, 0666, 0644, 022,
       0644},
  };
  for (const ModeCase& c : cases) {
    Policy policy;
    policy.keep_permissions = c.keep;
    policy.umask = c.umask;
    if (*c.chmod != 0) {
      auto chmod = tree::ModeChange::parse(c.chmod);
      ASSERT_TRUE(chmod) << c.chmod;
      policy.chmod = *chmod;
    }
    const Metadata source{.kind = c.kind, .mode = c.source};
    const Metadata existing{.kind = c.kind, .mode = c.existing.value_or(0)};
    EXPECT_EQ(policy.wanted_mode(source, c.existing ? &existing : nullptr), c.wanted) << c.what;
  }
}

TEST(Policy, SomethingOfAnotherKindHasNoModeToKeep) {
  Policy policy;
  policy.keep_permissions = false;
  const Metadata source{.kind = Kind::kRegular, .mode = 0666};
  const Metadata fifo{.kind = Kind::kFifo, .mode = 0600};
  EXPECT_EQ(policy.wanted_mode(source, &fifo), 0644U);
}

TEST(Policy, ASourceWithoutModesMakesReadOnlyOrWritableAndNoMore) {
  Policy policy;
  policy.source_has_modes = false;
  policy.set_owner = policy.any_group = true;
  policy.umask = 027;
  const Metadata writable{.kind = Kind::kRegular, .mode = 0644};
  const Metadata read_only{.kind = Kind::kRegular, .mode = 0444};
  const Metadata directory{.kind = Kind::kDirectory, .mode = 0755};
  const Metadata file{.kind = Kind::kRegular, .mode = 04711, .uid = 5, .gid = 6};
  const Metadata sealed{.kind = Kind::kDirectory, .mode = 0500};
  EXPECT_EQ(policy.wanted_mode(writable, nullptr), 0640U);
  EXPECT_EQ(policy.wanted_mode(writable, &sealed), 0640U) << "of another kind";
  EXPECT_EQ(policy.wanted_mode(read_only, nullptr), 0440U);
  EXPECT_EQ(policy.wanted_mode(directory, nullptr), 0750U);
  EXPECT_EQ(policy.wanted_mode(writable, &file), 04711U);
  EXPECT_EQ(policy.wanted_mode(read_only, &file), 04511U);
  EXPECT_EQ(policy.wanted_mode(directory, &sealed), 0500U) << "of those it does not tell";
  EXPECT_FALSE(metadata_changes(writable, file, policy).metadata());
  policy.chmod = *tree::ModeChange::parse("go=");
  EXPECT_EQ(policy.wanted_mode(writable, &file), 04700U);
}

TEST(Policy, GroupsThatMayBeGiven) {
  Metadata source;
  source.gid = 50;
  Policy policy;
  policy.own_groups = {10, 50};
  EXPECT_TRUE(policy.sets_group(source));
  source.gid = 51;
  EXPECT_FALSE(policy.sets_group(source));
  policy.any_group = true;
  EXPECT_TRUE(policy.sets_group(source));
  policy.keep_group = false;
  EXPECT_FALSE(policy.sets_group(source));
}

TEST(MetadataChanges, EachAttributeOnItsOwn) {
  const Metadata base{.kind = Kind::kRegular, .mode = 0644, .uid = 1, .gid = 2, .mtime = {5, 6}};
  Policy policy;
  policy.set_owner = true;
  policy.any_group = true;
  EXPECT_EQ(metadata_changes(base, base, policy), Changes());
  Metadata other = base;
  other.mode = 0600;
  EXPECT_EQ(metadata_changes(base, other, policy), Changes{.permissions = true});
  other = base;
  other.uid = 9;
  EXPECT_EQ(metadata_changes(base, other, policy), Changes{.owner = true});
  policy.set_owner = false;
  EXPECT_EQ(metadata_changes(base, other, policy), Changes());
  other = base;
  other.gid = 9;
  EXPECT_EQ(metadata_changes(base, other, policy), Changes{.group = true});
  policy.keep_group = false;
  EXPECT_EQ(metadata_changes(base, other, policy), Changes());
  other = base;
  other.mtime = {5, 7};
  EXPECT_EQ(metadata_changes(base, other, policy), Changes{.time = true});
  policy.keep_times = false;
  EXPECT_EQ(metadata_changes(base, other, policy), Changes());
}

TEST(MetadataChanges, DirectoriesMayHaveTimesOfTheirOwn) {
  Policy policy;
  policy.keep_directory_times = false;
  for (const Kind kind : {Kind::kRegular, Kind::kSymlink, Kind::kDirectory}) {
    const Metadata source{.kind = kind, .mode = 0755, .mtime = {5, 7}};
    const Metadata target{.kind = kind, .mode = 0755, .mtime = {6, 7}};
    EXPECT_EQ(metadata_changes(source, target, policy).time, kind != Kind::kDirectory);
  }
}

TEST(MetadataChanges, ASymbolicLinkHasNoPermissions) {
  const Metadata source{.kind = Kind::kSymlink, .mode = 0777};
  const Metadata target{.kind = Kind::kSymlink, .mode = 0700};
  EXPECT_EQ(metadata_changes(source, target, Policy()), Changes());
}

TEST(MetadataChanges, WhatCountsAsMetadata) {
  EXPECT_FALSE(Changes().metadata());
  EXPECT_FALSE((Changes{.content = true, .size = true, .kind = true}).metadata());
  for (const auto member : {&Changes::time, &Changes::permissions, &Changes::owner, &Changes::group,
                            &Changes::acl, &Changes::xattr}) {
    Changes changes;
    changes.*member = true;
    EXPECT_TRUE(changes.metadata());
  }
}

}  // namespace
}  // namespace robosync::plan
