// Fuzz target: what a peer sends, from the frame's header to what is made of its payload. The input
// is taken as it is, and as changes to a bundle that is valid, so that both ends of the decoding
// are reached.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/session/opening.h"
#include "engine/session/report_codec.h"
#include "engine/session/request_codec.h"
#include "engine/transfer/bundle.h"
#include "engine/wire/compression.h"
#include "engine/wire/frame.h"
#include "engine/wire/message.h"

namespace robosync::session {
namespace {

void read_bundle(std::span<const std::byte> payload) {
  const auto view = wire::decode_bundle(payload);
  if (!view) return;
  std::vector<std::uint64_t> sizes;
  for (const wire::BundleMember& member : view->members) sizes.push_back(member.size);
  const auto contents = transfer::read_bundle(view->archive, sizes);
  if (!contents) return;
  // What was read is what the index says, and lies within the archive.
  if (contents->size() != sizes.size()) __builtin_trap();
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::span<const std::byte> one = (*contents)[i];
    const auto begin = static_cast<std::size_t>(one.data() - view->archive.data());
    if (one.size() != sizes[i]) __builtin_trap();
    if (!one.empty() && begin + one.size() > view->archive.size()) __builtin_trap();
  }
}

std::string valid_bundle() {
  transfer::BundleWriter writer(0);
  std::vector<wire::BundleMember> members;
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{600}}) {
    std::ranges::fill(writer.room(size), std::byte{'x'});
    if (!writer.add()) __builtin_trap();
    wire::BundleMember& member = members.emplace_back();
    member.entry = {members.size(), size};
    member.size = size;
  }
  auto archive = writer.finish();
  if (!archive) __builtin_trap();
  return wire::encode_bundle(members, std::move(*archive));
}

void decode_payload(std::string_view payload) {
  const auto bytes = std::as_bytes(std::span(payload));
  if (const auto opening = decode_opening(bytes)) (void)encode(*opening);
  if (const auto request = decode_request(payload)) (void)encode_request(*request);
  if (const auto events = decode_events(bytes)) (void)encode_events(*events);
  if (const auto problem = decode_problem(bytes)) (void)encode_problem(*problem);
  if (const auto progress = decode_progress(bytes)) (void)encode_progress(*progress);
  if (const auto planned = decode_deletions(bytes)) (void)encode_deletions(*planned);
  if (const auto report = decode_report(bytes)) (void)encode_report(*report);
  read_bundle(bytes);
}

void read_frame(std::string_view bytes) {
  wire::FrameHeaderBytes header_bytes{};
  const std::size_t size = std::min(bytes.size(), header_bytes.size());
  std::copy_n(std::as_bytes(std::span(bytes)).begin(), size, header_bytes.begin());
  const auto header = wire::decode_frame_header(header_bytes, wire::kFrameBytesMax);
  if (header && wire::encode(*header) != header_bytes) __builtin_trap();
  const std::string_view payload = bytes.substr(size);
  decode_payload(payload);
  if (const auto plain = wire::decompressed(payload, wire::kFrameBytesMax)) decode_payload(*plain);
}

}  // namespace
}  // namespace robosync::session

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using robosync::session::decode_payload;
  using robosync::session::read_bundle;
  using robosync::session::read_frame;
  using robosync::session::valid_bundle;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_frame(bytes);
  decode_payload(bytes);
  static const std::string bundle = valid_bundle();
  read_bundle(std::as_bytes(std::span(bundle)));
  std::string changed = bundle;
  for (std::size_t at = 0; at + 3 <= std::min<std::size_t>(size, 12); at += 3) {
    const std::size_t place = (std::size_t{data[at]} << 8U | data[at + 1]) % changed.size();
    changed[place] = static_cast<char>(data[at + 2]);
  }
  read_bundle(std::as_bytes(std::span(changed)));
  return 0;
}
