// Fuzz target: any bytes as any message. Nothing that decodes trips a check of the encoder.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "engine/wire/message.h"

namespace robosync::wire {
namespace {

template <typename T>
void decode_as(std::span<const std::byte> bytes) {
  if (const auto message = decode<T>(bytes)) (void)encode(*message);
}

void decode_all(std::span<const std::byte> bytes) {
  decode_as<Hello>(bytes);
  decode_as<Roots>(bytes);
  decode_as<DirectoryPart>(bytes);
  decode_as<NeedBatch>(bytes);
  decode_as<FileBegin>(bytes);
  decode_as<FileEnd>(bytes);
  decode_as<DigestBatch>(bytes);
  decode_as<EntryFault>(bytes);
  decode_as<Credit>(bytes);
  decode_as<Remove>(bytes);
  decode_as<Removed>(bytes);
  decode_as<Owners>(bytes);
  decode_as<DirectoryIds>(bytes);
  (void)decode_bundle(bytes);
}

}  // namespace
}  // namespace robosync::wire

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  robosync::wire::decode_all(std::as_bytes(std::span(data, size)));
  return 0;
}
