#include "engine/daemon/address.h"

#include <gtest/gtest.h>

namespace robosync::daemon {
namespace {

std::string address_text(std::string_view text) {
  const auto address = parse_address(text);
  return address ? address->text() : "error";
}

bool within(std::string_view network, std::string_view address) {
  const auto parsed = parse_network(network);
  EXPECT_TRUE(parsed) << network;
  return parsed && parsed->contains(parse_address(address).value());
}

TEST(IpAddressTest, reads_and_writes_both_families) {
  EXPECT_EQ(address_text("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_text("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(address_text("255.255.255.255"), "255.255.255.255");
  EXPECT_EQ(address_text("::"), "::");
  EXPECT_EQ(address_text("::1"), "::1");
  EXPECT_EQ(address_text("2001:DB8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(address_text("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(address_text("1::"), "1::");
  EXPECT_EQ(address_text("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(address_text("::ffff:c000:201"), "192.0.2.1");
  EXPECT_EQ(address_text("64:ff9b::192.0.2.1"), "64:ff9b::c000:201");
}

TEST(IpAddressTest, refuses_what_is_none) {
  for (const char* text : {"",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "256.0.0.1",
                           "01.2.3.4",
                           "1.2.3.4 ",
                           "1..2.3",
                           ":",
                           ":::",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7::8",
                           "12345::",
                           "g::",
                           "1.2.3.4::",
                           "::1.2.3",
                           "fe80::1%eth0",
                           "[::1]",
                           "localhost",
                           "-1.2.3.4",
                           "+1.2.3.4",
                           "::ffff:1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4"}) {
    EXPECT_EQ(address_text(text), "error") << text;
  }
  EXPECT_EQ(address_text(std::string(kAddressBytesMax + 1, '1')), "error");
}

TEST(IpAddressTest, knows_loopback) {
  EXPECT_TRUE(parse_address("127.0.0.1")->is_loopback());
  EXPECT_TRUE(parse_address("127.255.255.255")->is_loopback());
  EXPECT_TRUE(parse_address("::1")->is_loopback());
  EXPECT_TRUE(parse_address("::ffff:127.0.0.1")->is_loopback());
  EXPECT_FALSE(parse_address("126.0.0.1")->is_loopback());
  EXPECT_FALSE(parse_address("::")->is_loopback());
  EXPECT_FALSE(parse_address("::2")->is_loopback());
  EXPECT_FALSE(parse_address("1::1")->is_loopback());
}

TEST(NetworkTest, contains_its_addresses_and_no_others) {
  EXPECT_TRUE(within("192.0.2.0/24", "192.0.2.255"));
  EXPECT_FALSE(within("192.0.2.0/24", "192.0.3.0"));
  EXPECT_TRUE(within("192.0.2.128/25", "192.0.2.128"));
  EXPECT_FALSE(within("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(within("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(within("192.0.2.1/32", "192.0.2.2"));
  EXPECT_TRUE(within("0.0.0.0/0", "203.0.113.9"));
  EXPECT_TRUE(within("2001:db8::/32", "2001:db8:ffff::1"));
  EXPECT_FALSE(within("2001:db8::/32", "2001:db9::"));
  EXPECT_TRUE(within("2001:db8::1/128", "2001:db8::1"));
}

TEST(NetworkTest, an_address_inside_ipv6_is_the_ipv4_address) {
  EXPECT_TRUE(within("192.0.2.0/24", "::ffff:192.0.2.7"));
  EXPECT_TRUE(within("::ffff:192.0.2.0/120", "192.0.2.7"));
  EXPECT_TRUE(within("::ffff:0:0/96", "192.0.2.7"));
}

TEST(NetworkTest, families_do_not_mix) {
  EXPECT_FALSE(within("::/0", "192.0.2.7"));
  EXPECT_FALSE(within("0.0.0.0/0", "2001:db8::1"));
}

TEST(NetworkTest, refuses_what_is_none) {
  for (const char* text : {"192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/024",
                           "192.0.2.1/24", "2001:db8::1/64", "::/129", "192.0.2.0/24/24", "/24",
                           "::ffff:0:0/95", "all", "192.0.2.0/24x"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

TEST(EndpointTest, reads_with_and_without_port) {
  EXPECT_EQ(parse_endpoint("127.0.0.1", 9031)->text(), "127.0.0.1:9031");
  EXPECT_EQ(parse_endpoint("127.0.0.1:0", 9031)->text(), "127.0.0.1:0");
  EXPECT_EQ(parse_endpoint("127.0.0.1:65535", 9031)->text(), "127.0.0.1:65535");
  EXPECT_EQ(parse_endpoint("::1", 9031)->text(), "[::1]:9031");
  EXPECT_EQ(parse_endpoint("[::1]", 9031)->text(), "[::1]:9031");
  EXPECT_EQ(parse_endpoint("[::]:1", 9031)->text(), "[::]:1");
}

TEST(EndpointTest, refuses_what_is_none) {
  for (const char* text : {"", ":9031", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:x", "[::1",
                           "[::1]9031", "[::1]:", "[127.0.0.1]:1", "localhost:9031", "[]:1"}) {
    EXPECT_FALSE(parse_endpoint(text, 9031)) << text;
  }
}

}  // namespace
}  // namespace robosync::daemon
