// The first content leaves while SOURCE is still scanning, and the client asks for all it wants in
// its first breath.
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/hostile_peer_testing.h"
#include "engine/session/serve.h"
#include "engine/wire/message.h"

namespace robosync::session {
namespace {

using wire::Type;

// Opens once, for good.
class Gate {
 public:
  void open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    opened_.notify_all();
  }
  // False when nobody opens it.
  [[nodiscard]] bool pass() {
    std::unique_lock lock(mutex_);
    return opened_.wait_for(lock, std::chrono::seconds(20), [this] { return open_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool open_ = false;
};

TEST(EarlyPayloadTest, ContentLeavesBeforeTheScanHasEnded) {
  fs::MemoryFileSystem memory;
  memory.build("/src", "a = content\nz/inner = more\n");
  fs::FaultFileSystem slow(memory);
  Gate has_content;
  bool passed = false;
  slow.add({.operation = fs::Operation::kList, .path = "/src/z", .before = [&] {
              passed = has_content.pass();
            }});
  net::MemoryPair pair = net::memory_stream_pair();
  OpenGate gate(slow);
  const base::Cancellation never;
  std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
  std::vector<Type> order;
  {
    Channel channel(std::move(pair.client));
    ASSERT_TRUE(open_as_client(channel, ClientRole::kTarget, Verb::kCopy, {"/src/"}));
    bool asked = false;
    while (const auto frame = channel.receive()) {
      order.push_back(frame->type);
      if (frame->type == Type::kDirectory && !asked) {
        asked = true;
        channel.post(Type::kNeed, wire::encode(wire::NeedBatch{{{0, 0}, wire::Want::kContent, 0}}));
      }
      if (frame->type == Type::kBundle) has_content.open();
      if (frame->type == Type::kScanEnd) break;
    }
    has_content.open();
    channel.post(Type::kEnd, {});
    (void)channel.finish();
    while (channel.receive()) {
    }
  }
  server.join();
  EXPECT_EQ("", slow.unused());
  EXPECT_TRUE(passed) << "nothing came while the scan was going on";
  EXPECT_EQ(order, (std::vector{Type::kRoots, Type::kDirectory, Type::kBundle, Type::kDirectory,
                                Type::kScanEnd}));
}

}  // namespace
}  // namespace robosync::session
