#include "engine/net/relay.h"

#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/base/mutex.h"

namespace robosync::net {
namespace {

using base::Result;
using std::chrono::milliseconds;

Result<void> pass(Stream& from, Stream& to) {
  std::vector<std::byte> buffer(kRelayBytes);
  for (;;) {
    ROBOSYNC_ASSIGN(const std::size_t got, from.read_some(buffer));
    if (got == 0) return to.finish();
    const std::span<const std::byte> piece(buffer.data(), got);
    ROBOSYNC_TRY(to.write(std::span(&piece, 1)));
  }
}

class Relay {
 public:
  Relay(Stream& client, Stream& session) : client_(client), session_(session) {}

  Result<void> run(milliseconds end_time) {
    client_.set_no_progress_time(milliseconds(0));
    session_.set_no_progress_time(milliseconds(0));
    std::thread back([&] {
      settle(pass(session_, client_));
      await_client(end_time);
    });
    settle(pass(client_, session_));
    {
      const base::MutexLock lock(mutex_);
      client_ended_ = true;
      changed_.notify_all();
    }
    back.join();
    const base::MutexLock lock(mutex_);
    if (fault_) return base::fail(std::move(*fault_));
    return {};
  }

 private:
  void settle(Result<void> passed) ROBOSYNC_EXCLUDES(mutex_) {
    if (passed) return;
    {
      const base::MutexLock lock(mutex_);
      if (!fault_) fault_ = std::move(passed).error();
    }
    client_.abort();
    session_.abort();
  }

  // A client that stays when its session is over would keep its place for ever.
  void await_client(milliseconds end_time) ROBOSYNC_EXCLUDES(mutex_) {
    const auto until = std::chrono::steady_clock::now() + end_time;
    bool late = false;
    {
      const base::MutexLock lock(mutex_);
      while (!client_ended_ && !late) {
        const auto left = until - std::chrono::steady_clock::now();
        late = left <= milliseconds(0);
        if (!late) changed_.wait_for(mutex_, std::chrono::ceil<milliseconds>(left));
      }
    }
    if (!late) return;
    settle(base::fail(base::make_error(base::ErrorKind::kTimeout,
                                       client_.peer() + ": did not end with its session")));
  }

  Stream& client_;
  Stream& session_;
  base::Mutex mutex_;
  base::Condition changed_;
  bool client_ended_ ROBOSYNC_GUARDED_BY(mutex_) = false;
  std::optional<base::Error> fault_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace

Result<void> relay(Stream& client, Stream& session, milliseconds end_time) {
  return Relay(client, session).run(end_time);
}

}  // namespace robosync::net
