#include "engine/daemon/watched_stream.h"

#include <utility>

namespace robosync::daemon {

class WatchedStream final : public net::Stream {
 public:
  WatchedStream(net::StreamPtr below, std::shared_ptr<Cutter> cutter)
      : below_(std::move(below)), cutter_(std::move(cutter)) {
    const base::MutexLock lock(cutter_->mutex_);
    cutter_->stream_ = below_.get();
    if (cutter_->cut_) below_->abort();
  }
  WatchedStream(const WatchedStream&) = delete;
  WatchedStream& operator=(const WatchedStream&) = delete;
  ~WatchedStream() override {
    const base::MutexLock lock(cutter_->mutex_);
    cutter_->stream_ = nullptr;
  }

  base::Result<std::size_t> read_some(std::span<std::byte> out) override {
    return below_->read_some(out);
  }
  base::Result<void> write(std::span<const std::span<const std::byte>> pieces) override {
    return below_->write(pieces);
  }
  base::Result<void> finish() override { return below_->finish(); }
  void abort() override { below_->abort(); }
  void set_no_progress_time(std::chrono::milliseconds time) override {
    below_->set_no_progress_time(time);
  }
  [[nodiscard]] std::string peer() const override { return below_->peer(); }
  [[nodiscard]] bool is_secure() const override { return below_->is_secure(); }
  [[nodiscard]] std::string channel_binding() const override { return below_->channel_binding(); }

 private:
  net::StreamPtr below_;
  std::shared_ptr<Cutter> cutter_;
};

void Cutter::cut() {
  const base::MutexLock lock(mutex_);
  cut_ = true;
  if (stream_ != nullptr) stream_->abort();
}

bool Cutter::was_cut() const {
  const base::MutexLock lock(mutex_);
  return cut_;
}

net::StreamPtr watched(net::StreamPtr stream, std::shared_ptr<Cutter> cutter) {
  return std::make_unique<WatchedStream>(std::move(stream), std::move(cutter));
}

}  // namespace robosync::daemon
