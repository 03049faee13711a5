// Reads a JSON text into values, field by field, and says where a fault is. The first fault is
// kept; reading on after it is harmless and changes nothing, so callers read everything and ask
// once.
//
// A JsonObject borrows from its JsonText, which must outlive it. Not shared between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace robosync::parity {

struct JsonState;

// One object of the text, and the place where it stands.
class JsonObject {
 public:
  JsonObject(JsonState* state, const void* node, std::string place);

  [[nodiscard]] bool has(std::string_view name) const;

  // Each is a fault when the field is missing or of another type. A string may stand base64-encoded
  // in "<name>_base64" instead.
  void read(std::string_view name, std::string& value) const;
  void read(std::string_view name, double& value) const;
  void read(std::string_view name, std::uint64_t& value) const;
  void read(std::string_view name, unsigned& value) const;
  void read(std::string_view name, int& value) const;
  void read(std::string_view name, bool& value) const;

  // Nothing where the field is missing or null.
  void read(std::string_view name, std::optional<double>& value) const;
  void read(std::string_view name, std::optional<std::uint64_t>& value) const;

  // A fault when it is not an array of objects, or not an object.
  [[nodiscard]] std::vector<JsonObject> objects(std::string_view name) const;
  [[nodiscard]] JsonObject object(std::string_view name) const;
  // A fault when it is not an array of strings.
  [[nodiscard]] std::vector<std::string> strings(std::string_view name) const;
  // A fault when it is not an array of numbers.
  [[nodiscard]] std::vector<double> numbers(std::string_view name) const;

  // A fault for a field that is none of these.
  void only(const std::vector<std::string_view>& names) const;

  // Records "<place>.<name>: <what>" unless there is a fault already.
  void fault(std::string_view name, std::string_view what) const;

 private:
  [[nodiscard]] std::string place_of(std::string_view name) const;
  // The field, or null with a fault recorded.
  [[nodiscard]] const void* field(std::string_view name) const;

  JsonState* state_;
  const void* node_;  // null after a fault
  std::string place_;
};

class JsonText {
 public:
  // kInvalid for what is no JSON object; kLimit for more than bytes_max.
  [[nodiscard]] static base::Result<JsonText> parse(std::string_view text, std::size_t bytes_max);

  JsonText(JsonText&&) noexcept;
  JsonText& operator=(JsonText&&) noexcept;
  ~JsonText();

  [[nodiscard]] JsonObject root() const;
  // The first fault, of kind kInvalid.
  [[nodiscard]] const std::optional<base::Error>& fault() const;

 private:
  explicit JsonText(std::unique_ptr<JsonState> state);
  std::unique_ptr<JsonState> state_;
};

}  // namespace robosync::parity
