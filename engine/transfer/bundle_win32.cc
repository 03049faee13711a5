// Bundles need libarchive, which is not built for Windows yet.
#include "engine/transfer/bundle.h"

namespace robosync::transfer {
namespace {

std::unexpected<base::Error> unsupported() {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                     "remote runs are not supported on Windows yet"));
}

}  // namespace

struct BundleWriter::State {};

BundleWriter::BundleWriter() : state_(std::make_unique<State>()) {}
BundleWriter::~BundleWriter() = default;
BundleWriter::BundleWriter(BundleWriter&&) noexcept = default;
BundleWriter& BundleWriter::operator=(BundleWriter&&) noexcept = default;
std::size_t BundleWriter::members() const { return 0; }
std::size_t BundleWriter::bytes() const { return 0; }
base::Result<void> BundleWriter::add(std::span<const std::byte> /*content*/) {
  return unsupported();
}
base::Result<std::string> BundleWriter::finish() { return unsupported(); }

base::Result<std::vector<std::span<const std::byte>>> read_bundle(
    std::span<const std::byte> /*archive*/, const std::vector<std::uint64_t>& /*sizes*/) {
  return unsupported();
}

}  // namespace robosync::transfer
