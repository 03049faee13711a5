// Bundles: many small files as one tar archive in memory (ustar, written by libarchive).
//
// The archive carries content only; what each member is (entry, size, digest) stands in an index
// beside it, and its metadata in the manifest. Members are called by their place in that index.
// Content is read to where it stands in the archive, and written from there: it is never copied.
// What is read is exactly what a writer of ours makes, not whatever may be called tar.
// Used by one thread; blocks nowhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/base/result.h"

namespace robosync::transfer {

// One file must not fill a bundle by itself; larger ones travel as chunks.
inline constexpr std::uint64_t kBundledFileBytesMax = 128 * 1024;
inline constexpr std::size_t kBundleMembersMax = 1024;

// What a member adds to an archive: a header, and its content in blocks.
[[nodiscard]] constexpr std::uint64_t bundled_bytes(std::uint64_t size) {
  constexpr std::uint64_t kBlock = 512;
  return kBlock + (size + kBlock - 1) / kBlock * kBlock;
}

class BundleWriter {
 public:
  // `bytes` is what the archive will have, as bundled_bytes() of the members says: more costs time.
  explicit BundleWriter(std::uint64_t bytes);
  ~BundleWriter();
  BundleWriter(BundleWriter&&) noexcept;
  BundleWriter& operator=(BundleWriter&&) noexcept;

  // Room for the content of the next member, valid until the next call.
  [[nodiscard]] std::span<std::byte> room(std::size_t size);
  // Adds the next member: what stands in the room that was given last.
  // REQUIRES: fewer than kBundleMembersMax so far.
  [[nodiscard]] base::Result<void> add();
  [[nodiscard]] std::size_t members() const;
  // The whole archive. The writer is spent.
  [[nodiscard]] base::Result<std::string> finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The contents of the members, in order; they point into `archive`. `sizes` are those of the index:
// kProtocol when the archive holds anything else.
[[nodiscard]] base::Result<std::vector<std::span<const std::byte>>> read_bundle(
    std::span<const std::byte> archive, const std::vector<std::uint64_t>& sizes);

}  // namespace robosync::transfer
