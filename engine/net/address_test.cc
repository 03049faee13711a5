#include "engine/net/address.h"

#include <gtest/gtest.h>

#include <string>

namespace robosync::net {
namespace {

std::string parsed(std::string_view text) {
  const auto address = parse_address(text);
  return address ? address->host + " " + std::to_string(address->port) : "refused";
}

TEST(Address, TakesEveryFormPeopleWrite) {
  EXPECT_EQ(parsed("host"), "host 9031");
  EXPECT_EQ(parsed("a.example-1.org:22"), "a.example-1.org 22");
  EXPECT_EQ(parsed("192.0.2.1:0"), "192.0.2.1 0");
  EXPECT_EQ(parsed("[::1]:65535"), "::1 65535");
  EXPECT_EQ(parsed("[fe80::1%eth0]"), "fe80::1%eth0 9031");
  EXPECT_EQ(parsed("::1"), "::1 9031");
}

TEST(Address, RefusesWhatIsNone) {
  for (const char* text :
       {"",         ":",    ":22",    "host:",  "host:65536", "host:-1", "host:22x",
        "host: 22", "[::1", "[::1]x", "[::1]:", "[host]:1",   "[]",      "a b",
        "a/b",      "a\n",  "-o",     "::1/64", "user@host",  "\xc3\xa4"}) {
    EXPECT_EQ(parsed(text), "refused") << text;
  }
}

TEST(Address, AHostHasALimit) {
  EXPECT_NE(parsed(std::string(kHostBytesMax, 'a')), "refused");
  EXPECT_EQ(parsed(std::string(kHostBytesMax + 1, 'a')), "refused");
}

TEST(Address, PrintsWhatItParses) {
  EXPECT_EQ((Address{.host = "::1", .port = 5}).text(), "[::1]:5");
  EXPECT_EQ((Address{.host = "h", .port = 5}).text(), "h:5");
}

TEST(Address, ListeningMayNameNoHost) {
  EXPECT_EQ(parse_listen_address(":7").value_or(Address{}).port, 7);
  EXPECT_EQ(parse_listen_address("*:7").value_or(Address{}), (Address{.host = "", .port = 7}));
  EXPECT_EQ(parse_listen_address("*").value_or(Address{.host = "x"}).host, "");
  EXPECT_EQ(parse_listen_address("::").value_or(Address{}).host, "::");
  EXPECT_FALSE(parse_listen_address(":"));
}

}  // namespace
}  // namespace robosync::net
