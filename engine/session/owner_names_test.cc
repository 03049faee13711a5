#include "engine/session/owner_names.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "engine/net/memory_stream_testing.h"

namespace robosync::session {
namespace {

using base::ErrorKind;
using wire::Owners;

class FakeAccounts final : public AccountTable {
 public:
  std::map<std::uint32_t, std::string> users;
  std::map<std::uint32_t, std::string> groups;

  std::optional<std::string> user_name(std::uint32_t id) const override {
    return name_of(users, id);
  }
  std::optional<std::string> group_name(std::uint32_t id) const override {
    return name_of(groups, id);
  }
  std::optional<std::uint32_t> user_id(const std::string& name) const override {
    return id_of(users, name);
  }
  std::optional<std::uint32_t> group_id(const std::string& name) const override {
    return id_of(groups, name);
  }

 private:
  using Names = std::map<std::uint32_t, std::string>;
  static std::optional<std::string> name_of(const Names& names, std::uint32_t id) {
    const auto at = names.find(id);
    return at == names.end() ? std::nullopt : std::optional(at->second);
  }
  static std::optional<std::uint32_t> id_of(const Names& names, const std::string& name) {
    for (const auto& [id, one] : names) {
      if (one == name) return id;
    }
    return std::nullopt;
  }
};

tree::Metadata owned_by(std::uint32_t uid, std::uint32_t gid) {
  tree::Metadata metadata;
  metadata.uid = uid;
  metadata.gid = gid;
  return metadata;
}

class OwnerNamesTest : public testing::Test {
 protected:
  // What arrives when these owners are told, one after the other.
  std::vector<Owners> told(const std::vector<tree::Metadata>& owners, bool agreed = true) {
    net::MemoryPair pair = net::memory_stream_pair();
    Channel client(std::move(pair.client));
    Channel server(std::move(pair.server));
    server.admit();
    if (agreed) client.agree_on_owner_names();
    OwnerNames names(&accounts_, client);
    for (const tree::Metadata& owner : owners) names.tell(owner);
    EXPECT_TRUE(client.finish());
    std::vector<Owners> out;
    while (const auto frame = server.receive()) {
      EXPECT_EQ(frame->type, wire::Type::kOwners);
      out.push_back(wire::decode<Owners>(frame->bytes()).value_or(Owners{}));
    }
    return out;
  }

  FakeAccounts accounts_;
};

TEST_F(OwnerNamesTest, EachIsToldOnceBeforeItIsNeeded) {
  accounts_.users = {{1000, "ann"}, {1001, "bob"}};
  accounts_.groups = {{50, "staff"}};
  const std::vector<Owners> out =
      told({owned_by(1000, 50), owned_by(1000, 50), owned_by(1001, 50), owned_by(1000, 50)});
  ASSERT_EQ(out.size(), 2U);
  EXPECT_EQ(out[0], (Owners{{{1000, "ann"}}, {{50, "staff"}}}));
  EXPECT_EQ(out[1], (Owners{{{1001, "bob"}}, {}}));
}

TEST_F(OwnerNamesTest, TheSuperuserAndTheNamelessAreNotTold) {
  accounts_.users = {{0, "root"}, {5, std::string(wire::kOwnerNameBytesMax + 1, 'x')}, {6, ""}};
  accounts_.groups = {{0, "wheel"}};
  EXPECT_TRUE(told({owned_by(0, 0), owned_by(5, 5), owned_by(6, 6), owned_by(7, 7)}).empty());
}

TEST_F(OwnerNamesTest, APeerThatDoesNotKnowThemIsToldNothing) {
  accounts_.users = {{1000, "ann"}};
  EXPECT_TRUE(told({owned_by(1000, 1000)}, false).empty());
}

TEST(OwnerIds, TakeTheNumbersOfTheirNamesHere) {
  FakeAccounts here;
  here.users = {{2000, "ann"}, {1000, "somebody else"}};
  here.groups = {{51, "staff"}};
  OwnerIds ids(&here);
  ASSERT_TRUE(ids.learn({{{1000, "ann"}, {1001, "bob"}}, {{50, "staff"}}}));
  tree::Metadata ann = owned_by(1000, 50);
  ids.translate(ann);
  EXPECT_EQ(ann.uid, 2000U);
  EXPECT_EQ(ann.gid, 51U);
  tree::Metadata bob = owned_by(1001, 1000);  // unknown here; a group that was not told
  ids.translate(bob);
  EXPECT_EQ(bob.uid, 1001U);
  EXPECT_EQ(bob.gid, 1000U);
}

TEST(OwnerIds, StayNumbersWithoutATable) {
  OwnerIds ids(nullptr);
  ASSERT_TRUE(ids.learn({{{1000, "ann"}}, {}}));
  tree::Metadata ann = owned_by(1000, 50);
  ids.translate(ann);
  EXPECT_EQ(ann.uid, 1000U);
}

TEST(OwnerIds, AreLearntWithinLimits) {
  OwnerIds ids(nullptr);
  ASSERT_TRUE(ids.learn({{{1000, "ann"}}, {}}));
  for (const Owners& owners : {Owners{{{1000, "ann"}}, {}}, Owners{{{0, "root"}}, {}}}) {
    const auto learnt = ids.learn(owners);
    ASSERT_FALSE(learnt);
    EXPECT_EQ(learnt.error().kind, ErrorKind::kProtocol);
  }
  Owners many;
  for (std::uint32_t id = 1; id <= wire::kOwnersMax; ++id) many.groups.push_back({id, "g"});
  EXPECT_TRUE(ids.learn(many));
  EXPECT_FALSE(ids.learn({{}, {{wire::kOwnersMax + 1, "g"}}}));
}

}  // namespace
}  // namespace robosync::session
