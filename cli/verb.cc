#include "cli/verb.h"

namespace robosync::cli {

std::string_view to_string(Verb verb) {
  switch (verb) {
    case Verb::kCopy:
      return "copy";
    case Verb::kMirror:
      return "mirror";
    case Verb::kMove:
      return "move";
    case Verb::kVerify:
      return "verify";
  }
  return "unknown";
}

std::optional<Verb> verb_of(std::string_view name) {
  for (const Verb verb : kVerbs) {
    if (to_string(verb) == name) return verb;
  }
  return std::nullopt;
}

std::string_view description_of(Verb verb) {
  switch (verb) {
    case Verb::kCopy:
      return "Add and update, never delete.";
    case Verb::kMirror:
      return "Copy, then delete what the source does not have.";
    case Verb::kMove:
      return "Copy, prove that each file landed, then remove it from the source.";
    case Verb::kVerify:
      return "Compare only: exit 0 when equal, 1 when different, more when in trouble.";
  }
  return "";
}

std::string_view operands_of(Verb verb) {
  return verb == Verb::kCopy || verb == Verb::kMove ? "SOURCE... TARGET" : "SOURCE TARGET";
}

}  // namespace robosync::cli
