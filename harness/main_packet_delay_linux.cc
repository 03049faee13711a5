// robosync-parity-delay QUEUE DELAY_US LOSS_PERCENT: keeps each packet of an NFQUEUE queue for a
// while and loses some, in the network namespace that it is started in, until it is told to end.
// What makes the harness's "wan" link long where the kernel has no netem. Prints "ready" when the
// queue is its own: until then, and after its end, no packet of the queue goes through.
#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>

#include "harness/run/delay_line.h"
#include "harness/run/packet_queue_linux.h"

namespace robosync::parity {
namespace {

constexpr int kExitUsage = 64;
constexpr int kExitFault = 74;
// How late a packet may be: so many are let go at once that a gigabit link costs little.
constexpr long kTickNs = 200'000;
// Above what is measured: a delay that waits for the processor is no delay.
constexpr int kPriority = 20;

std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

template <typename T>
std::optional<T> number_of(std::string_view text, T max) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < T{} || value > max) {
    return std::nullopt;
  }
  return value;
}

void wait_for_packets(int fd, bool some_held) {
  if (some_held) {
    const timespec tick{0, kTickNs};
    ::clock_nanosleep(CLOCK_MONOTONIC, 0, &tick, nullptr);
    return;
  }
  pollfd wanted{.fd = fd, .events = POLLIN, .revents = 0};
  (void)::poll(&wanted, 1, -1);
}

base::Result<void> serve(std::uint16_t number, const DelaySettings& settings) {
  ROBOSYNC_ASSIGN(PacketQueue queue, PacketQueue::open(number));
  std::puts("ready");
  std::fflush(stdout);
  DelayLine line(settings);
  for (;;) {
    wait_for_packets(queue.fd(), !line.empty());
    base::Result<void> dropped;
    ROBOSYNC_TRY(queue.receive([&](std::uint32_t id) {
      if (line.arrive(id, now_ns()) == DelayLine::Fate::kHeld || !dropped) return;
      dropped = queue.drop(id);
    }));
    ROBOSYNC_TRY(dropped);
    if (const auto last = line.release(now_ns())) ROBOSYNC_TRY(queue.accept_until(*last));
  }
}

}  // namespace

int main_packet_delay(int count, char** arguments) {
  constexpr std::uint32_t kDelayUsMax = 10'000'000;
  const auto word = [&](int i) { return i < count ? std::string_view(arguments[i]) : ""; };
  const auto queue = number_of<std::uint16_t>(word(1), UINT16_MAX);
  const auto delay_us = number_of<std::uint32_t>(word(2), kDelayUsMax);
  const auto loss = number_of<double>(word(3), 100);
  if (count != 4 || !queue || !delay_us || !loss) {
    std::fputs("usage: robosync-parity-delay QUEUE DELAY_US LOSS_PERCENT\n", stderr);
    return kExitUsage;
  }
  // Without the right to it the delays are less even, that is all.
  const sched_param priority{.sched_priority = kPriority};
  (void)::sched_setscheduler(0, SCHED_FIFO, &priority);
  ::prctl(PR_SET_TIMERSLACK, 1);
  const auto served = serve(*queue, {.delay_ns = std::int64_t{*delay_us} * 1000,
                                     .loss = *loss / 100,
                                     .seed = static_cast<std::uint64_t>(now_ns())});
  std::fprintf(stderr, "robosync-parity-delay: %s\n", served.error().message().c_str());
  return kExitFault;
}

}  // namespace robosync::parity

int main(int count, char** arguments) {
  return robosync::parity::main_packet_delay(count, arguments);
}
