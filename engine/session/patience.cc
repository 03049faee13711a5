#include "engine/session/patience.h"

#include <string>

namespace robosync::session {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

namespace {

constexpr milliseconds kLook{200};

base::Error out_of_patience(const std::string& what, milliseconds time) {
  return base::make_error(base::ErrorKind::kTimeout,
                          what + " within " + std::to_string(time.count()) + " ms");
}

}  // namespace

Watch::Watch(Channel& channel, const Patience& patience) : channel_(channel), patience_(patience) {
  if (patience_.opening.count() == 0 && patience_.stalled.count() == 0) return;
  thread_ = std::thread([this] { watch(); });
}

Watch::~Watch() {
  {
    const base::MutexLock lock(mutex_);
    ending_ = true;
    changed_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Watch::opened() {
  if (patience_.silent.count() != 0) {
    channel_.stream().set_no_progress_time(patience_.silent);
  }
  channel_.note_progress();
  opened_ = true;
}

void Watch::watch() {
  const base::MutexLock lock(mutex_);
  while (!ending_) {
    changed_.wait_for(mutex_, kLook);
    look();
  }
}

void Watch::look() {
  const auto now = Clock::now();
  if (opened_) {
    const milliseconds time = patience_.stalled;
    if (time.count() != 0 && now - channel_.last_progress() >= time) {
      channel_.abort(out_of_patience("nothing but heartbeats from either side", time));
    }
    return;
  }
  const milliseconds time = patience_.opening * opening_times_.load();
  const seconds more(channel_.bytes_received() / kOpeningBytesPerSecondMin);
  if (time.count() != 0 && now - began_ >= time + more) {
    channel_.abort(out_of_patience("no complete request", time + more));
  }
}

}  // namespace robosync::session
