// Little frames that wait for company. On Windows they do not: its threads sleep whole
// milliseconds.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "engine/net/memory_stream_testing.h"
#include "engine/session/channel.h"

namespace robosync::session {
namespace {

using wire::Type;

// Passes on what is written, and keeps how long it was between a write's end and the next one's
// beginning.
class TimedStream final : public net::Stream {
 public:
  using Clock = std::chrono::steady_clock;
  explicit TimedStream(net::StreamPtr inner) : inner_(std::move(inner)) {}

  base::Result<std::size_t> read_some(std::span<std::byte> out) override {
    return inner_->read_some(out);
  }
  base::Result<void> write(std::span<const std::span<const std::byte>> pieces) override {
    if (writes_ > 0) gaps_.push_back(Clock::now() - last_end_);
    auto written = inner_->write(pieces);
    last_end_ = Clock::now();
    ++writes_;
    return written;
  }
  base::Result<void> finish() override { return inner_->finish(); }
  void abort() override { inner_->abort(); }
  void set_no_progress_time(std::chrono::milliseconds time) override {
    inner_->set_no_progress_time(time);
  }
  [[nodiscard]] std::string peer() const override { return inner_->peer(); }
  [[nodiscard]] bool is_secure() const override { return inner_->is_secure(); }
  [[nodiscard]] std::string channel_binding() const override { return inner_->channel_binding(); }

  void wait_for_writes(unsigned count) const {
    while (writes_ < count) std::this_thread::yield();
  }
  // REQUIRES: nobody writes.
  [[nodiscard]] const std::vector<Clock::duration>& gaps() const { return gaps_; }

 private:
  const net::StreamPtr inner_;
  std::atomic<unsigned> writes_{0};
  Clock::time_point last_end_;
  std::vector<Clock::duration> gaps_;
};

// The gaps between the writes of as many frames, each posted when the one before has been written.
std::vector<TimedStream::Clock::duration> gaps_of(unsigned frames, std::size_t payload_bytes) {
  net::MemoryPair pair = net::memory_stream_pair();
  auto timed = std::make_unique<TimedStream>(std::move(pair.client));
  const TimedStream& stream = *timed;
  Channel client(std::move(timed), Channel::Heartbeats::kNone);
  std::thread reader([&] {
    std::vector<std::byte> buffer(payload_bytes + 4096);
    for (auto got = pair.server->read_some(buffer); got && *got != 0;) {
      got = pair.server->read_some(buffer);
    }
  });
  for (unsigned i = 0; i < frames; ++i) {
    client.post(Type::kDirectoryDone, std::string(payload_bytes, 'x'));
    stream.wait_for_writes(i + 1);
  }
  EXPECT_TRUE(client.finish());
  reader.join();
  return stream.gaps();
}

// Each write wakes the other side. However slow this machine: a write that is not close behind the
// one before has a gap as long as one that waited.
TEST(ChannelGathersTest, AfterSixteenLittleWritesLittleWaitsForCompany) {
  constexpr std::chrono::microseconds kWait{500};
  constexpr std::size_t kAtOnceMax = 16;
  std::size_t close = 0;
  std::size_t most = 0;
  for (const auto gap : gaps_of(100, 10)) {
    close = gap < kWait ? close + 1 : 0;
    most = std::max(most, close);
  }
  EXPECT_LT(most, kAtOnceMax);
  EXPECT_GT(most, 0U) << "few wait for nothing";
  // What is not little never waits.
  const auto gaps = gaps_of(100, std::size_t{64} * 1024);
  EXPECT_LT(*std::ranges::min_element(gaps.begin() + kAtOnceMax, gaps.end()), kWait);
}

}  // namespace
}  // namespace robosync::session
