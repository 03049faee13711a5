// A server that is to stop does not wait for its client.
#include <gtest/gtest.h>

#include <thread>

#include "engine/base/mutex.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/hostile_peer_testing.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

// Far more than it takes; and less than heartbeats would keep it going.
constexpr std::chrono::seconds kEnough{20};

TEST(StoppedServer, ThatIsSourceBreaksOff) {
  fs::MemoryFileSystem memory;
  memory.build("/src", "f = content\n");
  net::MemoryPair pair = net::memory_stream_pair();
  base::Cancellation stop;
  base::Mutex mutex;
  base::Condition changed;
  bool served = false;
  std::thread server([&] {
    OpenGate gate(memory);
    (void)serve(std::move(pair.server), gate, stop);
    const base::MutexLock lock(mutex);
    served = true;
    changed.notify_all();
  });
  Channel client(std::move(pair.client));
  ASSERT_TRUE(open_as_client(client, ClientRole::kTarget, Verb::kCopy, {"/src/"}));
  ASSERT_TRUE(receive_until(client, wire::Type::kScanEnd));
  stop.request();
  {
    const base::MutexLock lock(mutex);
    const auto until = std::chrono::steady_clock::now() + kEnough;
    while (!served && std::chrono::steady_clock::now() < until) {
      changed.wait_for(mutex, std::chrono::milliseconds(50));
    }
    EXPECT_TRUE(served);
  }
  client.abort(base::make_error(base::ErrorKind::kCancelled, "enough"));
  server.join();
}

}  // namespace
}  // namespace robosync::session
