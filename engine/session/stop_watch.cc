#include "engine/session/stop_watch.h"

namespace robosync::session {

namespace {

constexpr auto kLook = std::chrono::milliseconds(50);

}  // namespace

StopWatch::StopWatch(Channel& channel, const base::Cancellation& cancellation,
                     std::chrono::milliseconds grace)
    : grace_(grace), thread_([this, &channel, &cancellation] { watch(channel, cancellation); }) {}

StopWatch::~StopWatch() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  thread_.join();
}

void StopWatch::watch(Channel& channel, const base::Cancellation& cancellation) {
  auto waited = std::chrono::milliseconds(0);
  bool told = false;
  const base::MutexLock lock(mutex_);
  while (!ending_) {
    changed_.wait_for(mutex_, kLook);
    if (!cancellation.requested()) continue;
    if (!told && grace_.count() > 0) channel.post(wire::Type::kCancel, {});
    told = true;
    waited += kLook;
    if (waited >= grace_) {
      channel.abort(base::make_error(base::ErrorKind::kCancelled, "stopped"));
    }
  }
}

}  // namespace robosync::session
