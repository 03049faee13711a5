// The four verbs by name, and sets of them: an option says which verbs it belongs to.
//
// Values only; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string_view>

#include "engine/sync.h"

namespace robosync::cli {

inline constexpr std::array<Verb, 4> kVerbs = {Verb::kCopy, Verb::kMirror, Verb::kMove,
                                               Verb::kVerify};

// "copy", as typed and as printed.
[[nodiscard]] std::string_view to_string(Verb verb);

// The verb called `name`, nothing for any other word.
[[nodiscard]] std::optional<Verb> verb_of(std::string_view name);

// What the verb does, in half a line.
[[nodiscard]] std::string_view description_of(Verb verb);

// The names after the options, as the usage line shows them.
[[nodiscard]] std::string_view operands_of(Verb verb);

class VerbSet {
 public:
  constexpr VerbSet(std::initializer_list<Verb> verbs) {
    for (const Verb verb : verbs) bits_ |= bit(verb);
  }
  [[nodiscard]] constexpr bool contains(Verb verb) const { return (bits_ & bit(verb)) != 0; }

 private:
  static constexpr unsigned bit(Verb verb) { return 1U << static_cast<unsigned>(verb); }
  unsigned bits_ = 0;
};

}  // namespace robosync::cli
