#include "engine/session/opening.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/wire/compression.h"
#include "engine/wire/fields.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;

namespace {

// Features that go beyond the base protocol; those the peer may insist on.
constexpr std::string_view kZstd = "zstd";
constexpr std::array kCapabilities{kZstd};

template <typename A, typename T>
void fields(A& a, T& m) {
  a.choice(m.role, ClientRole::kLister);
  a.choice(m.verb, Verb::kVerify);
  a.flag(m.dry_run);
  a.text(m.module, tree::kComponentBytesMax);
  a.list(m.paths, kOpeningPathsMax, [&](auto& path) { a.text(path, tree::kPathBytesMax); });
  a.text(m.token_id, wire::kCapabilityBytesMax);
  a.text(m.proof, kProofBytesMax);
}

wire::Hello our_hello() {
  wire::Hello hello;
  hello.major = wire::kVersionMajor;
  hello.minor = wire::kVersionMinor;
  hello.software = "robosync";
  for (const std::string_view name : kCapabilities) {
    if (name != kZstd || wire::has_compression()) hello.offers.emplace_back(name);
  }
  return hello;
}

Result<void> check_hello(Channel& channel, const Frame& frame) {
  if (frame.type != Type::kHello) {
    return fail(make_error(ErrorKind::kProtocol, "the other side does not speak robosync"));
  }
  ROBOSYNC_ASSIGN(const wire::Hello hello, wire::decode<wire::Hello>(frame.bytes()));
  if (hello.major != wire::kVersionMajor) {
    return fail(make_error(ErrorKind::kProtocol, "the other side speaks version " +
                                                     std::to_string(hello.major) +
                                                     " of the protocol, this program version " +
                                                     std::to_string(wire::kVersionMajor)));
  }
  for (const std::string& name : hello.required) {
    if (std::find(kCapabilities.begin(), kCapabilities.end(), name) == kCapabilities.end()) {
      return fail(make_error(ErrorKind::kProtocol,
                             "the other side needs what this program does not have: " + name));
    }
  }
  const bool offered =
      std::find(hello.offers.begin(), hello.offers.end(), kZstd) != hello.offers.end();
  if (offered && wire::has_compression()) channel.agree_on_compression();
  return {};
}

}  // namespace

std::string encode(const Opening& opening) {
  wire::Encoder a;
  fields(a, opening);
  return a.take();
}

Result<Opening> decode_opening(std::span<const std::byte> bytes) {
  wire::Decoder a(bytes);
  Opening opening;
  fields(a, opening);
  ROBOSYNC_TRY(a.finish());
  return opening;
}

Result<void> open_session(Channel& channel, const Opening& opening, const SentRequest& request) {
  ROBOSYNC_ASSIGN(const std::string body, encode_request(request));
  ROBOSYNC_TRY(channel.send(Type::kHello, wire::encode(our_hello())));
  ROBOSYNC_TRY(channel.send(Type::kOpen, encode(opening)));
  // An empty frame ends it.
  for (std::size_t at = 0; at < body.size(); at += wire::kFrameBytesMax) {
    ROBOSYNC_TRY(channel.send(Type::kRequest, body.substr(at, wire::kFrameBytesMax)));
  }
  ROBOSYNC_TRY(channel.send(Type::kRequest, {}));
  ROBOSYNC_ASSIGN(const Frame hello, channel.receive());
  ROBOSYNC_TRY(check_hello(channel, hello));
  ROBOSYNC_ASSIGN(const Frame answer, channel.receive());
  if (answer.type == Type::kRefuse) {
    ROBOSYNC_ASSIGN(const wire::Fault fault, wire::decode<wire::Fault>(answer.bytes()));
    return fail(wire::to_error(fault));
  }
  if (answer.type != Type::kAccept) {
    return fail(make_error(ErrorKind::kProtocol, "an answer was expected"));
  }
  channel.admit();
  return {};
}

Result<Opening> receive_opening(Channel& channel) {
  ROBOSYNC_TRY(channel.send(Type::kHello, wire::encode(our_hello())));
  ROBOSYNC_ASSIGN(const Frame hello, channel.receive());
  ROBOSYNC_TRY(check_hello(channel, hello));
  ROBOSYNC_ASSIGN(const Frame frame, channel.receive());
  if (frame.type != Type::kOpen) {
    return fail(make_error(ErrorKind::kProtocol, "an opening was expected"));
  }
  return decode_opening(frame.bytes());
}

Result<void> accept(Channel& channel) {
  channel.admit();
  return channel.send(Type::kAccept, {});
}

void refuse(Channel& channel, const base::Error& why) {
  (void)channel.send(Type::kRefuse, wire::encode(wire::to_fault(why)));
  (void)channel.finish();
}

Result<SentRequest> receive_request(Channel& channel) {
  std::string body;
  for (;;) {
    ROBOSYNC_ASSIGN(const Frame frame, channel.receive());
    if (frame.type != Type::kRequest) {
      return fail(make_error(ErrorKind::kProtocol, "a request was expected"));
    }
    if (frame.payload.empty()) return decode_request(body);
    body += frame.payload;
    if (body.size() > kRequestBytesMax) {
      return fail(make_error(ErrorKind::kLimit, "a request that is too large"));
    }
  }
}

}  // namespace robosync::session
