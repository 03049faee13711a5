#include "engine/tree/windows_attributes.h"

#include <algorithm>
#include <array>

#include "engine/base/case_folding.h"

namespace robosync::tree {
namespace {

struct Letter {
  char letter;
  WindowsAttributes attribute;
};

constexpr std::array<Letter, 9> kLetters = {{{'R', kAttributeReadOnly},
                                             {'A', kAttributeArchive},
                                             {'S', kAttributeSystem},
                                             {'H', kAttributeHidden},
                                             {'C', kAttributeCompressed},
                                             {'N', kAttributeNotIndexed},
                                             {'E', kAttributeEncrypted},
                                             {'T', kAttributeTemporary},
                                             {'O', kAttributeOffline}}};

constexpr std::array<Letter, 5> kStoredLetters = {{{'R', kAttributeReadOnly},
                                                   {'H', kAttributeHidden},
                                                   {'S', kAttributeSystem},
                                                   {'A', kAttributeArchive},
                                                   {'I', kAttributeNotIndexed}}};

constexpr std::uint32_t kOwnerWrites = 0200;

}  // namespace

base::Result<WindowsAttributes> parse_windows_attributes(std::string_view letters) {
  WindowsAttributes attributes = 0;
  for (const char given : letters) {
    const char letter = base::ascii_upper(given);
    const auto known = std::ranges::find(kLetters, letter, &Letter::letter);
    if (known == kLetters.end()) {
      return base::fail(base::make_error(
          base::ErrorKind::kUsage,
          std::string("'") + given + "' is none of the attributes R A S H C N E T O"));
    }
    attributes |= known->attribute;
  }
  return attributes;
}

std::string stored_attributes(WindowsAttributes attributes) {
  std::string value;
  for (const Letter& one : kStoredLetters) {
    if ((attributes & one.attribute) != 0) value += one.letter;
  }
  return value;
}

base::Result<WindowsAttributes> parse_stored_attributes(std::string_view value) {
  WindowsAttributes attributes = 0;
  for (const char letter : value) {
    const auto known = std::ranges::find(kStoredLetters, letter, &Letter::letter);
    if (known == kStoredLetters.end()) {
      return base::fail(base::make_error(base::ErrorKind::kInvalid,
                                         "unknown attributes '" + std::string(value) + "'"));
    }
    attributes |= known->attribute;
  }
  return attributes;
}

bool is_stored_in_blocks(WindowsAttributes attributes) {
  return (attributes & (kAttributeReparsePoint | kAttributeOffline | kAttributeRecallOnOpen |
                        kAttributeRecallOnDataAccess)) == 0;
}

std::uint64_t allocated_for_holes(WindowsAttributes attributes, std::uint64_t allocated_bytes,
                                  std::uint64_t size) {
  const bool may_have_holes =
      (attributes & kAttributeSparse) != 0 && is_stored_in_blocks(attributes);
  return may_have_holes ? allocated_bytes : std::max(allocated_bytes, size);
}

WindowsAttributes windows_attributes_of(const Metadata& file) {
  if (file.windows_attributes != 0) return file.windows_attributes;
  return (file.mode & kOwnerWrites) == 0 ? kAttributeReadOnly : 0;
}

}  // namespace robosync::tree
