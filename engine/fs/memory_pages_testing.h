// The content of a file in memory: 4 KiB pages, holes where nothing was written, pages shared after
// a clone until one side writes. Private to the in-memory file system, whose lock guards it.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>

#include "engine/fs/fs.h"

namespace robosync::fs::memory {

inline constexpr std::uint64_t kPageBytes = 4096;

// How much of a volume is taken. Pages give their share back when they go, which may be after the
// last name and the last handle of a file went, on any thread.
class Space {
 public:
  explicit Space(std::optional<std::uint64_t> capacity_bytes) : capacity_bytes_(capacity_bytes) {}

  // REQUIRES: the file system's lock, as for take().
  void set_capacity(std::optional<std::uint64_t> bytes) { capacity_bytes_ = bytes; }
  // False, and nothing taken, when it does not fit.
  [[nodiscard]] bool take(std::uint64_t bytes);
  // Takes what cannot be refused, beyond the capacity if need be.
  void take_anyway(std::uint64_t bytes) { used_bytes_ += bytes; }
  void give_back(std::uint64_t bytes) { used_bytes_ -= bytes; }
  [[nodiscard]] std::uint64_t used_bytes() const { return used_bytes_; }

 private:
  std::optional<std::uint64_t> capacity_bytes_;
  std::atomic<std::uint64_t> used_bytes_{0};
};

class Pages {
 public:
  explicit Pages(std::shared_ptr<Space> space) : space_(std::move(space)) {}
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() { space_->give_back(reserved_pages_ * kPageBytes); }

  // Fills all of `out`; holes read as zeros.
  void read(std::span<std::byte> out, std::uint64_t offset) const;
  // Returns how many bytes were written: fewer than data.size() when the volume is full.
  [[nodiscard]] std::uint64_t write(std::span<const std::byte> data, std::uint64_t offset);
  // Forgets everything from `size` on.
  void truncate(std::uint64_t size);
  // Takes the space of all holes in [0, size). False, and nothing taken, when the volume is full.
  [[nodiscard]] bool reserve(std::uint64_t size);
  // Becomes equal to `other`, whose volume must be the same.
  void share(const Pages& other);
  // As File::next_extent, for a file of `size` bytes.
  [[nodiscard]] std::optional<Extent> next_extent(std::uint64_t offset, std::uint64_t size) const;
  [[nodiscard]] std::uint64_t allocated_bytes() const;

 private:
  struct Page {
    explicit Page(std::shared_ptr<Space> owner) : space(std::move(owner)) {}
    Page(const Page&) = delete;
    Page& operator=(const Page&) = delete;
    ~Page() { space->give_back(kPageBytes); }

    std::shared_ptr<Space> space;
    std::array<std::byte, kPageBytes> bytes{};
  };

  // The page `index`, of its own to be written to; nullptr when the volume is full.
  Page* writable_page(std::uint64_t index);
  void release_reservation();

  std::shared_ptr<Space> space_;
  std::map<std::uint64_t, std::shared_ptr<Page>> pages_;
  // preallocate(): pages below reserved_end_ that do not exist yet are paid for.
  std::uint64_t reserved_end_ = 0;
  std::uint64_t reserved_pages_ = 0;
};

}  // namespace robosync::fs::memory
