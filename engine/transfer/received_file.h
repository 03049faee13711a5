// ReceivedFile: a source file whose content comes from a peer: it can be read, once and in order,
// and its digest is known when it has been. Kernel shortcuts do not apply to it.
//
// One thread at a time.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/digest.h"
#include "engine/fs/fs.h"

namespace robosync::transfer {

class ReceivedFile : public fs::File {
 public:
  ReceivedFile(const tree::Metadata& metadata, std::vector<fs::Xattr> xattrs)
      : metadata_(metadata), xattrs_(std::move(xattrs)) {}

  // The next bytes, at most `bytes_max` and at least one, in place: valid until the next call.
  // Empty at the end. Reading this way and with read_at() do not mix.
  [[nodiscard]] virtual base::Result<std::span<const std::byte>> next(
      std::size_t bytes_max) const = 0;
  // XXH3-128 of the content. REQUIRES: it has been read to its end.
  [[nodiscard]] virtual base::Digest content_digest() const = 0;
  // The file here that it is made from; null when all of it is sent.
  [[nodiscard]] virtual const fs::File* basis() const { return nullptr; }

  // As the peer read it.
  base::Result<tree::Metadata> stat() const override { return metadata_; }
  base::Result<std::vector<fs::Xattr>> xattrs() const override { return xattrs_; }
  base::Result<std::optional<fs::Extent>> next_extent(std::uint64_t /*offset*/) const override {
    return base::fail(refusal());
  }

  base::Result<void> set_metadata(const fs::MetadataChange& /*change*/) override {
    return base::fail(refusal());
  }
  base::Result<void> set_xattr(const fs::Xattr& /*attribute*/) override {
    return base::fail(refusal());
  }
  base::Result<void> remove_xattr(const std::string& /*name*/) override {
    return base::fail(refusal());
  }
  base::Result<bool> try_lock() override { return base::fail(refusal()); }
  base::Result<void> sync() override { return {}; }
  base::Result<void> write_at(std::span<const std::byte> /*data*/,
                              std::uint64_t /*offset*/) override {
    return base::fail(refusal());
  }
  base::Result<void> resize(std::uint64_t /*size*/) override { return base::fail(refusal()); }
  base::Result<void> preallocate(std::uint64_t /*size*/) override { return base::fail(refusal()); }
  base::Result<void> clone_from(const fs::File& /*source*/) override {
    return base::fail(refusal());
  }
  base::Result<std::uint64_t> copy_range_from(const fs::File& /*source*/, std::uint64_t /*offset*/,
                                              std::uint64_t /*length*/) override {
    return base::fail(refusal());
  }

 private:
  static base::Error refusal() {
    return base::make_error(base::ErrorKind::kUnsupported, "a file of the other side");
  }

  tree::Metadata metadata_;
  std::vector<fs::Xattr> xattrs_;
};

}  // namespace robosync::transfer
