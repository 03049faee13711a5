#include "engine/net/tls.h"

#include <gtest/gtest.h>

#include <array>
#include <fstream>
#include <future>
#include <optional>
#include <string>
#include <thread>

#include "engine/net/authority_testing.h"
#include "engine/net/folder_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/net/private_file.h"
#include "engine/net/socket.h"
#include "engine/net/stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

struct Outcome {
  base::Result<TlsStreamPtr> client;
  base::Result<TlsStreamPtr> server;
};

PinCheck anybody() {
  return [](const std::string&) { return base::Result<void>{}; };
}

class Tls : public testing::Test {
 protected:
  Identity self_signed() { return ensure_self_signed(folder_.path()).value(); }
  // A certificate for `name` from the test's authority.
  Identity issued(const std::string& name) { return authority_.issue(name); }

  static Outcome shake(MemoryPair pair, const TlsServerOptions& server_options,
                       const TlsClientOptions& client_options) {
    const TlsServer server = TlsServer::make(server_options).value();
    auto accepted =
        std::async(std::launch::async, [&] { return server.accept(std::move(pair.server)); });
    auto client = tls_client(std::move(pair.client), client_options);
    return {.client = std::move(client), .server = accepted.get()};
  }
  Outcome shake(const MemoryLink& link = {}) {
    return shake(memory_stream_pair(link), {.identity = self_signed()}, {.pin = anybody()});
  }

  TestFolder folder_;
  TestAuthority authority_{folder_.path()};
};

TEST_F(Tls, CarriesBytesBothWaysAndEndsInGoodOrder) {
  const Outcome pair = shake();
  ASSERT_TRUE(pair.client && pair.server);
  Stream& client = **pair.client;
  Stream& server = **pair.server;
  EXPECT_TRUE(client.is_secure());
  EXPECT_EQ(client.channel_binding().size(), kChannelBindingBytes);
  EXPECT_EQ(client.channel_binding(), server.channel_binding());
  std::string big;
  for (int i = 0; big.size() < 3'000'000; ++i) big += std::to_string(i);
  const auto push = [&big](Stream& stream) {
    EXPECT_TRUE(send(stream, big));
    EXPECT_TRUE(stream.finish());
  };
  std::thread one([&] { push(client); });
  std::thread two([&] { push(server); });
  std::thread three([&] { EXPECT_TRUE(receive_all(client).value_or("") == big); });
  EXPECT_TRUE(receive_all(server).value_or("") == big);
  one.join();
  two.join();
  three.join();
}

TEST_F(Tls, PiecesOfEverySizeArriveInOrder) {
  const Outcome pair = shake();
  ASSERT_TRUE(pair.client && pair.server);
  std::string text;
  std::vector<std::size_t> sizes = {0, 1, 16383, 16384, 16385, 7, 262144, 262145, 300000, 5};
  for (const std::size_t size : sizes) text.append(size, static_cast<char>('a' + size % 26));
  std::vector<std::span<const std::byte>> pieces;
  auto rest = std::as_bytes(std::span(text));
  for (const std::size_t size : sizes) {
    pieces.push_back(rest.first(size));
    rest = rest.subspan(size);
  }
  std::thread writer([&] { EXPECT_TRUE((*pair.client)->write(pieces)); });
  EXPECT_TRUE(receive(**pair.server, text.size()).value_or("") == text);
  writer.join();
}

TEST_F(Tls, EveryConnectionHasItsOwnBinding) {
  const Outcome a = shake();
  const Outcome b = shake();
  ASSERT_TRUE(a.client && b.client);
  EXPECT_NE((*a.client)->channel_binding(), (*b.client)->channel_binding());
}

TEST_F(Tls, WithoutCloseNotifyTheEndIsALostConnection) {
  MemoryPair memory = memory_stream_pair();
  Stream* below = memory.client.get();
  const Outcome pair = shake(std::move(memory), {.identity = self_signed()}, {.pin = anybody()});
  ASSERT_TRUE(pair.client && pair.server);
  ASSERT_TRUE(send(**pair.client, "half"));
  ASSERT_TRUE(below->finish()) << "a mere FIN";
  EXPECT_EQ(receive(**pair.server, 4).value_or("failed"), "half");
  EXPECT_EQ(kind_of(receive(**pair.server, 1)), ErrorKind::kConnection);
}

TEST_F(Tls, AFlippedByteIsCorruptNotData) {
  // The client's handshake is shorter than this, and all of it is one record's content after.
  const Outcome pair = shake({.to_server = {.flip_at = 20'000}});
  ASSERT_TRUE(pair.client && pair.server);
  ASSERT_TRUE(send(**pair.client, std::string(60'000, 'x')));
  EXPECT_EQ(kind_of(receive(**pair.server, 60'000)), ErrorKind::kCorrupt);
}

TEST_F(Tls, AuthoritiesAndNamesAreVerified) {
  const Identity server = issued("localhost");
  const auto run = [&](const TlsClientOptions& options) {
    return shake(memory_stream_pair(), {.identity = server}, options);
  };
  EXPECT_TRUE(run({.host = "localhost", .ca_file = authority_.file()}).client);
  const Outcome wrong_name = run({.host = "elsewhere", .ca_file = authority_.file()});
  EXPECT_EQ(kind_of(wrong_name.client), ErrorKind::kRefused);
  EXPECT_FALSE(wrong_name.server) << "the server hears of it";
  EXPECT_EQ(kind_of(run({.host = "127.0.0.1", .ca_file = authority_.file()}).client),
            ErrorKind::kRefused);
  const TestFolder other;
  const TestAuthority stranger(other.path());
  EXPECT_EQ(kind_of(run({.host = "localhost", .ca_file = stranger.file()}).client),
            ErrorKind::kRefused);
  EXPECT_EQ(kind_of(run({.host = "localhost"}).client), ErrorKind::kRefused) << "system's store";
  EXPECT_EQ(kind_of(run({.host = "", .ca_file = authority_.file()}).client), ErrorKind::kUsage);
}

TEST_F(Tls, APinSeesTheServersFingerprintAndDecides) {
  const Identity identity = self_signed();
  std::string seen;
  const auto note = [&seen](const std::string& fingerprint) -> base::Result<void> {
    seen = fingerprint;
    return base::fail(base::make_error(ErrorKind::kRefused, "not that one"));
  };
  const Outcome pair = shake(memory_stream_pair(), {.identity = identity}, {.pin = note});
  EXPECT_EQ(kind_of(pair.client), ErrorKind::kRefused);
  EXPECT_EQ(seen, fingerprint_of(identity.certificate).value());
  EXPECT_EQ(seen.size(), 7 + 43);
}

TEST_F(Tls, AServerMayAskForCertificates) {
  const TlsServerOptions options{.identity = self_signed(), .client_ca_file = authority_.file()};
  const Outcome known =
      shake(memory_stream_pair(), options, {.pin = anybody(), .identity = issued("backup")});
  ASSERT_TRUE(known.client && known.server);
  EXPECT_EQ((*known.server)->peer_subject(), "CN=backup");
  const Outcome without = shake(memory_stream_pair(), options, {.pin = anybody()});
  EXPECT_EQ(kind_of(without.server), ErrorKind::kRefused);
  ASSERT_TRUE(without.client) << "a client learns of it when it reads";
  EXPECT_FALSE(receive(**without.client, 1));
  const Outcome foreign =
      shake(memory_stream_pair(), options, {.pin = anybody(), .identity = self_signed()});
  EXPECT_EQ(kind_of(foreign.server), ErrorKind::kRefused);
}

TEST_F(Tls, ATls12ClientIsRefused) {
  MemoryPair pair = memory_stream_pair();
  const TlsServer server = TlsServer::make({.identity = self_signed()}).value();
  ASSERT_TRUE(send(*pair.client, tls12_hello()));
  EXPECT_EQ(kind_of(server.accept(std::move(pair.server))), ErrorKind::kProtocol);
  EXPECT_EQ(receive(*pair.client, 1).value_or("failed"), "\x15") << "an alert";
}

TEST_F(Tls, PlaintextAndGarbageAreProtocolErrors) {
  const TlsServer server = TlsServer::make({.identity = self_signed()}).value();
  for (const std::string& text :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(300, '\xff'), std::string(300, '\0'),
        std::string("\x16\x03\x01\x40\x00", 5) + std::string(0x4000, 'x')}) {
    MemoryPair pair = memory_stream_pair();
    ASSERT_TRUE(send(*pair.client, text));
    ASSERT_TRUE(pair.client->finish());
    EXPECT_EQ(kind_of(server.accept(std::move(pair.server))), ErrorKind::kProtocol);
  }
}

TEST_F(Tls, ASilentPeerIsGivenUpOnEitherSide) {
  MemoryPair pair = memory_stream_pair();
  const TlsServer server =
      TlsServer::make({.identity = self_signed(), .handshake_time = milliseconds(30)}).value();
  EXPECT_EQ(kind_of(server.accept(std::move(pair.server))), ErrorKind::kTimeout);
  pair = memory_stream_pair();
  EXPECT_EQ(kind_of(tls_client(std::move(pair.client),
                               {.pin = anybody(), .handshake_time = milliseconds(30)})),
            ErrorKind::kConnectTimeout);
}

// A listener that takes the connection and never answers the handshake.
TEST_F(Tls, ASocketThatNeverAnswersIsGivenUp) {
  const std::array addresses = {Address{.host = "127.0.0.1", .port = 0}};
  const auto listener = Listener::bind(addresses);
  ASSERT_TRUE(listener);
  const base::Cancellation never;
  auto stream = connect_tcp(listener->addresses().front(), {}, never);
  ASSERT_TRUE(stream);
  EXPECT_EQ(kind_of(tls_client(std::move(*stream),
                               {.pin = anybody(), .handshake_time = milliseconds(50)})),
            ErrorKind::kConnectTimeout);
}

TEST_F(Tls, AHandshakeCanBeStopped) {
  const std::array addresses = {Address{.host = "127.0.0.1", .port = 0}};
  const auto listener = Listener::bind(addresses);
  ASSERT_TRUE(listener);
  base::Cancellation cancellation;
  auto stream = connect_tcp(listener->addresses().front(), {}, cancellation);
  ASSERT_TRUE(stream);
  std::thread user([&] {
    std::this_thread::sleep_for(milliseconds(20));
    cancellation.request();
  });
  EXPECT_EQ(kind_of(tls_client(std::move(*stream), {.pin = anybody(),
                                                    .handshake_time = std::chrono::minutes(1),
                                                    .cancellation = &cancellation})),
            ErrorKind::kCancelled);
  user.join();
}

// A peer that gives one byte of an endless record at a time, just quickly enough to never count as
// silent; it ends when it was patiently listened to for far too long.
class Dripping final : public Stream {
 public:
  base::Result<std::size_t> read_some(std::span<std::byte> out) override {
    if (at_ == 1000) return std::size_t{0};
    std::this_thread::sleep_for(milliseconds(2));
    constexpr std::string_view kStart{"\x16\x03\x01\x3f\xff\x01\x00\x3f\xfb", 9};
    out.front() = static_cast<std::byte>(at_ < kStart.size() ? kStart[at_] : '\0');
    ++at_;
    return std::size_t{1};
  }
  base::Result<void> write(std::span<const std::span<const std::byte>> /*pieces*/) override {
    return {};
  }
  base::Result<void> finish() override { return {}; }
  void abort() override {}
  void set_no_progress_time(milliseconds /*time*/) override {}
  [[nodiscard]] std::string peer() const override { return "dripping"; }
  [[nodiscard]] bool is_secure() const override { return false; }
  [[nodiscard]] std::string channel_binding() const override { return {}; }

 private:
  std::size_t at_ = 0;
};

TEST_F(Tls, ATricklingHandshakeHasTheSameDeadline) {
  const TlsServer server =
      TlsServer::make({.identity = self_signed(), .handshake_time = milliseconds(50)}).value();
  EXPECT_EQ(kind_of(server.accept(std::make_unique<Dripping>())), ErrorKind::kTimeout);
}

TEST_F(Tls, AbortWakesReaderAndWriter) {
  const Outcome pair = shake();
  ASSERT_TRUE(pair.client && pair.server);
  Stream& client = **pair.client;
  std::thread reader([&] { EXPECT_EQ(kind_of(receive(client, 1)), ErrorKind::kCancelled); });
  std::thread writer([&] {
    EXPECT_EQ(kind_of(send(client, std::string(2'000'000, 'x'))), ErrorKind::kCancelled);
  });
  EXPECT_TRUE(receive(**pair.server, 1));
  client.abort();
  reader.join();
  writer.join();
}

// Passes on and keeps everything that crosses, like a tap on the wire.
std::string record(Stream& from, Stream& to) {
  std::string kept;
  std::array<char, 4096> buffer{};
  while (true) {
    const auto count = from.read_some(std::as_writable_bytes(std::span(buffer)));
    if (!count || *count == 0) break;
    kept.append(buffer.data(), *count);
    if (!send(to, std::string_view(buffer.data(), *count))) break;
  }
  static_cast<void>(to.finish());
  return kept;
}

TEST_F(Tls, ACaptureShowsNothingOfThePayload) {
  MemoryPair outer = memory_stream_pair();
  MemoryPair inner = memory_stream_pair();
  auto there = std::async(std::launch::async, [&] { return record(*outer.server, *inner.client); });
  auto back = std::async(std::launch::async, [&] { return record(*inner.client, *outer.server); });
  const std::string secret = "attack at dawn";
  std::string payload;
  while (payload.size() < 200'000) payload += secret;
  {
    const Outcome pair =
        shake({.client = std::move(outer.client), .server = std::move(inner.server)},
              {.identity = self_signed()}, {.pin = anybody()});
    ASSERT_TRUE(pair.client && pair.server);
    std::thread writer([&] {
      EXPECT_TRUE(send(**pair.client, payload));
      EXPECT_TRUE((*pair.client)->finish());
    });
    EXPECT_TRUE(receive_all(**pair.server).value_or("") == payload);
    writer.join();
    EXPECT_TRUE(send(**pair.server, secret));
    EXPECT_TRUE((*pair.server)->finish());
    EXPECT_EQ(receive_all(**pair.client).value_or(""), secret);
  }
  const std::string capture = there.get() + back.get();
  EXPECT_GT(capture.size(), payload.size());
  EXPECT_EQ(capture.find(secret), std::string::npos);
  EXPECT_EQ(capture.find("dawn"), std::string::npos);
  EXPECT_EQ(capture.find("CN="), std::string::npos);
}

TEST_F(Tls, TheSelfSignedPairIsMadeOnceAndItsKeyIsOurs) {
  const Identity first = self_signed();
  const std::string fingerprint = fingerprint_of(first.certificate).value();
  EXPECT_TRUE(read_private_file(first.key));  // which nobody else may read
  EXPECT_EQ(fingerprint_of(self_signed().certificate).value(), fingerprint);
  std::filesystem::remove(first.certificate);
  EXPECT_EQ(fingerprint_of(self_signed().certificate).value(), fingerprint) << "the key stays";
  std::filesystem::remove(first.key);
  EXPECT_EQ(kind_of(ensure_self_signed(folder_.path())), ErrorKind::kRefused);
  std::ofstream(first.key) << "not a key";
  std::filesystem::permissions(first.key, std::filesystem::perms::all);
  EXPECT_EQ(kind_of(ensure_self_signed(folder_.path())), ErrorKind::kPermission);
}

}  // namespace
}  // namespace robosync::net
