// ModeChange: rsync's --chmod language ("D755,F644,u+w,Dg+s,go-rwx,a=rX,g=u").
//
// Pure value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace robosync::tree {

inline constexpr std::size_t kModeChangeClausesMax = 1000;

class ModeChange {
 public:
  // Parses a comma-separated list. Fails with kUsage, quoting the clause that is wrong.
  [[nodiscard]] static base::Result<ModeChange> parse(std::string_view text);

  [[nodiscard]] bool empty() const { return clauses_.empty(); }
  // What parse() makes this of.
  [[nodiscard]] const std::string& text() const { return text_; }

  // The mode (07777) after all clauses, in order. `umask` applies where a clause names nobody.
  [[nodiscard]] std::uint32_t apply(std::uint32_t mode, bool is_directory,
                                    std::uint32_t umask) const;

  // Adds the clauses of `other` after ours (several --chmod options add up).
  void append(const ModeChange& other);

 private:
  struct Clause {
    enum class Applies : std::uint8_t { kBoth, kDirectories, kFiles };
    Applies applies = Applies::kBoth;
    char operation = 0;                // '+', '-', '='; 0: `bits` is the whole mode
    std::uint32_t who = 0;             // 0100 user, 0010 group, 0001 others; 0: all less umask
    std::uint32_t who_special = 0;     // the set-id bits of those named
    std::uint32_t bits = 0;            // rwx as 0..7, or the whole mode
    std::uint32_t special = 0;         // set-id and sticky bits that are named
    bool conditional_execute = false;  // X
    char copied_from = 0;              // 'u', 'g', 'o': rwx are theirs
  };

  [[nodiscard]] static bool parse_clause(std::string_view text, Clause& clause);
  [[nodiscard]] static bool parse_who(char letter, Clause& clause);
  [[nodiscard]] static bool parse_permission(char letter, Clause& clause);
  [[nodiscard]] static std::uint32_t apply_clause(const Clause& clause, std::uint32_t mode,
                                                  bool keep_execute_off, std::uint32_t umask);

  std::vector<Clause> clauses_;
  std::string text_;
};

}  // namespace robosync::tree
