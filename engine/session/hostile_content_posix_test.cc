// A SOURCE that lies about content: digests that are cut short, empty or another file's, sizes and
// members that are not what was asked for. Nothing of it gets a final name.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/digest.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/hostile_peer_testing.h"
#include "engine/transfer/bundle.h"
#include "engine/wire/message.h"

namespace robosync::session {
namespace {

using wire::Type;

constexpr auto kStuck = std::chrono::seconds(4);

base::Digest digest_of(const std::string& content) {
  const auto hasher = base::make_hasher(base::DigestKind::kXxh3_128);
  hasher->add(std::as_bytes(std::span(content)));
  return hasher->finish();
}

// The first bytes of a digest: what a comparison of as many bytes as the peer says would take.
base::Digest first_bytes(base::Digest digest, std::size_t size) {
  for (std::size_t i = size; i < digest.bytes.size(); ++i) digest.bytes[i] = std::byte{0};
  digest.size = size;
  return digest;
}

std::string record_with_file(std::uint64_t size) {
  wire::DirectoryPart part;
  part.first = part.last = true;
  tree::Entry entry;
  entry.name = "f";
  entry.metadata.kind = tree::Kind::kRegular;
  entry.metadata.size = size;
  part.entries.push_back(std::move(entry));
  return wire::encode(part);
}

Frame bundle(const std::vector<wire::BundleMember>& members,
             const std::vector<std::string>& contents) {
  std::uint64_t bytes = 0;
  for (const std::string& content : contents) bytes += transfer::bundled_bytes(content.size());
  transfer::BundleWriter writer(bytes);
  for (const std::string& content : contents) {
    std::ranges::copy(std::as_bytes(std::span(content)), writer.room(content.size()).begin());
    EXPECT_TRUE(writer.add());
  }
  return {Type::kBundle, 0, wire::encode_bundle(members, *writer.finish())};
}

// What a pull of one file of `size` bytes leaves, when its need is answered with `answer`; in
// `breach`, whether that ended the session.
std::string target_after(std::uint64_t size,
                         const std::function<std::vector<Frame>(const wire::Need&)>& answer,
                         bool* breach = nullptr) {
  fs::MemoryFileSystem memory;
  memory.build("/dst", "old = content\n");
  net::MemoryPair pair = net::memory_stream_pair();
  pair.client->set_no_progress_time(kStuck);
  pair.server->set_no_progress_time(kStuck);
  std::thread server([&] {
    Channel channel(std::move(pair.server));
    if (!open_as_server(channel)) return;
    wire::Roots roots;
    roots.contents.emplace().kind = tree::Kind::kDirectory;
    channel.post(Type::kRoots, wire::encode(roots));
    channel.post(Type::kDirectory, record_with_file(size));
    channel.post(Type::kScanEnd, {});
    for (;;) {
      const auto frame = channel.receive();
      if (!frame || frame->type == Type::kEnd) break;
      if (frame->type != Type::kNeed) continue;
      const auto needs = wire::decode<wire::NeedBatch>(frame->bytes());
      if (!needs) break;
      for (Frame& one : answer(needs->front())) {
        channel.post(one.type, std::move(one.payload), one.stream);
      }
    }
    (void)channel.finish();
    while (channel.receive()) {
    }
  });
  Request request;
  request.sources = {"/src/"};
  request.target = "/dst";
  request.retries = 0;
  Opening opening;
  opening.role = ClientRole::kTarget;
  opening.paths = request.sources;
  const base::Cancellation never;
  apply::Observer observer;
  const auto report = run_client(std::move(pair.client), opening, request, memory, observer, never);
  server.join();
  const std::string after = memory.dump("/dst");
  if (breach != nullptr) *breach = report && report->fatal.has_value();
  const bool landed = after.find("f ") != std::string::npos;
  EXPECT_EQ(landed, report && report->outcome == Outcome::kOk) << "what did not land is told";
  EXPECT_NE(after.find("old"), std::string::npos);
  return landed ? "landed" : "nothing";
}

TEST(HostileContentTest, OfABundleNothingIsTakenOnItsWord) {
  const std::string content = "x";
  const base::Digest good = digest_of(content);
  const auto with = [&](const base::Digest& digest, std::uint64_t size = 1,
                        const std::string& sent = "x") {
    return target_after(1, [&](const wire::Need& need) {
      return std::vector{bundle({{need.entry, size, digest, std::nullopt}}, {sent})};
    });
  };
  EXPECT_EQ(with(good), "landed") << "this test cannot tell";
  EXPECT_EQ(with(first_bytes(good, 0)), "nothing");
  EXPECT_EQ(with(first_bytes(good, 1)), "nothing");
  EXPECT_EQ(with(first_bytes(good, good.size - 1)), "nothing");
  EXPECT_EQ(with(digest_of("y")), "nothing");
  EXPECT_EQ(with(good, 1, "y"), "nothing");
  EXPECT_EQ(with(digest_of("xy"), 2, "xy"), "nothing") << "more than the manifest said";
  EXPECT_EQ(with(good, 2, "x"), "nothing") << "the archive is not what its index says";
  EXPECT_EQ(with(good, UINT64_MAX, "x"), "nothing");
}

TEST(HostileContentTest, NorMembersThatNobodyAskedFor) {
  const base::Digest good = digest_of("x");
  const auto with = [&](const std::vector<wire::EntryRef>& members) {
    return target_after(1, [&](const wire::Need&) {
      std::vector<wire::BundleMember> index;
      index.reserve(members.size());
      for (const wire::EntryRef& entry : members) index.push_back({entry, 1, good, std::nullopt});
      return std::vector{bundle(index, std::vector<std::string>(members.size(), "x"))};
    });
  };
  EXPECT_EQ(with({{0, 0}}), "landed") << "this test cannot tell";
  EXPECT_EQ(with({{0, 1}}), "nothing");
  EXPECT_EQ(with({{7, 0}}), "nothing");
  EXPECT_EQ(with({{0, UINT64_MAX}}), "nothing");
}

TEST(HostileContentTest, OfALargeFileNothingIsTakenOnItsWord) {
  const std::string content(200'000, 'x');
  const base::Digest good = digest_of(content);
  const auto with = [&](const base::Digest& digest, std::uint64_t size, const std::string& sent) {
    return target_after(content.size(), [&](const wire::Need& need) {
      wire::FileBegin begin{.entry = need.entry, .is_delta = false, .metadata = {}};
      begin.metadata.kind = tree::Kind::kRegular;
      begin.metadata.size = size;
      return std::vector<Frame>{
          {Type::kFileBegin, need.stream, wire::encode(begin)},
          {Type::kChunk, need.stream, sent},
          {Type::kFileEnd, need.stream, wire::encode(wire::FileEnd{std::nullopt, digest})}};
    });
  };
  EXPECT_EQ(with(good, content.size(), content), "landed") << "this test cannot tell";
  EXPECT_EQ(with(first_bytes(good, 0), content.size(), content), "nothing");
  EXPECT_EQ(with(first_bytes(good, 1), content.size(), content), "nothing");
  EXPECT_EQ(with(digest_of("y"), content.size(), content), "nothing");
  EXPECT_EQ(with(good, content.size(), content + "x"), "nothing");
  EXPECT_EQ(with(good, content.size(), content.substr(1)), "nothing");
  EXPECT_EQ(with(good, content.size(), ""), "nothing");
  std::string other = content;
  other[content.size() / 2] = 'y';
  EXPECT_EQ(with(good, content.size(), other), "nothing");
}

// Frames of a file in another order or form than was asked for: whoever waits for it hears of it.
TEST(HostileContentTest, NorItsFramesInAnotherOrder) {
  const std::string content(200'000, 'x');
  const auto with = [&](const std::string& order) {
    return target_after(content.size(), [&](const wire::Need& need) {
      std::vector<Frame> frames;
      for (const char c : order) {
        wire::FileBegin begin{.entry = need.entry, .is_delta = c == 'd', .metadata = {}};
        begin.metadata.kind = tree::Kind::kRegular;
        begin.metadata.size = content.size();
        const wire::FileEnd end{std::nullopt, digest_of(content)};
        const wire::FileEnd fault{wire::Fault{base::ErrorKind::kIo, "unreadable"}, {}};
        switch (c) {
          case 'c':
            frames.push_back({Type::kChunk, need.stream, content});
            break;
          case 'e':
            frames.push_back({Type::kFileEnd, need.stream, wire::encode(end)});
            break;
          case 'f':
            frames.push_back({Type::kFileEnd, need.stream, wire::encode(fault)});
            break;
          default:
            frames.push_back({Type::kFileBegin, need.stream, wire::encode(begin)});
        }
      }
      return frames;
    });
  };
  EXPECT_EQ(with("bce"), "landed") << "this test cannot tell";
  for (const char* const order :
       {"e", "c", "ce", "be", "bbce", "dce", "bcf", "f", "bf", "bcce", "bdce"}) {
    EXPECT_EQ(with(order), "nothing") << order;
  }
}

// A target keeps places for the deltas that it has asked for until their streams end.
TEST(HostileContentTest, AFailureBesideItsStreamIsABreach) {
  const auto breaks = [](std::uint64_t size) {
    bool breach = false;
    const std::string after = target_after(
        size,
        [](const wire::Need& need) {
          const wire::EntryFault fault{need.entry, {base::ErrorKind::kIo, "unreadable"}};
          return std::vector<Frame>{{Type::kFailed, 0, wire::encode(fault)}};
        },
        &breach);
    EXPECT_EQ(after, "nothing");
    return breach;
  };
  EXPECT_FALSE(breaks(1)) << "this test cannot tell";
  EXPECT_TRUE(breaks(200'000));
}

}  // namespace
}  // namespace robosync::session
