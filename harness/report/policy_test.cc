#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "harness/report/gate.h"

namespace robosync::parity {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;

constexpr std::string_view kFull = R"({
  "schema": 1, "comment": "why", "subject": "robosync",
  "ratios": [{"dataset": "small-*", "scales": [1, 0.2], "phase": "first", "peer": "rsync", "ratio_max": 0.3,
              "required": true, "comment": "why"}],
  "regression": {"factor_max": 1.5, "wall_s_min": 0.2},
  "checks": {"required": ["mirror.*"],
             "not_run_allowed": [{"check": "mirror.*", "detail": "no user*", "reason": "so"}],
             "accepted": [{"check": "a.b", "outcome": "differs", "reason": "meant"}]}
})";

std::string fault(const char* pointer, const Json& value) {
  Json json = Json::parse(kFull);
  json[Json::json_pointer(pointer)] = value;
  const auto policy = policy_from_json(json.dump());
  return policy ? "" : policy.error().message();
}

TEST(PolicyJson, IsReadWhole) {
  const auto policy = policy_from_json(kFull);
  ASSERT_TRUE(policy) << policy.error().message();
  ASSERT_EQ(policy->ratios.size(), 1U);
  EXPECT_EQ(policy->ratios[0].cells.dataset, "small-*");
  EXPECT_THAT(policy->ratios[0].scales, ElementsAre(1, 0.2));
  EXPECT_EQ(policy->ratios[0].cells.link, "*");
  EXPECT_EQ(policy->ratios[0].cells.phase, "first");
  EXPECT_EQ(policy->ratios[0].ratio_max, 0.3);
  EXPECT_TRUE(policy->ratios[0].required);
  EXPECT_EQ(policy->regression.factor_max, 1.5);
  EXPECT_EQ(policy->regression.wall_s_min, 0.2);
  EXPECT_THAT(policy->checks_required, ElementsAre("mirror.*"));
  ASSERT_EQ(policy->gaps_allowed.size(), 1U);
  EXPECT_EQ(policy->gaps_allowed[0].check, "mirror.*");
  EXPECT_EQ(policy->gaps_allowed[0].detail, "no user*");
  ASSERT_EQ(policy->accepted.size(), 1U);
  EXPECT_EQ(policy->accepted[0].outcome, CheckOutcome::kDiffers);
}

TEST(PolicyJson, NamesThePlaceOfAFault) {
  EXPECT_EQ(fault("/comment", "other words"), "");
  EXPECT_THAT(fault("/schema", 2), HasSubstr("schema: version 2"));
  EXPECT_THAT(fault("/ratios/0/ratio_maximum", 1),
              HasSubstr("ratios[0].ratio_maximum: is not a field"));
  EXPECT_THAT(fault("/ratios/0/ratio_max", 0), HasSubstr("ratios[0].ratio_max: must be above 0"));
  EXPECT_THAT(fault("/ratios/0/peer", ""), HasSubstr("ratios[0].peer: a tool is needed"));
  EXPECT_THAT(fault("/ratios/0/dataset", "*-10k"), HasSubstr("ratios[0].dataset: a name"));
  EXPECT_THAT(fault("/ratios/0/dataset", ""), HasSubstr("ratios[0].dataset: a name"));
  for (const Json& none : {Json::array(), Json::array({0}), Json::array({-1, 1})}) {
    EXPECT_THAT(fault("/ratios/0/scales", none), HasSubstr("ratios[0].scales: one or more"));
  }
  EXPECT_THAT(fault("/ratios/0/scales", 1), HasSubstr("ratios[0].scales: an array is needed"));
  EXPECT_THAT(fault("/ratios/0/scales", Json::array({1, "2"})),
              HasSubstr("ratios[0].scales[1]: a number is needed"));
  EXPECT_THAT(fault("/checks/not_run_allowed/0/detail", "*"),
              HasSubstr("checks.not_run_allowed[0].detail: must name"));
  EXPECT_THAT(fault("/checks/not_run_allowed/0/reason", ""), HasSubstr("must say why"));
  EXPECT_THAT(fault("/regression/factor_max", 0.9), HasSubstr("regression.factor_max: must be 1"));
  EXPECT_THAT(fault("/regression/wall_s_min", -1), HasSubstr("regression.wall_s_min: must be 0"));
  EXPECT_THAT(fault("/checks/accepted/0/outcome", "fail"),
              HasSubstr("a failure is never accepted"));
  EXPECT_THAT(fault("/checks/accepted/0/reason", ""), HasSubstr("must say why"));
  EXPECT_THAT(fault("/checks/required/0", 7), HasSubstr("checks.required[0]: a string is needed"));
  EXPECT_THAT(fault("/limits", 7), HasSubstr("limits: is not a field"));
}

TEST(PolicyJson, ALimitWithoutScalesIsOfTheDatasetAsItIs) {
  Json json = Json::parse(kFull);
  json["ratios"][0].erase("scales");
  const auto policy = policy_from_json(json.dump());
  ASSERT_TRUE(policy) << policy.error().message();
  EXPECT_THAT(policy->ratios[0].scales, ElementsAre(1));
}

TEST(PolicyJson, MayBeAsLongAsTheLimitAndNoLonger) {
  std::string text(kFull);
  text.resize(kPolicyTextBytesMax, ' ');
  EXPECT_TRUE(policy_from_json(text));
  text += ' ';
  const auto policy = policy_from_json(text);
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().kind, base::ErrorKind::kLimit);
}

}  // namespace
}  // namespace robosync::parity
