#include "harness/run/link.h"

#include <charconv>
#include <chrono>
#include <filesystem>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "engine/base/random.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

constexpr std::string_view kClientAddress = "10.77.0.1";
constexpr std::string_view kServerAddress = "10.77.0.2";
constexpr std::string_view kCable = "v0";
constexpr double kSetupTimeoutS = 20;
// The kernel's own default for ordinary networks; what a distribution prefers differs.
constexpr std::string_view kCongestionControl = "cubic";
constexpr std::string_view kAllowedControls = "net.ipv4.tcp_allowed_congestion_control";

// Of the packet filter, in a namespace of its own: any number is free.
constexpr int kQueue = 7;
constexpr auto kDelayerStart = std::chrono::seconds(10);
constexpr auto kPollInterval = std::chrono::milliseconds(10);

using Clock = std::chrono::steady_clock;

// Built with this program and found beside it.
std::string delay_program() {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  return (self.parent_path() / "robosync-parity-delay").string();
}

// What a cable is shaped to.
struct Shape {
  std::string_view name;
  std::string_view description;
  int rate_mbit = 0;  // what is left of the line rate for Ethernet frames
  std::string_view burst;
  std::string_view limit;
  int delay_us = 0;  // one way
  int loss_percent = 0;
};

constexpr Shape k1Gbe{"1gbe", "emulated 1 Gbit/s Ethernet", 984, "128k", "1500k"};
constexpr Shape k10Gbe{"10gbe", "emulated 10 Gbit/s Ethernet", 9844, "4m", "8m"};
constexpr Shape kWan{
    "wan", "emulated 1 Gbit/s with 50 ms and 1 % loss", 984, "128k", "1500k", 25'000, 1};

class Localhost : public NetworkLink {
 public:
  Localhost() {
    record = {.name = "localhost",
              .available = true,
              .emulated = false,
              .description = "this machine, through the loopback interface on push and pull"};
    server_host = "127.0.0.1";
  }
};

// A link that could not be made.
class MissingLink : public NetworkLink {
 public:
  MissingLink(std::string_view name, std::string reason) {
    record = {.name = std::string(name), .available = false, .reason = std::move(reason)};
  }
};

class NamespacePair : public NetworkLink {
 public:
  explicit NamespacePair(Executor& executor)
      : executor_(executor),
        client_(fmt::format("parity-{:08x}-a", base::random64() & 0xffffffffU)),
        server_(client_.substr(0, client_.size() - 1) + "b") {
    client_prefix = {"ip", "netns", "exec", client_};
    server_prefix = {"ip", "netns", "exec", server_};
    server_host = kServerAddress;
  }

  ~NamespacePair() override {
    delayers_.clear();
    if (!allowed_before_.empty()) {
      (void)run({"sysctl", "-qw", fmt::format("{}={}", kAllowedControls, allowed_before_)});
    }
    for (const std::string& name : {client_, server_}) {
      if (executor_.run({.words = {"ip", "netns", "del", name}})) continue;
    }
  }

  [[nodiscard]] base::Result<void> make(const Shape& shape) {
    if (const base::Result<void> added = run({"ip", "netns", "add", client_}); !added) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                         "network namespaces need root: " + added.error().context));
    }
    ROBOSYNC_TRY(run({"ip", "netns", "add", server_}));
    allow_congestion_control();
    const std::string cable(kCable);
    // One queue on each side: packets that leave from two processors would be reordered.
    ROBOSYNC_TRY(
        run({"ip",  "link",        "add",   cable,         "netns", client_,       "numtxqueues",
             "1",   "numrxqueues", "1",     "type",        "veth",  "peer",        "name",
             cable, "netns",       server_, "numtxqueues", "1",     "numrxqueues", "1"}));
    ROBOSYNC_TRY(set_up_side(client_, kClientAddress, shape));
    ROBOSYNC_TRY(set_up_side(server_, kServerAddress, shape));
    record = {.name = std::string(shape.name), .available = true, .emulated = true};
    record.description = fmt::format(
        "{}: a virtual cable between two network namespaces of this machine, {} Mbit/s "
        "by tbf, MTU 1500{}, {}",
        shape.description, shape.rate_mbit, delayed_by_, congestion_control());
    return {};
  }

  base::Result<std::uint64_t> wire_bytes() override {
    std::uint64_t sum = 0;
    for (const char* counter : {"tx_bytes", "rx_bytes"}) {
      Command command{
          .words = {"cat", fmt::format("/sys/class/net/{}/statistics/{}", kCable, counter)}};
      command.prefix = client_prefix;
      ROBOSYNC_ASSIGN(const Finished finished, executor_.run(command));
      std::uint64_t count = 0;
      const std::string text = first_line(finished.out);
      if (std::from_chars(text.data(), text.data() + text.size(), count).ec != std::errc{}) {
        return base::fail(base::make_error(base::ErrorKind::kIo,
                                           "read the counter of the link: " + finished.err));
      }
      sum += count;
    }
    return sum;
  }

 private:
  [[nodiscard]] base::Result<void> run(std::vector<std::string> words) {
    Command command{.words = std::move(words)};
    command.timeout_s = kSetupTimeoutS;
    ROBOSYNC_ASSIGN(const Finished finished, executor_.run(command));
    if (finished.exit_code == 0) return {};
    return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                       to_text(command) + ": " + first_line(finished.err)));
  }

  [[nodiscard]] base::Result<void> set_up_side(const std::string& side, std::string_view address,
                                               const Shape& shape) {
    const std::string cable(kCable);
    ROBOSYNC_TRY(
        run({"ip", "-n", side, "addr", "add", fmt::format("{}/24", address), "dev", cable}));
    ROBOSYNC_TRY(run({"ip", "-n", side, "link", "set", "lo", "up"}));
    ROBOSYNC_TRY(run({"ip", "-n", side, "link", "set", cable, "up"}));
    // Where the kernel does not allow the choice, the record tells what it uses instead.
    (void)run({"ip", "netns", "exec", side, "sysctl", "-qw",
               fmt::format("net.ipv4.tcp_congestion_control={}", kCongestionControl)});
    std::vector<std::string> parent = {"root"};
    if (shape.delay_us != 0) {
      const auto delayed = run({"tc", "-n", side, "qdisc", "add", "dev", cable, "root", "handle",
                                "1:", "netem", "delay", fmt::format("{}us", shape.delay_us), "loss",
                                fmt::format("{}%", shape.loss_percent), "limit", "100000"});
      if (delayed) {
        parent = {"parent", "1:"};
        delayed_by_ = ", delayed by netem";
      } else {
        ROBOSYNC_TRY(delay_by_queue(side, shape));
        delayed_by_ = ", delayed by a queue of our own";
      }
    }
    std::vector<std::string> words = {"tc", "-n", side, "qdisc", "add", "dev", cable};
    words.insert(words.end(), parent.begin(), parent.end());
    words.insert(words.end(), {"tbf", "rate", fmt::format("{}mbit", shape.rate_mbit), "burst",
                               std::string(shape.burst), "limit", std::string(shape.limit)});
    return run(std::move(words));
  }

  // For kernels without netem: what arrives waits in a queue of the packet filter.
  [[nodiscard]] base::Result<void> delay_by_queue(const std::string& side, const Shape& shape) {
    if (find_program("iptables").empty()) {
      return base::fail(base::make_error(
          base::ErrorKind::kUnsupported,
          "this kernel has no netem, and without it the program iptables is needed"));
    }
    const std::string queue = std::to_string(kQueue);
    ROBOSYNC_TRY(run({"ip", "netns", "exec", side, "iptables", "-t", "mangle", "-A", "PREROUTING",
                      "-i", std::string(kCable), "-j", "NFQUEUE", "--queue-num", queue}));
    Command command{.words = {delay_program(), queue, std::to_string(shape.delay_us),
                              std::to_string(shape.loss_percent)}};
    command.prefix = {"ip", "netns", "exec", side};
    ROBOSYNC_ASSIGN(std::unique_ptr<Background> delayer, executor_.start(command));
    const Clock::time_point patience = Clock::now() + kDelayerStart;
    while (!delayer->output().starts_with("ready")) {
      if (!delayer->running() || Clock::now() > patience) {
        return base::fail(
            base::make_error(base::ErrorKind::kUnsupported,
                             "packets cannot be delayed here: " + first_line(delayer->output())));
      }
      std::this_thread::sleep_for(kPollInterval);
    }
    delayers_.push_back(std::move(delayer));
    return {};
  }

  // A namespace may only choose among what the machine allows everybody; put back afterwards.
  void allow_congestion_control() {
    const base::Result<Finished> allowed =
        executor_.run({.words = {"sysctl", "-n", std::string(kAllowedControls)}});
    if (!allowed || allowed->exit_code != 0) return;
    const std::string before = first_line(allowed->out);
    if (before.find(kCongestionControl) != std::string::npos) return;
    const std::string more = fmt::format("{}={} {}", kAllowedControls, before, kCongestionControl);
    if (run({"sysctl", "-qw", more})) allowed_before_ = before;
  }

  [[nodiscard]] std::string congestion_control() {
    Command command{.words = {"sysctl", "-n", "net.ipv4.tcp_congestion_control"}};
    command.prefix = client_prefix;
    const base::Result<Finished> finished = executor_.run(command);
    return finished && finished->exit_code == 0 ? "congestion control " + first_line(finished->out)
                                                : "congestion control not known";
  }

  Executor& executor_;
  std::string client_;
  std::string server_;
  std::string allowed_before_;  // "" where we did not change it
  std::string delayed_by_;      // for the record
  std::vector<std::unique_ptr<Background>> delayers_;
};

std::unique_ptr<NetworkLink> make_pair_of_namespaces(const Shape& shape, Executor& executor) {
  for (const char* program : {"ip", "tc"}) {
    if (!find_program(program).empty()) continue;
    return std::make_unique<MissingLink>(
        shape.name, fmt::format("needs Linux and the program {} (package iproute2)", program));
  }
  auto pair = std::make_unique<NamespacePair>(executor);
  if (const base::Result<void> made = pair->make(shape); !made) {
    return std::make_unique<MissingLink>(shape.name, made.error().message());
  }
  return pair;
}

}  // namespace

base::Result<std::uint64_t> NetworkLink::wire_bytes() {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported, record.name));
}

const std::vector<std::string>& link_names() {
  static const std::vector<std::string> kNames = {"localhost", "1gbe", "10gbe", "wan"};
  return kNames;
}

base::Result<std::unique_ptr<NetworkLink>> make_link(std::string_view name, Executor& executor) {
  if (name == "localhost") return std::make_unique<Localhost>();
  for (const Shape& shape : {k1Gbe, k10Gbe, kWan}) {
    if (name == shape.name) return make_pair_of_namespaces(shape, executor);
  }
  return base::fail(base::make_error(
      base::ErrorKind::kUsage,
      fmt::format("no such link: {} (there are localhost, 1gbe, 10gbe and wan)", name)));
}

}  // namespace robosync::parity
