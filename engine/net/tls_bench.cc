// TLS's bulk path over a TCP connection of this machine, one thread at each end.
#include <benchmark/benchmark.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "engine/base/random.h"
#include "engine/net/socket.h"
#include "engine/net/tls.h"

namespace robosync::net {
namespace {

struct Connected {
  StreamPtr client;
  StreamPtr server;
};

Connected connected(bool secure) {
  const std::array addresses = {Address{.host = "127.0.0.1", .port = 0}};
  auto listener = Listener::bind(addresses);
  const base::Cancellation never;
  auto client = connect_tcp(listener->addresses().front(), {}, never);
  auto server = stream_over_socket(listener->accept().value());
  if (!secure) return {.client = std::move(*client), .server = std::move(*server)};
  const auto folder = std::filesystem::temp_directory_path() /
                      ("robosync-tls-bench-" + std::to_string(base::random64()));
  std::filesystem::create_directory(folder);
  auto accepting = TlsServer::make({.identity = ensure_self_signed(folder).value()});
  std::filesystem::remove_all(folder);
  Connected result;
  std::thread accepter([&] { result.server = accepting->accept(std::move(*server)).value(); });
  const auto anybody = [](const std::string&) { return base::Result<void>{}; };
  result.client = tls_client(std::move(*client), {.pin = anybody}).value();
  accepter.join();
  return result;
}

// Argument 0: plain or TLS. Argument 1: bytes of one write.
void bulk(benchmark::State& state) {
  const Connected pair = connected(state.range(0) != 0);
  const auto bytes = static_cast<std::size_t>(state.range(1));
  std::thread reader([&] {
    std::vector<std::byte> buffer(std::size_t{256} * 1024);
    while (pair.server->read_some(buffer).value_or(0) != 0) {
    }
  });
  const std::vector<std::byte> data(bytes, std::byte{42});
  const std::array pieces = {std::span<const std::byte>(data)};
  for (auto _ : state) {
    if (!pair.client->write(pieces)) state.SkipWithError("write");
  }
  if (!pair.client->finish()) state.SkipWithError("finish");
  reader.join();
  state.SetBytesProcessed(state.iterations() * state.range(1));
}
BENCHMARK(bulk)
    ->ArgNames({"tls", "bytes"})
    ->ArgsProduct({{0, 1}, {1 << 14, 1 << 18, 1 << 20}})
    ->UseRealTime();

}  // namespace
}  // namespace robosync::net
