// Two equal directories, one for rsync and one for robosync: whatever both do must come out equal.
#pragma once

#include <functional>
#include <string>

#include "cli/e2e/end_to_end_linux_testing.h"

namespace robosync::e2e {

class Twins : public EndToEnd {
 protected:
  Twins();

  [[nodiscard]] std::string theirs() const { return at("rsync"); }
  [[nodiscard]] std::string ours() const { return at("robosync"); }

  // Makes the same tree in both, directory times included.
  void prepare(const std::function<void(TreeBuilder&)>& build);
  // Makes the directory that robosync gets a copy of rsync's, exactly.
  void clone_theirs();

  struct Runs {
    Finished rsync;
    Finished robosync;
  };
  // Runs `rsync <arguments>` in one and `robosync <arguments>` in the other.
  Runs run_both(const Arguments& rsync_arguments, const Arguments& robosync_arguments);

  // Everything but holes; times set while the test ran are equal.
  [[nodiscard]] Aspects twin_aspects() const;
  void expect_equal(const Aspects& aspects) const;
  void expect_equal() const { expect_equal(twin_aspects()); }

 private:
  std::int64_t started_;
};

// Sets the time of every directory below and including `root`.
void set_directory_times(const std::string& root, timespec time);

// The lines of `out` that are rsync's itemized changes, sorted.
[[nodiscard]] std::vector<std::string> itemized_lines(const std::string& out);

}  // namespace robosync::e2e
