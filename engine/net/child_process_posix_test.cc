#include "engine/net/child_process.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <string>

#include "engine/net/stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

ChildProcess start(const std::vector<std::string>& arguments,
                   milliseconds grace_time = std::chrono::seconds(20)) {
  auto child = ChildProcess::start(arguments, grace_time);
  EXPECT_TRUE(child) << child.error().message();
  return std::move(*child);
}

TEST(ChildProcess, TalksOverItsStandardStreams) {
  ChildProcess child = start({"cat"});
  ASSERT_TRUE(send(child.stream(), "there and back"));
  EXPECT_EQ(receive(child.stream(), 14).value_or("failed"), "there and back");
  ASSERT_TRUE(child.stream().finish());
  EXPECT_EQ(receive_all(child.stream()).value_or("failed"), "");
  EXPECT_TRUE(child.end());
}

TEST(ChildProcess, ArgumentsReachItUnchangedAndNoShell) {
  ChildProcess child = start({"printf", "%s|", "a b", "$HOME;*", ""});
  EXPECT_EQ(receive_all(child.stream()).value_or("failed"), "a b|$HOME;*||");
}

TEST(ChildProcess, TellsHowItEnded) {
  ChildProcess child = start({"sh", "-c", "exit 7"});
  EXPECT_EQ(receive_all(child.stream()).value_or("failed"), "");
  const auto result = child.end();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("sh ended with exit code 7"), std::string::npos);
}

TEST(ChildProcess, WhatCannotBeStartedSaysSo) {
  EXPECT_EQ(kind_of(ChildProcess::start({"robosync-no-such-program"})), ErrorKind::kNotFound);
}

TEST(ChildProcess, OneThatDoesNotEndIsEnded) {
  ChildProcess child = start({"sleep", "1000"}, milliseconds(20));
  const auto result = child.end();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("signal 15"), std::string::npos);
}

TEST(ChildProcess, OneThatIgnoresThatIsKilled) {
  ChildProcess child = start({"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 0.05; done"},
                             milliseconds(60));
  ASSERT_EQ(receive(child.stream(), 6).value_or("failed"), "ready\n");
  const auto result = child.end();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("signal 9"), std::string::npos);
}

TEST(ChildProcess, LeavesNobodyBehind) {
  {
    const ChildProcess child = start({"cat"});
  }
  EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1);
  EXPECT_EQ(errno, ECHILD);
}

}  // namespace
}  // namespace robosync::net
