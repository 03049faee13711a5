// A SOURCE that breaks the protocol: a pull from it ends with a fault and touches nothing.
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
#include "engine/wire/message.h"

namespace robosync::session {
namespace {

using wire::Type;

// Below the interval of the heartbeats, or these would keep a session alive that is stuck.
constexpr auto kStuck = std::chrono::milliseconds(kHeartbeatInterval) * 4 / 5;

std::string part(std::uint64_t id, std::uint64_t parent, const std::vector<std::string>& names) {
  wire::DirectoryPart part;
  part.id = id;
  part.parent = parent;
  part.first = part.last = true;
  for (const std::string& name : names) {
    tree::Entry entry;
    entry.name = name;
    entry.metadata.kind = tree::Kind::kDirectory;
    part.entries.push_back(std::move(entry));
  }
  return wire::encode(part);
}

// The root with a file that TARGET has to ask for, so that the session is not over with the scan.
std::string part_with_file() {
  wire::DirectoryPart part;
  part.first = part.last = true;
  tree::Entry entry;
  entry.name = "f";
  entry.metadata.kind = tree::Kind::kRegular;
  entry.metadata.size = 1;
  part.entries.push_back(std::move(entry));
  return wire::encode(part);
}

std::string open_part(std::uint64_t id) {
  wire::DirectoryPart part;
  part.id = id;
  part.first = true;
  return wire::encode(part);
}

// The first part of a record that nobody waits for.
std::string unawaited(std::uint64_t id, const std::function<void(wire::DirectoryPart&)>& fill) {
  wire::DirectoryPart part;
  part.id = id;
  part.first = true;
  part.index = 1000 + id;  // the root has no such entry
  fill(part);
  return wire::encode(part);
}

// What grows TARGET's memory without being an entry.
std::vector<Script> swollen() {
  const Frame root{Type::kDirectory, 0, part(0, 0, {"d"})};
  const auto directory = [](std::string payload) {
    return Frame{Type::kDirectory, 0, std::move(payload)};
  };
  constexpr std::size_t kMany = wire::kBatchMax;
  const auto with_problems = [](wire::DirectoryPart& part) { part.problems.resize(kMany); };
  const auto with_protected = [](wire::DirectoryPart& part) {
    part.protected_names.assign(kMany, "n");
  };
  const auto with_omissions = [](wire::DirectoryPart& part) {
    part.omissions.assign(kMany, {"n", tree::Kind::kSymlink, ""});
  };
  const auto with_merge_file = [](wire::DirectoryPart& part) {
    part.last = true;
    part.merge_files.assign(1, {".rules", std::string(wire::kMergeFileBytesMax, '#')});
  };
  std::vector<Script> out;
  const auto twice = [&](const char* name, const auto& fill) {
    wire::DirectoryPart more;
    more.id = 1;
    fill(more);
    out.push_back({name,
                   {root, directory(unawaited(1, fill)), directory(wire::encode(more)),
                    directory(wire::encode(more))}});
  };
  twice("problems that nobody waits for", with_problems);
  twice("protected names that nobody waits for", with_protected);
  twice("omissions that nobody waits for", with_omissions);
  Script bytes{"merge files that nobody waits for", {root}};
  for (std::uint64_t id = 1; id <= 20; ++id) {
    bytes.frames.push_back(directory(unawaited(id, with_merge_file)));
  }
  out.push_back(std::move(bytes));
  return out;
}

std::vector<Script> scripts() {
  const Frame root{Type::kDirectory, 0, part(0, 0, {"d"})};
  const Frame unfinished{Type::kDirectory, 0, part_with_file()};
  std::vector<std::string> many;
  constexpr std::size_t kMany = std::size_t{32} * 1024;
  many.reserve(kMany);
  for (std::size_t i = 0; i < kMany; ++i) many.push_back("n" + std::to_string(100000 + i));
  return {
      {"dot dot", {{Type::kDirectory, 0, part(0, 0, {".."})}}},
      {"slash", {{Type::kDirectory, 0, part(0, 0, {"../../etc"})}}},
      {"NUL", {{Type::kDirectory, 0, part(0, 0, {std::string("a\0b", 3)})}}},
      {"names out of order", {{Type::kDirectory, 0, part(0, 0, {"b", "a"})}}},
      {"a name twice", {{Type::kDirectory, 0, part(0, 0, {"a", "a"})}}},
      {"a record before its parent", {{Type::kDirectory, 0, part(1, 0, {})}}},
      {"a record twice", {root, root}},
      {"its own parent", {root, {Type::kDirectory, 0, part(1, 1, {})}}},
      {"a record within another",
       {{Type::kDirectory, 0, open_part(0)}, {Type::kDirectory, 0, part(1, 0, {})}}},
      {"a record beyond credit", {{Type::kDirectory, 0, part(0, 0, many)}}},
      {"a record after the scan", {unfinished, {Type::kScanEnd, 0, {}}, root}},
      {"an end of the scan twice", {unfinished, {Type::kScanEnd, 0, {}}, {Type::kScanEnd, 0, {}}}},
      {"an end of the scan within a record",
       {{Type::kDirectory, 0, open_part(0)}, {Type::kScanEnd, 0, {}}}},
      {"a directory without a record", {root, {Type::kScanEnd, 0, {}}}, true},
      {"an entry's record twice",
       {root,
        {Type::kDirectory, 0, unawaited(1, [](wire::DirectoryPart& p) { p.last = true; })},
        {Type::kDirectory, 0,
         unawaited(2,
                   [](wire::DirectoryPart& p) {
                     p.last = true;
                     p.index -= 1;
                   })}}},
      {"a record that is no record", {{Type::kDirectory, 0, "\xff\xff\xff\xff"}}},
      {"a chunk without begin", {root, {Type::kChunk, 7, "x"}}},
      {"an end without begin", {root, {Type::kFileEnd, 7, wire::encode(wire::FileEnd{})}}},
      {"a file nobody asked for", {root, {Type::kFileBegin, 7, wire::encode(wire::FileBegin{})}}},
      {"a digest nobody asked for",
       {root, {Type::kDigests, 0, wire::encode(wire::DigestBatch{{{0, 0}, {}}})}}},
      {"a failure of nothing", {root, {Type::kFailed, 0, wire::encode(wire::EntryFault{})}}},
      {"a removal in a copy", {root, {Type::kRemoved, 0, wire::encode(wire::Removed{})}}},
      {"needs from a SOURCE", {root, {Type::kNeed, 0, wire::encode(wire::NeedBatch(1))}}},
  };
}

class HostileSourceTest : public testing::TestWithParam<std::vector<Script> (*)()> {};

TEST_P(HostileSourceTest, EveryBreachEndsTheSession) {
  for (const Script& script : GetParam()()) {
    SCOPED_TRACE(script.name);
    fs::MemoryFileSystem memory;
    memory.build("/dst", "old = content\n");
    memory.build("/outside", "precious = content\n");
    const std::string outside = memory.dump("/outside");
    net::MemoryPair pair = net::memory_stream_pair();
    pair.client->set_no_progress_time(kStuck);
    pair.server->set_no_progress_time(kStuck);
    std::thread server([&] {
      Channel channel(std::move(pair.server));
      if (!open_as_server(channel)) return;
      wire::Roots roots;
      roots.contents.emplace().kind = tree::Kind::kDirectory;
      channel.post(Type::kRoots, wire::encode(roots));
      play(channel, script);
    });
    Request request;
    request.sources = {"/src/"};
    request.target = "/dst";
    request.verb = Verb::kMirror;
    Opening opening;
    opening.role = ClientRole::kTarget;
    opening.verb = request.verb;
    opening.paths = request.sources;
    const base::Cancellation never;
    apply::Observer observer;
    const auto report =
        run_client(std::move(pair.client), opening, request, memory, observer, never);
    server.join();
    if (report) {
      EXPECT_EQ(report->outcome, Outcome::kAborted);
      EXPECT_TRUE(report->fatal);
      if (!report->fatal) continue;
      EXPECT_EQ(report->fatal->kind, base::ErrorKind::kProtocol) << report->fatal->message();
    } else {
      EXPECT_EQ(report.error().kind, base::ErrorKind::kProtocol) << report.error().message();
    }
    EXPECT_EQ(memory.dump("/outside"), outside);
    EXPECT_NE(memory.dump("/dst").find("old"), std::string::npos);
  }
}

INSTANTIATE_TEST_SUITE_P(Scripts, HostileSourceTest, testing::Values(&scripts, &swollen),
                         [](const auto& info) {
                           return std::string(info.index == 0 ? "breaches" : "swollen");
                         });

TEST(RecordSizeTest, TakesItsLimitsAndNoMore) {
  RecordSize items;
  ASSERT_TRUE(items.add(kDirectoryEntriesMax - 1, 0));
  ASSERT_TRUE(items.add(1, 0));
  EXPECT_FALSE(items.add(1, 0));
  EXPECT_TRUE(items.add(0, kRecordBytesMax));
  EXPECT_FALSE(items.add(0, 1));
  RecordSize wraps;
  ASSERT_TRUE(wraps.add(1, 1));
  EXPECT_FALSE(wraps.add(UINT64_MAX, 0));
  EXPECT_FALSE(wraps.add(0, UINT64_MAX));
}

}  // namespace
}  // namespace robosync::session
