#include "engine/session/opening.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>

#include "engine/net/memory_stream_testing.h"
#include "engine/session/codec_samples_testing.h"
#include "engine/wire/archive.h"
#include "engine/wire/frame.h"

namespace robosync::session {
namespace {

using namespace std::string_view_literals;
using wire::Type;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

TEST(OpeningTest, ComesBackWholeOrNotAtAll) {
  const std::string bytes = encode(full_opening());
  const auto back = decode_opening(bytes_of(bytes));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, full_opening());
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) {
    EXPECT_FALSE(decode_opening(bytes_of(bytes.substr(0, cut)))) << cut;
  }
  EXPECT_FALSE(decode_opening(bytes_of(bytes + "x")));
}

std::string text_of_x(std::size_t size) {
  wire::Encoder encoder;
  encoder.text(std::string(size, 'x'), size);
  return encoder.take();
}

TEST(OpeningTest, TextsAtTheirLimitAndOnePast) {
  const auto both = [](const char* what, std::size_t limit, auto set) {
    Opening opening = full_opening();
    set(opening, std::string(limit, 'x'));
    std::string bytes = encode(opening);
    EXPECT_TRUE(decode_opening(bytes_of(bytes))) << what;
    // One more than an encoder of ours would write.
    const std::size_t at = bytes.find(text_of_x(limit));
    ASSERT_NE(at, std::string::npos) << what;
    bytes.replace(at, text_of_x(limit).size(), text_of_x(limit + 1));
    EXPECT_FALSE(decode_opening(bytes_of(bytes))) << what;
  };
  using Text = const std::string&;
  both("module", tree::kComponentBytesMax, [](Opening& o, Text text) { o.module = text; });
  both("path", tree::kPathBytesMax, [](Opening& o, Text text) { o.paths.front() = text; });
  both("token", wire::kCapabilityBytesMax, [](Opening& o, Text text) { o.token_id = text; });
  both("proof", kProofBytesMax, [](Opening& o, Text text) { o.proof = text; });
}

TEST(OpeningTest, SoManyPathsAndNoMore) {
  Opening opening = full_opening();
  opening.paths.assign(kOpeningPathsMax, "x");
  EXPECT_TRUE(decode_opening(bytes_of(encode(opening))));
  opening.paths.emplace_back("x");
  EXPECT_FALSE(decode_opening(bytes_of(encode(opening))));
}

// What a server that says `hello` is to this client.
base::Result<std::string> opened_with(const wire::Hello& hello, std::string ticket = "t") {
  net::MemoryPair pair = net::memory_stream_pair();
  std::thread server([&] {
    Channel channel(std::move(pair.server));
    (void)channel.send(Type::kHello, wire::encode(hello));
    (void)channel.send(Type::kAccept, std::move(ticket));
    (void)channel.finish();
    while (channel.receive()) {
    }
  });
  auto opened = [&] {
    Channel client(std::move(pair.client));
    auto out = open_session(client, full_opening(), {});
    (void)client.finish();
    return out;
  }();
  server.join();
  return opened;
}

TEST(OpeningTest, WhatIsOfferedAndUnknownIsIgnored) {
  wire::Hello hello{.major = wire::kVersionMajor, .minor = 7, .software = "another"};
  hello.offers = {"telepathy", "zstd"};
  const auto opened = opened_with(hello);
  ASSERT_TRUE(opened) << opened.error().message();
  EXPECT_EQ(*opened, "t");
}

TEST(OpeningTest, WhatASystemIsIsTold) {
  for (const bool server_ignores : {false, true}) {
    fs::Privileges server_system;
    server_system.ignores_case = server_ignores;
    server_system.has_native_attributes = !server_ignores;
    net::MemoryPair pair = net::memory_stream_pair();
    std::thread server([&] {
      Channel channel(std::move(pair.server));
      EXPECT_TRUE(receive_beginning(channel, server_system));
      EXPECT_TRUE(channel.peer_ignores_case());
      EXPECT_FALSE(channel.peer_has_native_attributes());
      EXPECT_TRUE(accept(channel, ""));
      (void)channel.finish();
    });
    Channel client(std::move(pair.client));
    fs::Privileges client_system;
    client_system.ignores_case = true;
    EXPECT_TRUE(open_session(client, full_opening(), {}, client_system));
    EXPECT_EQ(client.peer_ignores_case(), server_ignores);
    EXPECT_EQ(client.peer_has_native_attributes(), !server_ignores);
    (void)client.finish();
    server.join();
  }
}

TEST(OpeningTest, WhatCannotBeSentIsToldToTheUser) {
  const auto refused = [](const Opening& opening, const Request& request = {}) {
    net::MemoryPair pair = net::memory_stream_pair();
    Channel client(std::move(pair.client));
    SentRequest sent;
    sent.request = request;
    const auto opened = open_session(client, opening, sent);
    return opened ? base::ErrorKind::kIo : opened.error().kind;
  };
  Opening opening;
  opening.module.assign(tree::kComponentBytesMax + 1, 'm');
  EXPECT_EQ(refused(opening), base::ErrorKind::kUsage);
  opening = {};
  opening.paths.assign(kOpeningPathsMax + 1, "p");
  EXPECT_EQ(refused(opening), base::ErrorKind::kUsage);
  opening.paths = {std::string(wire::kGreetingBytesMax, 'p')};
  EXPECT_EQ(refused(opening), base::ErrorKind::kUsage);
  Request request;
  request.backup_suffix.assign(tree::kComponentBytesMax + 1, '~');
  EXPECT_EQ(refused({}, request), base::ErrorKind::kUsage);
}

TEST(OpeningTest, WhatIsRequiredAndUnknownIsRefusedByName) {
  wire::Hello hello{.major = wire::kVersionMajor};
  hello.required = {"owner-names", "telepathy"};
  const auto opened = opened_with(hello);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, base::ErrorKind::kProtocol);
  EXPECT_NE(opened.error().message().find("telepathy"), std::string::npos);
}

TEST(OpeningTest, AnotherMajorVersionIsRefusedInWords) {
  const auto opened = opened_with({.major = wire::kVersionMajor + 1});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, base::ErrorKind::kProtocol);
  EXPECT_NE(opened.error().message().find("version 2"), std::string::npos);
}

TEST(OpeningTest, TicketsHaveALimit) {
  const wire::Hello hello{.major = wire::kVersionMajor};
  EXPECT_TRUE(opened_with(hello, std::string(kTicketBytesMax, 't')));
  EXPECT_FALSE(opened_with(hello, std::string(kTicketBytesMax + 1, 't')));
}

}  // namespace
}  // namespace robosync::session
