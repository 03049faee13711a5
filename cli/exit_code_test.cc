#include "cli/exit_code.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace robosync::cli {
namespace {

using base::ErrorKind;

int code_of(Outcome outcome) {
  Report report;
  report.outcome = outcome;
  return exit_code(base::Result<Report>(report));
}

TEST(ExitCode, OfEachOutcome) {
  EXPECT_EQ(code_of(Outcome::kOk), 0);
  EXPECT_EQ(code_of(Outcome::kDifferent), 1);
  EXPECT_EQ(code_of(Outcome::kCancelled), 20);
  EXPECT_EQ(code_of(Outcome::kPartial), 23);
  EXPECT_EQ(code_of(Outcome::kVanished), 24);
  EXPECT_EQ(code_of(Outcome::kGuarded), 25);
  EXPECT_EQ(code_of(Outcome::kAborted), 11) << "without a reason";
}

TEST(ExitCode, OfEachErrorKind) {
  const std::map<ErrorKind, int> expected = {
      {ErrorKind::kNotFound, 11},    {ErrorKind::kExists, 11},
      {ErrorKind::kPermission, 11},  {ErrorKind::kNotDirectory, 11},
      {ErrorKind::kIsDirectory, 11}, {ErrorKind::kNotEmpty, 11},
      {ErrorKind::kLink, 11},        {ErrorKind::kNoSpace, 11},
      {ErrorKind::kReadOnly, 11},    {ErrorKind::kCrossDevice, 11},
      {ErrorKind::kUnsupported, 4},  {ErrorKind::kInvalid, 2},
      {ErrorKind::kBusy, 11},        {ErrorKind::kTransient, 11},
      {ErrorKind::kChanged, 11},     {ErrorKind::kCancelled, 20},
      {ErrorKind::kLimit, 11},       {ErrorKind::kDeviceGone, 11},
      {ErrorKind::kIo, 11},          {ErrorKind::kRefused, 4},
      {ErrorKind::kUsage, 2},        {ErrorKind::kCorrupt, 11},
      {ErrorKind::kConnection, 10},  {ErrorKind::kConnectTimeout, 35},
      {ErrorKind::kTimeout, 30},     {ErrorKind::kProtocol, 12},
      {ErrorKind::kNoLinks, 4},
  };
  for (int number = 0; base::to_string(static_cast<ErrorKind>(number)) != "unknown"; ++number) {
    const auto kind = static_cast<ErrorKind>(number);
    SCOPED_TRACE(base::to_string(kind));
    ASSERT_TRUE(expected.contains(kind)) << "a new kind needs a code";
    const base::Error error = base::make_error(kind, "x");
    EXPECT_EQ(exit_code(error), expected.at(kind));
    EXPECT_EQ(exit_code(base::Result<Report>(base::fail(error))), expected.at(kind));
    Report report;
    report.outcome = Outcome::kAborted;
    report.fatal = error;
    EXPECT_EQ(exit_code(base::Result<Report>(report)), expected.at(kind));
  }
}

TEST(ExitCode, WhatTheSystemCallsInvalidIsNotTheUsersFault) {
  EXPECT_EQ(exit_code(base::from_errno(EINVAL, "write x")), 11);
}

TEST(ExitCode, TheTableHoldsAllCodesAndNoOther) {
  std::set<int> listed;
  for (const ExitCode& row : exit_codes()) {
    EXPECT_TRUE(listed.insert(row.code).second);
    EXPECT_FALSE(row.meaning.empty());
  }
  EXPECT_EQ(listed, (std::set<int>{0, 1, 2, 4, 10, 11, 12, 20, 23, 24, 25, 30, 35}));
}

}  // namespace
}  // namespace robosync::cli
