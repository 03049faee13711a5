#include "harness/run/packet_queue_linux.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "harness/run/delay_line.h"

namespace robosync::parity {
namespace {

constexpr int kReceivedAtOnceMax = 4096;
constexpr std::size_t kAnswerBytes = 8192;
constexpr std::size_t kRequestBytes = 256;
// The numbers of as many packets as the kernel may queue.
constexpr int kSocketBufferBytes = 64 << 20;

constexpr std::size_t aligned(std::size_t bytes) { return (bytes + 3) & ~std::size_t{3}; }

constexpr std::size_t kMessageHead = aligned(sizeof(nlmsghdr));
constexpr std::size_t kAttributeHead = aligned(sizeof(nlattr));

// One request to the queue subsystem, attribute after attribute. Netlink aligns everything to four
// bytes.
class Request {
 public:
  Request(std::uint16_t queue, unsigned type, unsigned flags) {
    nlmsghdr head{};
    head.nlmsg_type = static_cast<std::uint16_t>((NFNL_SUBSYS_QUEUE << 8U) | type);
    head.nlmsg_flags = static_cast<std::uint16_t>(NLM_F_REQUEST | flags);
    append(head);
    nfgenmsg queue_head{};
    queue_head.nfgen_family = AF_UNSPEC;
    queue_head.version = NFNETLINK_V0;
    queue_head.res_id = htons(queue);
    append(queue_head);
  }

  template <typename T>
  Request& with(unsigned type, const T& value) {
    nlattr head{};
    head.nla_len = static_cast<std::uint16_t>(kAttributeHead + sizeof value);
    head.nla_type = static_cast<std::uint16_t>(type);
    append(head);
    append(value);
    return *this;
  }

  base::Result<void> send(int socket) {
    const auto length = static_cast<std::uint32_t>(size_);
    std::memcpy(bytes_.data() + offsetof(nlmsghdr, nlmsg_len), &length, sizeof length);
    for (;;) {
      if (::send(socket, bytes_.data(), size_, 0) >= 0) return {};
      if (errno != EINTR) return base::fail(base::from_errno(errno, "ask the packet queue"));
    }
  }

 private:
  template <typename T>
  void append(const T& value) {
    static_assert(sizeof value <= kRequestBytes / 4, "four such must fit");
    std::memcpy(bytes_.data() + size_, &value, sizeof value);
    size_ += aligned(sizeof value);
  }

  std::array<std::byte, kRequestBytes> bytes_{};
  std::size_t size_ = 0;
};

// The kernel's answer to a request that asked for one.
base::Result<void> read_acknowledgement(int socket) {
  std::array<std::byte, kAnswerBytes> bytes;
  const ssize_t got = ::recv(socket, bytes.data(), bytes.size(), 0);
  if (got < 0) return base::fail(base::from_errno(errno, "hear from the packet queue"));
  nlmsgerr error{};
  if (static_cast<std::size_t>(got) < kMessageHead + sizeof error) {
    return base::fail(base::make_error(base::ErrorKind::kIo, "a short answer of the packet queue"));
  }
  std::memcpy(&error, bytes.data() + kMessageHead, sizeof error);
  if (error.error == 0) return {};
  return base::fail(base::from_errno(-error.error, "make a packet queue"));
}

base::Result<void> ask(int socket, Request& request) {
  ROBOSYNC_TRY(request.send(socket));
  return read_acknowledgement(socket);
}

// The packet's number, from the attributes of a message about it.
std::optional<std::uint32_t> packet_id(std::span<const std::byte> attributes) {
  while (attributes.size() >= kAttributeHead) {
    nlattr head{};
    std::memcpy(&head, attributes.data(), sizeof head);
    if (head.nla_len < kAttributeHead || head.nla_len > attributes.size()) return std::nullopt;
    nfqnl_msg_packet_hdr packet{};
    const bool is_packet = (head.nla_type & NLA_TYPE_MASK) == NFQA_PACKET_HDR;
    if (is_packet && head.nla_len >= kAttributeHead + sizeof packet) {
      std::memcpy(&packet, attributes.data() + kAttributeHead, sizeof packet);
      return ntohl(packet.packet_id);
    }
    attributes =
        attributes.subspan(std::min<std::size_t>(aligned(head.nla_len), attributes.size()));
  }
  return std::nullopt;
}

void each_packet(std::span<const std::byte> messages,
                 const std::function<void(std::uint32_t id)>& arrived) {
  while (messages.size() >= kMessageHead) {
    nlmsghdr head{};
    std::memcpy(&head, messages.data(), sizeof head);
    if (head.nlmsg_len < kMessageHead || head.nlmsg_len > messages.size()) return;
    constexpr std::size_t kBefore = kMessageHead + aligned(sizeof(nfgenmsg));
    const bool is_packet = head.nlmsg_type == ((NFNL_SUBSYS_QUEUE << 8U) | NFQNL_MSG_PACKET);
    if (is_packet && head.nlmsg_len >= kBefore) {
      if (const auto id = packet_id(messages.subspan(kBefore, head.nlmsg_len - kBefore))) {
        arrived(*id);
      }
    }
    messages = messages.subspan(std::min<std::size_t>(aligned(head.nlmsg_len), messages.size()));
  }
}

base::Result<void> give_verdict(int socket, std::uint16_t queue, unsigned type, std::uint32_t id,
                                std::uint32_t verdict) {
  nfqnl_msg_verdict_hdr header{};
  header.verdict = htonl(verdict);
  header.id = htonl(id);
  return Request(queue, type, 0).with(NFQA_VERDICT_HDR, header).send(socket);
}

}  // namespace

base::Result<PacketQueue> PacketQueue::open(std::uint16_t number) {
  OwnedFd socket(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER));
  if (socket.get() < 0) return base::fail(base::from_errno(errno, "reach the packet filter"));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    return base::fail(base::from_errno(errno, "reach the packet filter"));
  }
  nfqnl_msg_config_cmd bind{};
  bind.command = NFQNL_CFG_CMD_BIND;
  bind.pf = htons(AF_INET);
  Request binding(number, NFQNL_MSG_CONFIG, NLM_F_ACK);
  ROBOSYNC_TRY(ask(socket.get(), binding.with(NFQA_CFG_CMD, bind)));
  nfqnl_msg_config_params parameters{};
  parameters.copy_mode = NFQNL_COPY_META;
  // Without NFQA_CFG_F_GSO large segments are cut before they come here, so that what is lost is a
  // packet as a wire carries it, not forty of them.
  Request setting(number, NFQNL_MSG_CONFIG, NLM_F_ACK);
  setting.with(NFQA_CFG_PARAMS, parameters)
      .with(NFQA_CFG_QUEUE_MAXLEN, htonl(static_cast<std::uint32_t>(kHeldPacketsMax)))
      .with(NFQA_CFG_FLAGS, htonl(0U))
      .with(NFQA_CFG_MASK, htonl(static_cast<std::uint32_t>(NFQA_CFG_F_GSO)));
  ROBOSYNC_TRY(ask(socket.get(), setting));
  // Both only spare losses under load: a kernel that refuses them emulates less well.
  const int on = 1;
  (void)::setsockopt(socket.get(), SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on);
  (void)::setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUFFORCE, &kSocketBufferBytes,
                     sizeof kSocketBufferBytes);
  return PacketQueue(std::move(socket), number);
}

base::Result<void> PacketQueue::receive(const std::function<void(std::uint32_t id)>& arrived) {
  std::array<std::byte, kAnswerBytes> bytes;
  for (int i = 0; i < kReceivedAtOnceMax; ++i) {
    const ssize_t got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return {};
    if (got < 0) return base::fail(base::from_errno(errno, "hear from the packet queue"));
    each_packet(std::span(bytes).first(static_cast<std::size_t>(got)), arrived);
  }
  return {};
}

base::Result<void> PacketQueue::drop(std::uint32_t id) {
  return give_verdict(socket_.get(), number_, NFQNL_MSG_VERDICT, id, NF_DROP);
}

base::Result<void> PacketQueue::accept_until(std::uint32_t id) {
  return give_verdict(socket_.get(), number_, NFQNL_MSG_VERDICT_BATCH, id, NF_ACCEPT);
}

}  // namespace robosync::parity
