#include "engine/daemon/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace robosync::daemon {
namespace {

std::string logged(LogFormat format, Log::Prefix prefix, std::string_view message,
                   const std::string& value) {
  std::string out;
  const Log log(format, LogLevel::kInfo, prefix, [&](const std::string& line) { out += line; });
  log.info(message, {{"peer", value}});
  log.debug("unseen");
  return out;
}

TEST(LogTest, text_has_level_message_and_fields) {
  EXPECT_EQ(logged(LogFormat::kText, Log::Prefix::kJournal, "session begins", "[::1]:7"),
            "<6>info: session begins peer=[::1]:7\n");
  EXPECT_EQ(logged(LogFormat::kText, Log::Prefix::kJournal, "x", "a b=\"c\""),
            "<6>info: x peer=\"a b='c'\"\n");
  EXPECT_EQ(logged(LogFormat::kText, Log::Prefix::kJournal, "x", ""), "<6>info: x peer=\"\"\n");
  EXPECT_THAT(logged(LogFormat::kText, Log::Prefix::kTime, "x", "y"),
              testing::MatchesRegex("....-..-..T..:..:..\\....Z info: x peer=y\n"));
}

TEST(LogTest, json_is_json_whatever_is_logged) {
  const std::string value("a\"b\\c\n\x1b[0m\xff\0z", 13);
  const auto line =
      nlohmann::json::parse(logged(LogFormat::kJson, Log::Prefix::kTime, "it's \"so\"", value));
  EXPECT_EQ(line.at("level"), "info");
  EXPECT_EQ(line.at("message"), "it's \"so\"");
  EXPECT_EQ(line.at("peer"), "a\"b\\x5cc\\x0a\\x1b[0m\\xff\\x00z");
}

TEST(LogTest, a_value_cannot_begin_a_line_or_colour_the_terminal) {
  const std::string line =
      logged(LogFormat::kText, Log::Prefix::kTime, "m\nerror: forged", "v\r\n\x1b[31m\x9b");
  EXPECT_EQ(std::ranges::count(line, '\n'), 1);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_EQ(line.find('\r'), std::string::npos);
}

TEST(LogTest, values_are_cut_at_their_limit) {
  EXPECT_EQ(log_clean(std::string(kLogValueBytesMax, 'x')), std::string(kLogValueBytesMax, 'x'));
  EXPECT_EQ(log_clean(std::string(kLogValueBytesMax + 1, 'x')),
            std::string(kLogValueBytesMax, 'x') + "...");
}

}  // namespace
}  // namespace robosync::daemon
