#include "engine/fs/memory_pages_testing.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace robosync::fs::memory {
namespace {

std::uint64_t pages_for(std::uint64_t bytes) {
  return bytes / kPageBytes + (bytes % kPageBytes != 0 ? 1 : 0);
}

}  // namespace

bool Space::take(std::uint64_t bytes) {
  if (capacity_bytes_ && (bytes > *capacity_bytes_ || used_bytes_ > *capacity_bytes_ - bytes)) {
    return false;
  }
  used_bytes_ += bytes;
  return true;
}

void Pages::read(std::span<std::byte> out, std::uint64_t offset) const {
  std::fill(out.begin(), out.end(), std::byte{0});
  if (out.empty()) return;
  const std::uint64_t end = offset + out.size();
  for (auto at = pages_.lower_bound(offset / kPageBytes); at != pages_.end(); ++at) {
    const std::uint64_t page_begin = at->first * kPageBytes;
    if (page_begin >= end) break;
    const std::uint64_t from = std::max(page_begin, offset);
    const std::uint64_t to = std::min(page_begin + kPageBytes, end);
    std::memcpy(out.data() + (from - offset), at->second->bytes.data() + (from - page_begin),
                static_cast<std::size_t>(to - from));
  }
}

std::uint64_t Pages::write(std::span<const std::byte> data, std::uint64_t offset) {
  std::uint64_t done = 0;
  while (done < data.size()) {
    const std::uint64_t at = offset + done;
    Page* page = writable_page(at / kPageBytes);
    if (page == nullptr) break;
    const std::uint64_t in_page = at % kPageBytes;
    const std::uint64_t count = std::min<std::uint64_t>(kPageBytes - in_page, data.size() - done);
    std::memcpy(page->bytes.data() + in_page, data.data() + done, static_cast<std::size_t>(count));
    done += count;
  }
  return done;
}

Pages::Page* Pages::writable_page(std::uint64_t index) {
  const auto at = pages_.find(index);
  if (at != pages_.end() && at->second.use_count() == 1) return at->second.get();
  const bool reserved = at == pages_.end() && index < reserved_end_;
  if (reserved) {
    // What was paid for in advance is paid for again, at once, by the page itself.
    space_->give_back(kPageBytes);
    --reserved_pages_;
  }
  if (!space_->take(kPageBytes)) return nullptr;
  auto page = std::make_shared<Page>(space_);
  if (at != pages_.end()) page->bytes = at->second->bytes;
  Page* const raw = page.get();
  pages_[index] = std::move(page);
  return raw;
}

void Pages::truncate(std::uint64_t size) {
  const std::uint64_t kept = pages_for(size);
  pages_.erase(pages_.lower_bound(kept), pages_.end());
  if (kept < reserved_end_) {
    const auto existing = static_cast<std::uint64_t>(pages_.size());
    reserved_end_ = kept;
    space_->give_back((reserved_pages_ - (kept - existing)) * kPageBytes);
    reserved_pages_ = kept - existing;
  }
  // What lay beyond the end must read as zeros when the file grows again.
  if (size % kPageBytes == 0 || !pages_.contains(size / kPageBytes)) return;
  auto& page = pages_[size / kPageBytes];
  if (page.use_count() > 1) {
    space_->take_anyway(kPageBytes);
    auto copy = std::make_shared<Page>(space_);
    copy->bytes = page->bytes;
    page = std::move(copy);
  }
  std::fill(page->bytes.begin() + static_cast<std::ptrdiff_t>(size % kPageBytes), page->bytes.end(),
            std::byte{0});
}

bool Pages::reserve(std::uint64_t size) {
  const std::uint64_t end = pages_for(size);
  if (end <= reserved_end_) return true;
  const auto existing = static_cast<std::uint64_t>(
      std::distance(pages_.lower_bound(reserved_end_), pages_.lower_bound(end)));
  const std::uint64_t wanted = end - reserved_end_ - existing;
  if (!space_->take(wanted * kPageBytes)) return false;
  reserved_pages_ += wanted;
  reserved_end_ = end;
  return true;
}

void Pages::release_reservation() {
  space_->give_back(reserved_pages_ * kPageBytes);
  reserved_pages_ = 0;
  reserved_end_ = 0;
}

void Pages::share(const Pages& other) {
  if (this == &other) return;
  release_reservation();
  pages_ = other.pages_;
}

std::optional<Extent> Pages::next_extent(std::uint64_t offset, std::uint64_t size) const {
  auto at = pages_.lower_bound(offset / kPageBytes);
  if (at == pages_.end() || offset >= size) return std::nullopt;
  const std::uint64_t begin = std::max(at->first * kPageBytes, offset);
  if (begin >= size) return std::nullopt;
  std::uint64_t next = at->first;
  while (at != pages_.end() && at->first == next) {
    ++at;
    ++next;
  }
  return Extent{begin, std::min(next * kPageBytes, size) - begin};
}

std::uint64_t Pages::allocated_bytes() const {
  return (pages_.size() + reserved_pages_) * kPageBytes;
}

}  // namespace robosync::fs::memory
