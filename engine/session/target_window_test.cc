// What a TARGET has asked for bounds how much more it asks for, of the manifest and of large files.
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/hostile_peer_testing.h"
#include "engine/session/limits.h"

namespace robosync::session {
namespace {

using wire::Type;

constexpr auto kStuck = std::chrono::milliseconds(20000);
constexpr std::size_t kPartNames = 500;

// The record of the directory that is entry `index` of the root, with that many files.
void send_record(Channel& channel, std::uint64_t id, std::uint64_t index, std::size_t files,
                 std::uint64_t size = 10) {
  for (std::size_t at = 0; at < files;) {
    wire::DirectoryPart part;
    part.id = id;
    part.first = at == 0;
    part.index = index;
    for (; at < files && part.entries.size() < kPartNames; ++at) {
      tree::Entry& entry = part.entries.emplace_back();
      entry.name = "n" + std::to_string(100000 + at);
      entry.metadata.kind = tree::Kind::kRegular;
      entry.metadata.size = size;
    }
    part.last = at == files;
    channel.post(Type::kDirectory, wire::encode(part));
  }
}

void send_root(Channel& channel) {
  wire::Roots roots;
  roots.contents.emplace().kind = tree::Kind::kDirectory;
  channel.post(Type::kRoots, wire::encode(roots));
  wire::DirectoryPart part;
  part.first = part.last = true;
  for (const char* name : {"a", "b", "c"}) {
    tree::Entry& entry = part.entries.emplace_back();
    entry.name = name;
    entry.metadata.kind = tree::Kind::kDirectory;
  }
  channel.post(Type::kDirectory, wire::encode(part));
}

struct Heard {
  std::size_t needs = 0;
  std::uint64_t entries = 0;  // of credit
};

// Receives until so much was asked for, or so much credit given.
Heard hear(Channel& channel, std::size_t needs, std::uint64_t entries) {
  Heard heard;
  while (heard.needs < needs && heard.entries < entries) {
    const auto frame = channel.receive();
    if (!frame) break;
    if (frame->type == Type::kNeed) {
      const auto batch = wire::decode<wire::NeedBatch>(frame->bytes());
      heard.needs += batch ? batch->size() : 0;
    } else if (frame->type == Type::kCredit) {
      const auto credit = wire::decode<wire::Credit>(frame->bytes());
      heard.entries += credit ? credit->entries : 0;
    }
  }
  return heard;
}

void fail_files(Channel& channel, std::uint64_t directory, std::size_t first, std::size_t count) {
  for (std::size_t i = first; i < first + count; ++i) {
    const wire::Fault fault{base::ErrorKind::kPermission, "not today"};
    channel.post(Type::kFailed, wire::encode(wire::EntryFault{{directory, i}, fault}));
  }
}

// What a pull does with a server that says what `script` does.
void pull_from(const std::function<void(Channel&)>& script) {
  fs::MemoryFileSystem memory;
  memory.build("/dst", "");
  net::MemoryPair pair = net::memory_stream_pair();
  pair.client->set_no_progress_time(kStuck);
  pair.server->set_no_progress_time(kStuck);
  std::thread server([&] {
    Channel channel(std::move(pair.server));
    ASSERT_TRUE(open_as_server(channel));
    send_root(channel);
    script(channel);
  });
  Request request;
  request.sources = {"/src/"};
  request.target = "/dst";
  request.verb = Verb::kCopy;
  Opening opening;
  opening.role = ClientRole::kTarget;
  opening.verb = request.verb;
  opening.paths = request.sources;
  const base::Cancellation never;
  apply::Observer observer;
  // The server goes in the middle of it: how that ends is another test's.
  (void)run_client(std::move(pair.client), opening, request, memory, observer, never);
  server.join();
}

TEST(TargetWindowTest, NoMoreIsAskedForWhileMuchIsOnItsWay) {
  constexpr std::size_t kFirst = kAskedMax + 1000;
  constexpr std::size_t kSecond = kManifestWindow / 8 + 1000;
  pull_from([&](Channel& channel) {
    send_record(channel, 1, 0, kFirst);
    EXPECT_EQ(hear(channel, kFirst, UINT64_MAX).needs, kFirst);
    send_record(channel, 2, 1, kSecond);
    const Heard while_many = hear(channel, kSecond, UINT64_MAX);
    EXPECT_EQ(while_many.needs, kSecond);
    // What was said together with the last of these needs is heard before the next one.
    send_record(channel, 3, 2, 1);
    const Heard after = hear(channel, 1, UINT64_MAX);
    EXPECT_EQ(after.needs, 1U);
    EXPECT_LT(while_many.entries + after.entries, kSecond);
    fail_files(channel, 1, 0, kFirst);
    EXPECT_GE(hear(channel, SIZE_MAX, kSecond).entries, kSecond);
  });
}

// Each may arrive as far as its window goes before any of it is written.
TEST(TargetWindowTest, NoMoreLargeFilesAreAskedForThanMayArriveAtOnce) {
  constexpr std::size_t kAtOnce = kLargeWindow / kStreamWindow;
  constexpr std::size_t kFiles = 3 * kAtOnce;
  pull_from([&](Channel& channel) {
    send_record(channel, 1, 0, kFiles, 2 * kStreamWindow);
    std::size_t asked = hear(channel, kAtOnce, UINT64_MAX).needs;
    EXPECT_EQ(asked, kAtOnce);
    for (std::size_t failed = 0; asked < kFiles; ++failed) {
      fail_files(channel, 1, failed, 1);
      const std::size_t more = hear(channel, 1, UINT64_MAX).needs;
      ASSERT_EQ(more, 1U);
      asked += more;
    }
  });
}

}  // namespace
}  // namespace robosync::session
