// The bytes of every message of docs/protocol.md. A change here is a change of the protocol.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/codec_samples_testing.h"
#include "engine/session/hostile_peer_testing.h"
#include "engine/session/opening.h"
#include "engine/session/report_codec.h"
#include "engine/wire/message_samples_testing.h"

namespace robosync::session {
namespace {

using namespace std::string_literals;
using wire::encode;
using wire::Type;
using wire::message_samples::digest;
using wire::message_samples::file;

struct Golden {
  Type type;
  std::string message;
  std::string bytes;
};

// What `say` sends in its first frame of this type.
std::string payload_of(Type type, const std::function<void(Channel&)>& say) {
  net::MemoryPair pair = net::memory_stream_pair();
  std::thread speaker([stream = std::move(pair.client), &say]() mutable {
    Channel channel(std::move(stream));
    say(channel);
    (void)channel.finish();
  });
  std::string payload = "(none)";
  {
    Channel channel(std::move(pair.server));
    for (auto frame = channel.receive(); frame; frame = channel.receive()) {
      if (frame->type != type) continue;
      payload = frame->payload;
      break;
    }
  }
  speaker.join();
  return payload;
}

// What a client says to a server that wants to delete.
std::string confirmation() {
  net::MemoryPair pair = net::memory_stream_pair();
  std::string payload;
  std::thread server([&] {
    Channel channel(std::move(pair.server));
    ASSERT_TRUE(open_as_server(channel));
    channel.post(Type::kConfirm, encode_deletions({.entries = 1, .target_entries = 1}));
    for (auto frame = channel.receive(); frame; frame = channel.receive()) {
      if (frame->type != Type::kConfirmed) continue;
      payload = frame->payload;
      break;
    }
  });
  fs::MemoryFileSystem memory;
  memory.build("/src", "a = content\n");
  Request request;
  request.sources = {"/src/"};
  Opening opening{.role = ClientRole::kSource};
  opening.paths = {"/dst"};
  apply::Observer agrees;
  const base::Cancellation never;
  (void)run_client(std::move(pair.client), opening, request, memory, agrees, never);
  server.join();
  return payload;
}

// Of full_request().
std::string request_bytes() {
  return
      // verb, dry run, comparison, digest, window, seven flags
      "\x03\x01\x03\x01\x80\xd0\xac\xf3\x0e\x01\x01\x01\x01\x01\x01\x01"
      // filters
      "\x01\x04\x03"
      "a\x00"
      "b\x01\x05rules"
      // sizes
      "\x01\x01\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
      // ages
      "\x01\x80\xf8\x82\xad\x16\x01\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"
      // attributes of which it has any, and none
      "\x20\xa7\xf2\x01"
      // links, those left out, junctions, illegal names, five flags
      "\x04\x02\x01\x01\x01\x01\x00\x01\x01"
      // the limit of deletions
      "\x01\x07\x01\x80\x80\x80\x80\x80\x80\xc0\x94@"
      // what is kept, how it is written
      "\x00\x00\x00\x00\x00\x00\x01\x01\x01\x00\x01\x01\x01\x01\x01\x01\x01\x01\x01"
      // attributes set and cleared
      "\xa6@\x02"
      // reflink, bytes a second, backup, retries, wait, whether it doubles
      "\x02\xc0\x84=\x03old\x04.bak\x05\x0e\x00"
      // chmod
      "\x09"
      "D755,F644"
      // names to look at
      "\x01\x07"
      "a/b\x00"
      "c/\x00"
      // files of rules
      "\x02\x06/rules\x06- *.o\x0a\x04more\x00"
      // what the client wants to hear
      "\x02\x01"s;
}

std::vector<Golden> opening_messages() {
  return {
      {Type::kHello, encode(wire::Hello{1, 0, "r", {"zstd"}, {}}),
       "\x01\x00\x01r\x01\x04zstd\x00"s},
      {Type::kOpen, encode(full_opening()),
       "\x01\x01\x01\x01m\x02\x01"
       "a\x03"
       "b/c\x02id\x01p\x01"s},
      {Type::kAccept, payload_of(Type::kAccept, [](Channel& c) { (void)accept(c, "ticket"); }),
       "ticket"},
      {Type::kRefuse,
       payload_of(Type::kRefuse,
                  [](Channel& c) { refuse(c, base::make_error(base::ErrorKind::kRefused, "no")); }),
       "\x13\x02no"s},
      {Type::kJoin, payload_of(Type::kJoin, [](Channel& c) { (void)join_session(c, "ticket"); }),
       "ticket"},
      {Type::kStripe, payload_of(Type::kStripe, [](Channel& c) { (void)stripe(c, {}); }), "\x00"s},
      {Type::kRequest, *encode_request(full_request()), request_bytes()},
  };
}

// What the documentation calls entry and metadata, twice each.
std::vector<Golden> manifest_messages() {
  // kind, shared prefix, rest, mode 0644, owner, group, size, one second more, nanoseconds
  const std::string first =
      "\x01\x00\x01"
      "a"
      "\xa4\x03\x00\x00\x05\x02\x02"s;
  // mode and owner as before; one letter shared; no second more
  const std::string second =
      "\x09\x01\x01"
      "b"
      "\x05\x00\x02"s;
  const std::string metadata = "\x01\xa4\x03\x00\x00\x05\x02\x02"s;
  wire::DirectoryPart listing;
  listing.entries = {file("a"), file("ab")};
  return {
      {Type::kRoots, encode(wire::message_samples::full_roots()),
       "\x01"s + metadata +
           "\x01\x03one\x01\x00"
           "\x01\x00"
           "\x01\x09missing/x\x00\x02no"s},
      {Type::kOwners, encode(wire::Owners{{{1000, "ann"}}, {}}),
       "\x01\xe8\x07\x03"
       "ann\x00"s},
      {Type::kDirectory, encode(wire::message_samples::full_part()),
       "\x03\x01\x01\x01\xc8\x01"
       "\x02"s +
           first + second +
           "\x02"
           "\x01\x06user.x\x01"
           "1"
           "\x00"
           "\x01\x04gone\x00\x02no"
           "\x01\x04kept"
           "\x01\x01s\x05\x0ano sockets"
           "\x00\x00"
           "\x01\x07.filter\x06- *.o\n"
           "\x01\x06user.y\x01"
           "2"s},
      {Type::kListing, encode(listing), "\x00\x00\x00\x02"s + first + second + "\x00\x00\x00\x00"s},
      {Type::kFileBegin, encode(wire::FileBegin{{1, 2}, true, file("").metadata}),
       "\x01\x02\x01"s + metadata},
  };
}

std::vector<Golden> content_messages() {
  return {
      {Type::kBundle, wire::encode_bundle({{{1, 2}, 3, digest(), std::nullopt}}, "abc"),
       "abc"
       "\x01\x01\x02\x03\x02\xaa\xbb\x00"
       "\x08\x00\x00\x00"
       "\x01\x65\x92\x65"s},
      {Type::kFileEnd, encode(wire::FileEnd{std::nullopt, digest()}), "\x00\x02\xaa\xbb"s},
      {Type::kDigests, encode(wire::DigestBatch{{{1, 2}, digest()}}), "\x01\x01\x02\x02\xaa\xbb"s},
      {Type::kFailed, encode(wire::EntryFault{{1, 2}, {base::ErrorKind::kNotFound, "x"}}),
       "\x01\x02\x00\x01x"s},
      {Type::kRemoved, encode(wire::Removed{{1, 2}, std::nullopt}), "\x01\x02\x00"s},
      {Type::kNeed, encode(wire::NeedBatch{{{1, 300}, wire::Want::kDelta, 9}}),
       "\x01\x01\xac\x02\x02\x09"s},
      {Type::kCredit, encode(wire::Credit{1, 2, 3, 300}), "\x01\x02\x03\xac\x02"s},
      {Type::kDirectoryDone, encode(wire::DirectoryIds{1, 300}), "\x02\x01\xac\x02"s},
      {Type::kRemove, encode(wire::Remove{{1, 2}, false, 5, digest()}),
       "\x01\x02\x00\x05\x02\xaa\xbb"s},
  };
}

std::vector<Golden> report_messages() {
  apply::Event event{.action = apply::Action::kUpdated, .kind = tree::Kind::kRegular};
  event.path = "a";
  event.bytes = 300;
  event.changes.size = true;
  event.source_time = {.seconds = 1, .nanoseconds = 2};
  return {
      {Type::kEvents, encode_events({event}),
       "\x01\x01\x01\x01"
       "a\xac\x02\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02\x00\x00"s},
      {Type::kProblem, encode_problem({"a", base::make_error(base::ErrorKind::kNotFound, "no")}),
       "\x01"
       "a\x00\x02no"s},
      {Type::kProgress,
       encode_progress({.total_known = true,
                        .entries_done = 1,
                        .entries_total = 2,
                        .bytes_done = 3,
                        .bytes_total = 300}),
       "\x01\x01\x02\x03\xac\x02"s},
      {Type::kConfirm, encode_deletions({.entries = 5, .target_entries = 9}), "\x05\x09"s},
      {Type::kConfirmed, confirmation(), "\x01"s},
      // A fault, the outcome, nine counters by kind, 19 others, problems, withheld, nanoseconds.
      {Type::kEnd, encode_report(full_report()),
       "\x01\x07\x04"
       "full\x06"
       "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12"
       "\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20\x21\x22\x23\x24"
       "\x25\x26\x27\x28\x29\x2a\x2b\x2c\x2d\x2e\x2f\x30\x31\x32\x33\x34\x35\x36\x37"
       "\xe9\x07\x01\xf2\xc0\x01"s},
  };
}

std::vector<Golden> all_messages() {
  std::vector<Golden> all;
  for (const auto& some :
       {opening_messages(), manifest_messages(), content_messages(), report_messages()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

// Whose payload is empty, or nothing but a text or bytes as they are. Of a delta those are
// DeltaOps.FormOnTheWire and Signature.FormOnTheWire.
bool has_no_form(Type type) {
  switch (type) {
    case Type::kScanEnd:
    case Type::kPing:
    case Type::kCancel:
    case Type::kChunk:
    case Type::kSignature:
    case Type::kWarning:
      return true;
    default:
      return false;
  }
}

bool is_a_type(unsigned number) {
  const wire::FrameHeader header{.type = static_cast<Type>(number)};
  return wire::decode_frame_header(wire::encode(header), 0).has_value();
}

std::string in_hex(const std::string& bytes) {
  std::string out;
  for (const char byte : bytes) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto value = static_cast<unsigned char>(byte);
    out += {kDigits[value >> 4U], kDigits[value & 15U], ' '};
  }
  return out;
}

TEST(GoldenBytesTest, OfEveryMessage) {
  for (const Golden& one : all_messages()) {
    EXPECT_EQ(in_hex(one.message), in_hex(one.bytes)) << static_cast<unsigned>(one.type);
  }
}

TEST(GoldenBytesTest, NoTypeOfFrameIsWithout) {
  const std::vector<Golden> all = all_messages();
  for (unsigned number = 0; number <= UINT8_MAX; ++number) {
    if (!is_a_type(number)) continue;
    const auto type = static_cast<Type>(number);
    const bool golden = std::ranges::any_of(all, [&](const Golden& g) { return g.type == type; });
    EXPECT_NE(golden, has_no_form(type)) << number;
  }
}

}  // namespace
}  // namespace robosync::session
