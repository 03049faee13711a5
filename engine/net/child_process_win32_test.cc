#include "engine/net/child_process.h"

#include <windows.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "engine/net/stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

std::string program() {
  std::wstring own(4096, L'\0');
  own.resize(GetModuleFileNameW(nullptr, own.data(), static_cast<DWORD>(own.size())));
  return (std::filesystem::path(own).parent_path() / "stdio_win32_testprog.exe").string();
}

ChildProcess start(std::vector<std::string> words,
                   milliseconds grace_time = std::chrono::seconds(20)) {
  words.insert(words.begin(), program());
  auto child = ChildProcess::start(words, grace_time);
  EXPECT_TRUE(child) << child.error().message();
  return std::move(*child);
}

TEST(ChildProcess, TalksOverItsStandardStreams) {
  ChildProcess child = start({"cat"});
  ASSERT_TRUE(send(child.stream(), "there and back"));
  EXPECT_EQ(receive(child.stream(), 14).value_or("failed"), "there and back");
  const std::string big(std::size_t{1} << 20, 'x');
  ASSERT_TRUE(send(child.stream(), big.substr(0, 30'000)));
  EXPECT_EQ(receive(child.stream(), 30'000).value_or("failed"), big.substr(0, 30'000));
  ASSERT_TRUE(child.stream().finish());
  EXPECT_EQ(receive_all(child.stream()).value_or("failed"), "");
  EXPECT_TRUE(child.end());
}

TEST(ChildProcess, ArgumentsReachItUnchanged) {
  ChildProcess child = start({"words", "a b", "q\"uote", "back\\", "\\\"", "", "%PATH%;*"});
  EXPECT_EQ(receive_all(child.stream()).value_or("failed"), "a b|q\"uote|back\\|\\\"||%PATH%;*|");
}

TEST(ChildProcess, TellsHowItEnded) {
  ChildProcess child = start({"exit", "7"});
  EXPECT_EQ(receive_all(child.stream()).value_or("failed"), "");
  const auto result = child.end();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("ended with exit code 7"), std::string::npos);
}

TEST(ChildProcess, WhatCannotBeStartedSaysSo) {
  EXPECT_EQ(kind_of(ChildProcess::start({"robosync-no-such-program"})), ErrorKind::kNotFound);
}

TEST(ChildProcess, OneThatDoesNotEndIsEnded) {
  ChildProcess child = start({"stay"}, milliseconds(20));
  const auto result = child.end();
  ASSERT_FALSE(result);
  EXPECT_NE(result.error().message().find("was ended"), std::string::npos);
}

TEST(ChildProcess, AReaderThatWaitsIsWokenByAbort) {
  ChildProcess child = start({"stay"}, milliseconds(20));
  child.stream().set_no_progress_time(milliseconds(50));
  EXPECT_EQ(kind_of(receive(child.stream(), 1)), ErrorKind::kTimeout);
  child.stream().abort();
  EXPECT_EQ(kind_of(receive(child.stream(), 1)), ErrorKind::kCancelled);
}

}  // namespace
}  // namespace robosync::net
