#include "engine/session/location.h"

#include <gtest/gtest.h>

namespace robosync::session {
namespace {

using Carrier = Location::Carrier;

Location parsed(std::string_view text) {
  auto location = parse_location(text);
  EXPECT_TRUE(location) << text << ": " << (location ? "" : location.error().message());
  return location ? *location : Location{};
}

TEST(Location, PathsOfThisMachine) {
  for (const std::string_view text : {"a", "/a:b", "./a:b", "a/b:c", "../x:y", ".", "", "a b", "[x",
                                      "a@b", "a@b/c:d", "a/b@c:d", "/robosync://h/m"}) {
    const Location location = parsed(text);
    EXPECT_TRUE(location.is_local()) << text;
    EXPECT_EQ(location.path, text);
  }
  EXPECT_TRUE(parsed("C:\\x").is_local()) << "on any system";
}

TEST(Location, Ssh) {
  const Location location = parsed("me@host:/srv/x");
  EXPECT_EQ(location.carrier, Carrier::kSsh);
  EXPECT_EQ(location.login, "me@host");
  EXPECT_EQ(location.path, "/srv/x");
  EXPECT_EQ(parsed("host:").path, ".");
  EXPECT_EQ(parsed("host:a:b/").path, "a:b/");
  EXPECT_EQ(parsed("[::1]:x").login, "::1");
  EXPECT_EQ(parsed("me@[fe80::1%eth0]:x").login, "me@fe80::1%eth0");
  EXPECT_EQ(parsed("host:a@b").login, "host") << "an @ after the colon is the file's";
  EXPECT_EQ(parsed("host:a@b").path, "a@b");
  EXPECT_EQ(parsed("host:a@b:c").login, "host");
  EXPECT_EQ(parsed("me@host:a@b:c").path, "a@b:c");
  EXPECT_EQ(parsed("[::1]:a@b").login, "::1");
  EXPECT_EQ(parsed("host:50%25").path, "50%25") << "no percent decoding here";
  EXPECT_FALSE(parse_location("-oProxyCommand=x:y"));
  EXPECT_FALSE(parse_location(":x"));
  EXPECT_FALSE(parse_location("me@:x"));
}

TEST(Location, Urls) {
  const Location location = parsed("robosync://host/photos/2020/");
  EXPECT_EQ(location.carrier, Carrier::kTls);
  EXPECT_EQ(location.server, (net::Address{"host", 9031}));
  EXPECT_EQ(location.module, "photos");
  EXPECT_EQ(location.path, "2020/");
  EXPECT_EQ(parsed("robosync+tcp://[::1]:99/m").carrier, Carrier::kTcp);
  EXPECT_EQ(parsed("robosync+tcp://[::1]:99/m").server, (net::Address{"::1", 99}));
  EXPECT_EQ(parsed("robosync://h/m").path, ".");
  EXPECT_EQ(parsed("robosync://h/m/").path, ".");
  EXPECT_EQ(parsed("robosync://h").module, "");
  EXPECT_EQ(parsed("robosync://h/m/a%20b%2Fc%ff").path, "a b/c\xff");
  for (const std::string_view text :
       {"robosync://", "robosync:///m", "robosync://h:0x/m", "robosync://me@h/m",
        "robosync://h/m/%", "robosync://h/m/%4", "robosync://h/m/%zz", "robosync://h/m/%00"}) {
    EXPECT_FALSE(parse_location(text)) << text;
  }
}

TEST(Location, OneConnectionServesOneModule) {
  EXPECT_TRUE(parsed("robosync://h/m/a").same_place(parsed("robosync://h:9031/m/b")));
  EXPECT_FALSE(parsed("robosync://h/m/a").same_place(parsed("robosync://h/n/a")));
  EXPECT_FALSE(parsed("robosync://h/m/a").same_place(parsed("robosync+tcp://h/m/a")));
  EXPECT_FALSE(parsed("h:a").same_place(parsed("me@h:a")));
}

}  // namespace
}  // namespace robosync::session
