// SpecObject: one JSON object of a spec, read strictly. Every key that is asked for is thereby an
// allowed one; finish() refuses the others. The first fault is kept and named with file and key, so
// that the code that reads a spec is a list of keys.
//
// Part of spec_json.cc, which owns the parsed document. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/dataset/spec.h"

namespace robosync::parity {

// The first fault met in a file.
struct SpecFault {
  std::string file;
  std::optional<base::Error> error;

  void set(std::string_view key, std::string_view what);
};

struct Range {
  std::uint64_t min = 0;
  std::uint64_t max = 0;
};

enum class Need : std::uint8_t { kRequired, kOptional };

class SpecObject {
 public:
  // `json` is a nlohmann::json and outlives the object; `where` is the key that leads here.
  SpecObject(const void* json, std::string where, SpecFault* fault);

  // An absent optional key gives `fallback`.
  [[nodiscard]] std::uint64_t number(std::string_view key, Range range, Need need,
                                     std::uint64_t fallback = 0);
  // A number with a fraction, times `factor`, rounded; 0 where it is absent.
  [[nodiscard]] std::uint64_t decimal(std::string_view key, double max, double factor, Need need);
  [[nodiscard]] std::string text(std::string_view key, Need need, std::string fallback = "");
  // The position of the text among `choices`; 0 where it is absent.
  [[nodiscard]] std::size_t choice(std::string_view key, const std::vector<std::string>& choices,
                                   Need need);
  [[nodiscard]] std::optional<SpecObject> object(std::string_view key, Need need);
  [[nodiscard]] std::vector<SpecObject> objects(std::string_view key, Need need);
  [[nodiscard]] std::vector<std::string> keys() const;

  // Faults that only the reader can see.
  void refuse(std::string_view key, std::string_view what);
  // Unknown keys. The last call.
  void finish();

 private:
  // The value, null where there is none.
  [[nodiscard]] const void* find(std::string_view key, Need need);
  [[nodiscard]] std::string path_of(std::string_view key) const;

  const void* json_;
  std::string where_;
  SpecFault* fault_;
  std::vector<std::string> asked_;
};

}  // namespace robosync::parity
