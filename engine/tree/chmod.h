// ModeChange: rsync's --chmod language ("D755,F644,u+w,Dg+s,go-rwx,a=rX").
//
// Pure value; any thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.h"

namespace robosync::tree {

class ModeChange {
 public:
  // Parses a comma-separated list. Fails with kUsage, quoting the clause that is wrong.
  [[nodiscard]] static base::Result<ModeChange> parse(std::string_view text);

  [[nodiscard]] bool empty() const { return clauses_.empty(); }

  // The mode (07777) after all clauses, in order. `umask` applies where a clause names nobody.
  [[nodiscard]] std::uint32_t apply(std::uint32_t mode, bool is_directory,
                                    std::uint32_t umask) const;

  // Adds the clauses of `other` after ours (several --chmod options add up).
  void append(const ModeChange& other);

 private:
  struct Clause {
    enum class Applies : std::uint8_t { kBoth, kDirectories, kFiles } applies = Applies::kBoth;
    char operation = '=';    // '+', '-', '='
    std::uint32_t who = 0;   // mask of the bits the clause may touch; 0: everybody less umask
    std::uint32_t bits = 0;  // permission bits
    bool conditional_execute = false;  // X
    bool numeric = false;
  };
  std::vector<Clause> clauses_;
};

}  // namespace robosync::tree
