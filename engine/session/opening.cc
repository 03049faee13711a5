#include "engine/session/opening.h"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/net/striped_stream.h"
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
constexpr std::string_view kOwnerNames = "owner-names";
constexpr std::string_view kIgnoresCase = "ignores-case";
constexpr std::string_view kNativeAttributes = "windows-attributes";
constexpr std::array kCapabilities{kZstd, kOwnerNames, kIgnoresCase, kNativeAttributes};

template <typename A, typename T>
void fields(A& a, T& m) {
  a.choice(m.role, ClientRole::kLister);
  a.choice(m.verb, Verb::kVerify);
  a.flag(m.dry_run);
  a.text(m.module, tree::kComponentBytesMax);
  a.list(m.paths, kOpeningPathsMax, [&](auto& path) { a.text(path, tree::kPathBytesMax); });
  a.text(m.token_id, wire::kCapabilityBytesMax);
  a.text(m.proof, kProofBytesMax);
  a.flag(m.more_connections);
}

// What is no ability but a property is offered by those who have it.
wire::Hello our_hello(const fs::Privileges& own) {
  wire::Hello hello;
  hello.major = wire::kVersionMajor;
  hello.minor = wire::kVersionMinor;
  hello.software = "robosync";
  hello.offers = {std::string(kZstd), std::string(kOwnerNames)};
  if (own.ignores_case) hello.offers.emplace_back(kIgnoresCase);
  if (own.has_native_attributes) hello.offers.emplace_back(kNativeAttributes);
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
  const auto offers = [&](std::string_view name) {
    return std::find(hello.offers.begin(), hello.offers.end(), name) != hello.offers.end();
  };
  if (offers(kZstd)) channel.agree_on_compression();
  if (offers(kOwnerNames)) channel.agree_on_owner_names();
  if (offers(kIgnoresCase)) channel.learn_that_peer_ignores_case();
  if (offers(kNativeAttributes)) channel.learn_that_peer_has_native_attributes();
  return {};
}

// What could not be sent, said in words that the user can use.
Result<void> check_opening(const Opening& opening) {
  const auto limit = [](const char* text) { return fail(make_error(ErrorKind::kUsage, text)); };
  std::size_t bytes = opening.module.size() + opening.proof.size();
  for (const std::string& path : opening.paths) bytes += path.size();
  if (opening.module.size() > tree::kComponentBytesMax)
    return limit("the module's name is too long");
  if (opening.paths.size() > kOpeningPathsMax) {
    return limit(
        "more than 256 sources at a server: ask for the directory that holds them, with "
        "--files-from or filters");
  }
  // A frame before the server has admitted us, less than everything else needs.
  if (bytes > wire::kGreetingBytesMax / 2) return limit("the paths at the server are too long");
  return {};
}

Result<void> send_opening(Channel& channel, const Opening& opening, const std::string& request,
                          const fs::Privileges& own) {
  ROBOSYNC_TRY(channel.send(Type::kHello, wire::encode(our_hello(own))));
  ROBOSYNC_TRY(channel.send(Type::kOpen, encode(opening)));
  // An empty frame ends it.
  for (std::size_t at = 0; at < request.size(); at += wire::kFrameBytesMax) {
    ROBOSYNC_TRY(channel.send(Type::kRequest, request.substr(at, wire::kFrameBytesMax)));
  }
  return channel.send(Type::kRequest, {});
}

base::Error refusal(const Frame& frame) {
  const auto fault = wire::decode<wire::Fault>(frame.bytes());
  return fault ? wire::to_error(*fault) : fault.error();
}

// What an accept says.
Result<std::string> receive_answer(Channel& channel) {
  ROBOSYNC_ASSIGN(Frame answer, channel.receive());
  if (answer.type == Type::kRefuse) return fail(refusal(answer));
  if (answer.type != Type::kAccept || answer.payload.size() > kTicketBytesMax) {
    return fail(make_error(ErrorKind::kProtocol, "an answer was expected"));
  }
  return std::move(answer.payload);
}

// Blocks that come right behind the answer may have been read already.
void go_on_over(Channel& channel, std::vector<net::StreamPtr> others) {
  channel.replace_stream([&](net::StreamPtr first, std::string ahead) {
    others.insert(others.begin(), std::move(first));
    return net::striped_stream(std::move(others), std::move(ahead));
  });
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

Result<std::string> open_session(Channel& channel, const Opening& opening,
                                 const SentRequest& request, const fs::Privileges& own) {
  ROBOSYNC_TRY(check_opening(opening));
  ROBOSYNC_ASSIGN(const std::string body, encode_request(request));
  // Whether all of it was sent shows in what is received: a refusal comes before its end.
  (void)send_opening(channel, opening, body, own);
  ROBOSYNC_ASSIGN(const Frame hello, channel.receive());
  ROBOSYNC_TRY(check_hello(channel, hello));
  ROBOSYNC_ASSIGN(std::string ticket, receive_answer(channel));
  channel.admit();
  return ticket;
}

Result<void> join_session(Channel& channel, const std::string& ticket) {
  ROBOSYNC_TRY(channel.send(Type::kHello, wire::encode(our_hello({}))));
  ROBOSYNC_TRY(channel.send_last(Type::kJoin, ticket));
  ROBOSYNC_ASSIGN(const Frame hello, channel.receive());
  ROBOSYNC_TRY(check_hello(channel, hello));
  ROBOSYNC_TRY(receive_answer(channel));
  return {};
}

Result<void> stripe(Channel& channel, std::vector<net::StreamPtr> others) {
  wire::Encoder encoder;
  encoder.number(others.size());
  ROBOSYNC_TRY(channel.send_last(Type::kStripe, encoder.take()));
  ROBOSYNC_ASSIGN(const Frame answer, channel.receive());
  if (answer.type == Type::kRefuse) return fail(refusal(answer));
  if (answer.type != Type::kStripe) {
    return fail(make_error(ErrorKind::kProtocol, "an answer was expected"));
  }
  go_on_over(channel, std::move(others));
  return {};
}

Result<void> receive_stripe(Channel& channel, const JoinedStreams& joined) {
  ROBOSYNC_ASSIGN(const Frame frame, channel.receive());
  wire::Decoder decoder(frame.bytes());
  std::uint64_t count = 0;
  decoder.number(count);
  auto decoded = decoder.finish();
  if (frame.type != Type::kStripe || !decoded || count >= net::kStripesMax) {
    return fail(make_error(ErrorKind::kProtocol, "the number of connections was expected"));
  }
  ROBOSYNC_ASSIGN(std::vector<net::StreamPtr> others, joined(count));
  ROBOSYNC_TRY(channel.send_last(Type::kStripe, {}));
  go_on_over(channel, std::move(others));
  return {};
}

Result<Beginning> receive_beginning(Channel& channel, const fs::Privileges& own) {
  ROBOSYNC_TRY(channel.send(Type::kHello, wire::encode(our_hello(own))));
  ROBOSYNC_ASSIGN(const Frame hello, channel.receive());
  ROBOSYNC_TRY(check_hello(channel, hello));
  ROBOSYNC_ASSIGN(Frame frame, channel.receive());
  if (frame.type == Type::kJoin && frame.payload.size() <= kTicketBytesMax) {
    return Join{std::move(frame.payload)};
  }
  if (frame.type != Type::kOpen) {
    return fail(make_error(ErrorKind::kProtocol, "an opening was expected"));
  }
  return decode_opening(frame.bytes());
}

Result<void> accept(Channel& channel, const std::string& ticket) {
  channel.admit();
  return channel.send(Type::kAccept, ticket);
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
