#include "engine/transfer/delta_signature.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/digest.h"

namespace robosync::transfer {
namespace {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

constexpr std::size_t kWeakBytes = 4;

void put(std::byte* to, std::uint64_t value, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) to[i] = static_cast<std::byte>(value >> (8 * i));
}

std::uint64_t get(const std::byte* from, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes; ++i)
    value |= std::to_integer<std::uint64_t>(from[i]) << (8 * i);
  return value;
}

}  // namespace

std::uint32_t Signature::weak(std::uint64_t block) const {
  return static_cast<std::uint32_t>(get(&records_[block * record_bytes()], kWeakBytes));
}

std::uint64_t Signature::strong(std::uint64_t block) const {
  return get(&records_[block * record_bytes() + kWeakBytes], parameters_.strong_bytes);
}

std::array<std::byte, Signature::kHeaderBytes> Signature::header() const {
  std::array<std::byte, kHeaderBytes> header;
  put(header.data(), old_bytes_, 8);
  put(header.data() + 8, parameters_.block_bytes, 4);
  put(header.data() + 12, parameters_.strong_bytes, 1);
  put(header.data() + 13, parameters_.seed, 8);
  return header;
}

std::uint64_t strong_hash(std::span<const std::byte> block, const DeltaParameters& parameters) {
  const std::uint64_t hash = base::seeded_hash64(block, parameters.seed);
  return hash & (~std::uint64_t{0} >> (64 - 8 * parameters.strong_bytes));
}

SignatureBuilder::SignatureBuilder(const DeltaParameters& parameters, std::uint64_t old_bytes)
    : signature_(parameters, old_bytes), sum_(parameters.seed, parameters.block_bytes) {
  ROBOSYNC_CHECK(validate(parameters, old_bytes).has_value());
  signature_.records_.resize(signature_.layout().blocks() * signature_.record_bytes());
}

void SignatureBuilder::add(std::uint64_t first, std::span<const std::byte> bytes) {
  const BlockLayout layout = signature_.layout();
  ROBOSYNC_CHECK(first <= layout.blocks());
  const std::uint64_t offset = first * layout.block_bytes;
  ROBOSYNC_CHECK(bytes.empty() || bytes.size() <= layout.old_bytes - offset);
  ROBOSYNC_CHECK(bytes.size() % layout.block_bytes == 0 ||
                 offset + bytes.size() == layout.old_bytes);
  std::byte* record = signature_.records_.data() + first * signature_.record_bytes();
  std::uint64_t added = 0;
  for (; !bytes.empty(); ++added, record += signature_.record_bytes()) {
    const auto block = bytes.first(std::min<std::size_t>(bytes.size(), layout.block_bytes));
    put(record, sum_.of(block), kWeakBytes);
    put(record + kWeakBytes, strong_hash(block, signature_.parameters_),
        signature_.parameters_.strong_bytes);
    bytes = bytes.subspan(block.size());
  }
  added_.fetch_add(added, std::memory_order_relaxed);
}

Signature SignatureBuilder::finish() {
  ROBOSYNC_CHECK(added_.load(std::memory_order_relaxed) == signature_.layout().blocks());
  return std::move(signature_);
}

Result<SignatureReader> SignatureReader::start(
    std::span<const std::byte, Signature::kHeaderBytes> header) {
  const std::uint64_t old_bytes = get(header.data(), 8);
  const DeltaParameters parameters{
      .block_bytes = static_cast<std::uint32_t>(get(header.data() + 8, 4)),
      .strong_bytes = static_cast<std::uint32_t>(get(header.data() + 12, 1)),
      .seed = get(header.data() + 13, 8)};
  ROBOSYNC_TRY(validate(parameters, old_bytes));
  return SignatureReader(Signature(parameters, old_bytes));
}

std::uint64_t SignatureReader::missing_bytes() const {
  return signature_.layout().blocks() * signature_.record_bytes() - signature_.records_.size();
}

Result<void> SignatureReader::add(std::span<const std::byte> piece) {
  if (piece.size() > missing_bytes()) {
    return fail(make_error(ErrorKind::kProtocol, "block delta: a signature longer than it says"));
  }
  signature_.records_.insert(signature_.records_.end(), piece.begin(), piece.end());
  return {};
}

Result<Signature> SignatureReader::finish() {
  if (missing_bytes() != 0) {
    return fail(
        make_error(ErrorKind::kProtocol,
                   fmt::format("block delta: a signature {} bytes short", missing_bytes())));
  }
  return std::move(signature_);
}

}  // namespace robosync::transfer
