// Groups of names that are one file: one leads, the others wait for it, on any thread.
#include "engine/apply/hard_links.h"

#include <gtest/gtest.h>

#include <atomic>
#include <map>
#include <thread>

#include "engine/base/pool.h"

namespace robosync::apply {
namespace {

tree::Metadata file(std::uint64_t inode, std::uint32_t links) {
  tree::Metadata metadata;
  metadata.kind = tree::Kind::kRegular;
  metadata.identity = {1, inode};
  metadata.link_count = links;
  return metadata;
}

LinkLeader leader(const std::string& name) { return {.name = name}; }

TEST(HardLinksUnit, TheFirstLeadsAndTheOthersHearOfIt) {
  HardLinks links;
  const tree::Metadata metadata = file(5, 3);
  std::vector<std::string> heard;
  const auto waiter = [&](const std::optional<LinkLeader>& at) {
    heard.push_back(at ? at->name : "(failed)");
  };
  EXPECT_EQ(links.join(metadata, waiter), HardLinks::Role::kLeads);
  EXPECT_EQ(links.join(metadata, waiter), HardLinks::Role::kFollows);
  EXPECT_TRUE(heard.empty()) << "the leader has not landed";
  links.landed(metadata, leader("first"));
  EXPECT_EQ(heard, std::vector<std::string>{"first"});
  EXPECT_EQ(links.join(metadata, waiter), HardLinks::Role::kFollows);
  EXPECT_EQ(heard.size(), 2U);
}

TEST(HardLinksUnit, AFailedLeaderIsTold) {
  HardLinks links;
  const tree::Metadata metadata = file(5, 2);
  bool failed = false;
  const auto waiter = [&](const std::optional<LinkLeader>& at) { failed = !at; };
  EXPECT_EQ(links.join(metadata, waiter), HardLinks::Role::kLeads);
  EXPECT_EQ(links.join(metadata, waiter), HardLinks::Role::kFollows);
  links.landed(metadata, std::nullopt);
  EXPECT_TRUE(failed);
}

TEST(HardLinksUnit, WhatHasNoNumberIsNoNameOfAnother) {
  HardLinks links;
  const auto waiter = [](const std::optional<LinkLeader>&) {};
  EXPECT_EQ(links.join(file(0, 2), waiter), HardLinks::Role::kLeads);
  EXPECT_EQ(links.join(file(0, 2), waiter), HardLinks::Role::kLeads);
}

TEST(HardLinksUnit, InodesOfOtherDevicesAreOthers) {
  HardLinks links;
  tree::Metadata here = file(5, 2);
  tree::Metadata there = file(5, 2);
  there.identity.device = 2;
  const auto waiter = [](const std::optional<LinkLeader>&) {};
  EXPECT_EQ(links.join(here, waiter), HardLinks::Role::kLeads);
  EXPECT_EQ(links.join(there, waiter), HardLinks::Role::kLeads);
}

TEST(HardLinksUnit, ManyGroupsOnManyThreads) {
  constexpr std::uint64_t kGroups = 200;
  constexpr std::uint32_t kNames = 10;
  HardLinks links;
  std::atomic<unsigned> leaders{0};
  std::atomic<unsigned> followers{0};
  {
    base::Pool pool(8);
    for (std::uint32_t name = 0; name < kNames; ++name) {
      for (std::uint64_t group = 0; group < kGroups; ++group) {
        pool.submit([&links, &leaders, &followers, group] {
          const tree::Metadata metadata = file(group + 1, kNames);
          const auto role = links.join(metadata, [&, group](const std::optional<LinkLeader>& at) {
            if (at && at->name == std::to_string(group)) ++followers;
          });
          if (role == HardLinks::Role::kFollows) return;
          ++leaders;
          std::this_thread::yield();
          links.landed(metadata, leader(std::to_string(group)));
        });
      }
    }
  }
  EXPECT_EQ(leaders, kGroups);
  EXPECT_EQ(followers, kGroups * (kNames - 1));
}

}  // namespace
}  // namespace robosync::apply
