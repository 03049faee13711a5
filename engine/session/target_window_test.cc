// What a TARGET has asked for bounds how much more it asks for, of the manifest and of large files.
#include <gtest/gtest.h>

#include <functional>
#include <set>
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
  std::vector<wire::Need> needs;
  std::uint64_t entries = 0;             // of credit
  std::set<std::uint32_t> given_credit;  // streams
};

// False: the connection has ended.
bool hear_one(Channel& channel, Heard& heard) {
  const auto frame = channel.receive();
  if (!frame) return false;
  if (frame->type == Type::kNeed) {
    const auto batch = wire::decode<wire::NeedBatch>(frame->bytes());
    if (batch) heard.needs.insert(heard.needs.end(), batch->begin(), batch->end());
  } else if (frame->type == Type::kCredit) {
    const auto credit = wire::decode<wire::Credit>(frame->bytes());
    heard.entries += credit ? credit->entries : 0;
    if (credit && credit->stream_bytes > 0) heard.given_credit.insert(credit->stream);
  }
  return true;
}

// Receives until so much was asked for, or so much credit given.
Heard hear(Channel& channel, std::size_t needs, std::uint64_t entries) {
  Heard heard;
  while (heard.needs.size() < needs && heard.entries < entries && hear_one(channel, heard)) {
  }
  return heard;
}

// The same until one of these streams has credit for more.
bool hear_credit(Channel& channel, std::set<std::uint32_t> streams) {
  Heard heard;
  do {
    for (const std::uint32_t stream : heard.given_credit) streams.erase(stream);
  } while (!streams.empty() && hear_one(channel, heard));
  return streams.empty();
}

tree::Metadata regular(std::uint64_t size) {
  tree::Metadata metadata;
  metadata.kind = tree::Kind::kRegular;
  metadata.size = size;
  return metadata;
}

void begin_file(Channel& channel, const wire::Need& need, const tree::Metadata& metadata) {
  const wire::FileBegin begin{.entry = need.entry, .is_delta = false, .metadata = metadata};
  channel.post(Type::kFileBegin, wire::encode(begin), need.stream);
}

void end_file(Channel& channel, const wire::Need& need, base::ErrorKind fault) {
  channel.post(Type::kFileEnd, wire::encode(wire::FileEnd{wire::Fault{fault, "not today"}, {}}),
               need.stream);
}

void fill_window(Channel& channel, const wire::Need& need) {
  for (std::uint64_t sent = 0; sent < kStreamWindow; sent += kChunkBytes) {
    channel.post(Type::kChunk, std::string(kChunkBytes, 'x'), need.stream);
  }
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
    EXPECT_EQ(hear(channel, kFirst, UINT64_MAX).needs.size(), kFirst);
    send_record(channel, 2, 1, kSecond);
    const Heard while_many = hear(channel, kSecond, UINT64_MAX);
    EXPECT_EQ(while_many.needs.size(), kSecond);
    // What was said together with the last of these needs is heard before the next one.
    send_record(channel, 3, 2, 1);
    const Heard after = hear(channel, 1, UINT64_MAX);
    EXPECT_EQ(after.needs.size(), 1U);
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
    std::vector<wire::Need> asked = hear(channel, kAtOnce, UINT64_MAX).needs;
    EXPECT_EQ(asked.size(), kAtOnce);
    for (std::size_t failed = 0; asked.size() < kFiles; ++failed) {
      begin_file(channel, asked[failed], regular(2 * kStreamWindow));
      end_file(channel, asked[failed], base::ErrorKind::kPermission);
      const std::vector<wire::Need> more = hear(channel, 1, UINT64_MAX).needs;
      ASSERT_EQ(more.size(), 1U);
      asked.push_back(more.front());
    }
  });
}

// A source sends as many files at once as a target takes, and what is asked for again after those.
TEST(TargetWindowTest, WhoWaitsForAFileOnceMoreKeepsNobodyFromReading) {
  pull_from([&](Channel& channel) {
    send_record(channel, 1, 0, 2 * kStreamsMax, 2 * kStreamWindow);
    const std::vector<wire::Need> asked = hear(channel, 2 * kStreamsMax, UINT64_MAX).needs;
    ASSERT_EQ(asked.size(), 2 * kStreamsMax);
    for (unsigned i = 0; i < kStreamsMax; ++i) {
      begin_file(channel, asked[i], regular(2 * kStreamWindow));
      end_file(channel, asked[i], base::ErrorKind::kChanged);
    }
    EXPECT_EQ(hear(channel, kStreamsMax, UINT64_MAX).needs.size(), kStreamsMax) << "once more";
    std::set<std::uint32_t> streams;
    for (unsigned i = kStreamsMax; i < 2 * kStreamsMax; ++i) {
      begin_file(channel, asked[i], regular(2 * kStreamWindow));
      fill_window(channel, asked[i]);
      streams.insert(asked[i].stream);
    }
    EXPECT_TRUE(hear_credit(channel, streams));
  });
}

// Else the source would wait for ever with what is left of it.
TEST(TargetWindowTest, AFileThatIsGivenUpIsTakenToItsEnd) {
  pull_from([&](Channel& channel) {
    send_record(channel, 1, 0, 1, 2 * kStreamWindow);
    const std::vector<wire::Need> first = hear(channel, 1, UINT64_MAX).needs;
    ASSERT_EQ(first.size(), 1U);
    begin_file(channel, first.front(), regular(2 * kStreamWindow));
    end_file(channel, first.front(), base::ErrorKind::kChanged);
    const std::vector<wire::Need> again = hear(channel, 1, UINT64_MAX).needs;
    ASSERT_EQ(again.size(), 1U);
    begin_file(channel, again.front(), regular(3 * kStreamWindow));
    fill_window(channel, again.front());
    EXPECT_TRUE(hear_credit(channel, {again.front().stream}));
  });
}

}  // namespace
}  // namespace robosync::session
