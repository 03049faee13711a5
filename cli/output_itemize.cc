#include "cli/output_itemize.h"

#include <array>
#include <cstddef>
#include <string_view>
#include <utility>

namespace robosync::cli {
namespace {

constexpr std::size_t kLength = 11;

bool is_new(const Event& event) {
  switch (event.action) {
    case Action::kCreated:
    case Action::kOnlySource:
      return true;
    case Action::kLinked:
      return event.changes == Changes{};
    case Action::kUpdated:
    case Action::kDifferent:
      return event.changes.kind;  // what was of another kind is made anew
    default:
      return false;
  }
}

// Whether making the target like the source moves or makes more than attributes.
bool is_transfer(const Event& event) {
  switch (event.action) {
    case Action::kCreated:
    case Action::kUpdated:
    case Action::kOnlySource:
      return true;
    case Action::kDifferent:
      return event.changes.content || event.changes.size || event.changes.kind;
    default:
      return false;
  }
}

char update_type(const Event& event) {
  if (event.action == Action::kLinked) return 'h';
  if (!is_transfer(event)) return '.';
  return event.kind == tree::Kind::kRegular ? '>' : 'c';
}

char file_type(tree::Kind kind) {
  switch (kind) {
    case tree::Kind::kDirectory:
      return 'd';
    case tree::Kind::kSymlink:
      return 'L';
    case tree::Kind::kCharDevice:
    case tree::Kind::kBlockDevice:
      return 'D';
    case tree::Kind::kFifo:
    case tree::Kind::kSocket:
      return 'S';
    default:
      return 'f';
  }
}

}  // namespace

std::string itemize(const Event& event, TimesKept times) {
  if (event.action == Action::kDeleted || event.action == Action::kOnlyTarget) {
    return "*deleting  ";
  }
  std::string text(kLength, '.');
  text[0] = update_type(event);
  text[1] = file_type(event.kind);
  if (is_new(event)) return text.replace(2, kLength - 2, kLength - 2, '+');
  const Changes& changes = event.changes;
  const bool is_link = event.kind == tree::Kind::kSymlink;
  if (changes.content) text[2] = 'c';
  if (changes.size && !is_link) text[3] = 's';
  // What is written anew without its time has the time of now, whatever it was.
  if (times == TimesKept::kNo && event.action == Action::kUpdated) text[4] = 'T';
  if (times == TimesKept::kYes && changes.time) text[4] = 't';
  if (changes.permissions) text[5] = 'p';
  if (changes.owner) text[6] = 'o';
  if (changes.group) text[7] = 'g';
  if (changes.acl) text[9] = 'a';
  if (changes.xattr) text[10] = 'x';
  const bool nothing = text.find_first_not_of('.', 2) == std::string::npos;
  if (nothing && text[0] != '>') text.replace(2, kLength - 2, kLength - 2, ' ');
  return text;
}

std::string changes_in_words(const Changes& changes) {
  const std::array<std::pair<bool, std::string_view>, 9> words = {{
      {changes.kind, "kind"},
      {changes.content, "content"},
      {changes.size, "size"},
      {changes.time, "time"},
      {changes.permissions, "permissions"},
      {changes.owner, "owner"},
      {changes.group, "group"},
      {changes.acl, "acl"},
      {changes.xattr, "xattr"},
  }};
  std::string text;
  for (const auto& [differs, word] : words) {
    if (!differs) continue;
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace robosync::cli
