#include <zstd.h>

#include <memory>

#include "engine/wire/compression.h"

#include "engine/base/spares.h"

namespace robosync::wire {
namespace {

// The fastest that still finds what text and code repeat.
constexpr int kLevel = 1;

using CompressorPtr = std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)>;
using DecompressorPtr = std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)>;

std::unexpected<base::Error> refuse(const char* text) {
  return base::fail(base::make_error(base::ErrorKind::kProtocol, text));
}

}  // namespace

std::optional<std::string> compressed(std::string_view payload) {
  static base::Spares<CompressorPtr> spares;
  auto context = spares.lend([] { return CompressorPtr(ZSTD_createCCtx(), &ZSTD_freeCCtx); });
  if (!*context || payload.size() < kCompressedBytesMin) return std::nullopt;
  const std::size_t worth_it = payload.size() - payload.size() / 20;
  std::string out(worth_it, '\0');
  // Where it would be larger than that it fails, which is the answer.
  const std::size_t size = ZSTD_compressCCtx(context->get(), out.data(), out.size(), payload.data(),
                                             payload.size(), kLevel);
  if (ZSTD_isError(size) != 0) return std::nullopt;
  out.resize(size);
  return out;
}

base::Result<std::string> decompressed(std::string_view payload, std::size_t bytes_max) {
  static base::Spares<DecompressorPtr> spares;
  auto context = spares.lend([] { return DecompressorPtr(ZSTD_createDCtx(), &ZSTD_freeDCtx); });
  const unsigned long long size = ZSTD_getFrameContentSize(payload.data(), payload.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > bytes_max) {
    return refuse("a compressed payload of no, or too large, a size");
  }
  std::string out(static_cast<std::size_t>(size), '\0');
  const std::size_t got =
      ZSTD_decompressDCtx(context->get(), out.data(), out.size(), payload.data(), payload.size());
  if (ZSTD_isError(got) != 0 || got != out.size()) return refuse("a compressed payload is damaged");
  return out;
}

}  // namespace robosync::wire
