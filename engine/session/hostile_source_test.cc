// A SOURCE that breaks the protocol: a pull from it ends with a fault and touches nothing.
#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/opening.h"
#include "engine/wire/message.h"

namespace robosync::session {
namespace {

using wire::Type;

struct Script {
  const char* name;
  std::vector<Frame> frames;  // after the roots
};

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

std::string open_part(std::uint64_t id) {
  wire::DirectoryPart part;
  part.id = id;
  part.first = true;
  return wire::encode(part);
}

std::vector<Script> scripts() {
  const Frame root{Type::kDirectory, 0, part(0, 0, {"d"})};
  std::vector<std::string> many;
  for (std::uint64_t i = 0; i < 32 * 1024; ++i) many.push_back("n" + std::to_string(100000 + i));
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
      {"a record after the scan", {root, {Type::kScanEnd, 0, {}}, root}},
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

TEST(HostileSourceTest, EveryBreachEndsTheSession) {
  for (const Script& script : scripts()) {
    SCOPED_TRACE(script.name);
    fs::MemoryFileSystem memory;
    memory.build("/dst", "old = content\n");
    memory.build("/outside", "precious = content\n");
    const std::string outside = memory.dump("/outside");
    net::MemoryPair pair = net::memory_stream_pair();
    pair.client->set_no_progress_time(std::chrono::seconds(20));  // the watchdog
    pair.server->set_no_progress_time(std::chrono::seconds(20));
    std::thread server([&] {
      Channel channel(std::move(pair.server));
      if (!receive_opening(channel) || !accept(channel) || !receive_request(channel)) return;
      wire::Roots roots;
      roots.contents.emplace().kind = tree::Kind::kDirectory;
      channel.post(Type::kRoots, wire::encode(roots));
      for (const Frame& frame : script.frames) {
        channel.post(frame.type, frame.payload, frame.stream);
      }
      // A client that takes all this for good gets an end, not heartbeats for ever.
      (void)channel.finish();
      while (channel.receive()) {
      }
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
      ASSERT_TRUE(report->fatal);
      EXPECT_EQ(report->fatal->kind, base::ErrorKind::kProtocol) << report->fatal->message();
    } else {
      EXPECT_EQ(report.error().kind, base::ErrorKind::kProtocol) << report.error().message();
    }
    EXPECT_EQ(memory.dump("/outside"), outside);
    EXPECT_NE(memory.dump("/dst").find("old"), std::string::npos);
  }
}

}  // namespace
}  // namespace robosync::session
