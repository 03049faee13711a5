// Encoder and Decoder: values to bytes and back, with limits. Pure; one thread.
//
// Both have the same methods, so that a message states its fields once, in a template over the
// archive (message.h), and what is written is what is read. Integers are LEB128 varints (signed
// ones zigzag); texts and lists carry their length first. A Decoder never trusts: a length is
// compared with its limit and with what is left before anything is allocated; after the first fault
// it reads zeros and finish() tells what was wrong.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "engine/base/result.h"

namespace robosync::wire {

class Encoder {
 public:
  static constexpr bool kDecodes = false;

  void integer(std::uint64_t value);
  template <typename T>
    requires std::is_unsigned_v<T>
  void number(T value) {
    integer(value);
  }
  void number(std::int64_t value);
  void flag(bool value) { integer(value ? 1 : 0); }
  // REQUIRES: value <= last.
  template <typename E>
  void choice(E value, E /*last*/) {
    integer(static_cast<std::uint64_t>(value));
  }
  void text(const std::string& value, std::size_t bytes_max);
  void raw(std::span<const std::byte> bytes);
  void raw(std::string_view bytes) { raw(std::as_bytes(std::span(bytes))); }
  // Exactly `size` bytes, without a length.
  void fixed(std::span<const std::byte> bytes) { raw(bytes); }

  template <typename T, typename Fields>
  void list(const std::vector<T>& values, std::size_t /*count_max*/, Fields fields) {
    integer(values.size());
    for (const T& value : values) fields(value);
  }
  template <typename T, typename Fields>
  void optional(const std::optional<T>& value, Fields fields) {
    flag(value.has_value());
    if (value) fields(*value);
  }

  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  [[nodiscard]] std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Decoder {
 public:
  static constexpr bool kDecodes = true;

  explicit Decoder(std::span<const std::byte> bytes) : bytes_(bytes) {}
  explicit Decoder(std::string_view bytes) : bytes_(std::as_bytes(std::span(bytes))) {}

  [[nodiscard]] std::uint64_t integer();
  template <typename T>
    requires std::is_unsigned_v<T>
  void number(T& value) {
    const std::uint64_t read = integer();
    value = static_cast<T>(read);
    if (value != read) fault("a number is too large");
  }
  void number(std::int64_t& value);
  void flag(bool& value);
  template <typename E>
  void choice(E& value, E last) {
    const std::uint64_t read = integer();
    if (read > static_cast<std::uint64_t>(last)) return fault("a choice that does not exist");
    value = static_cast<E>(read);
  }
  void text(std::string& value, std::size_t bytes_max);
  // The next `size` bytes; empty after a fault.
  [[nodiscard]] std::string_view raw(std::size_t size);
  void fixed(std::span<std::byte> bytes);

  template <typename T, typename Fields>
  void list(std::vector<T>& values, std::size_t count_max, Fields fields) {
    const std::uint64_t count = integer();
    // Each element has at least one byte.
    if (count > count_max || count > left()) return fault("a list is too long");
    values.clear();
    values.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count && !failed(); ++i) fields(values.emplace_back());
  }
  template <typename T, typename Fields>
  void optional(std::optional<T>& value, Fields fields) {
    bool there = false;
    flag(there);
    value.reset();
    if (there && !failed()) fields(value.emplace(T()));
  }

  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  [[nodiscard]] bool failed() const { return !reason_.empty(); }
  // The first fault is kept. `reason` is what messages say.
  void fault(std::string_view reason);
  // kProtocol when anything was wrong or bytes are left over.
  [[nodiscard]] base::Result<void> finish();

 private:
  std::span<const std::byte> bytes_;
  std::size_t at_ = 0;
  std::string reason_;
};

}  // namespace robosync::wire
