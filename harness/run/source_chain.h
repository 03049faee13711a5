// SourceChain: the three states that a source is in while a chain of phases is measured: as
// generated, mutated without deletions, mutated again with deletions. They stand side by side and
// take turns at one path by being renamed, so that for a tool it is one tree that changes, and no
// time passes between two states.
//
// One thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "engine/base/result.h"
#include "harness/run/dataset_source.h"
#include "harness/run/plan.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {

inline constexpr std::size_t kSourceStates = 3;

class SourceChain {
 public:
  // Makes the trees below the empty folder `folder` and reads them.
  [[nodiscard]] static base::Result<SourceChain> make(DatasetSource& datasets,
                                                      const DatasetChoice& choice,
                                                      const std::string& folder, unsigned threads);

  // The path at which the source of `phase` stands after this.
  [[nodiscard]] base::Result<std::string> turn_to(Phase phase);
  // What a target must look like after `phase`.
  [[nodiscard]] const TreeImage& expected(Phase phase) const;

  [[nodiscard]] const Generated& generated() const { return generated_; }
  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  explicit SourceChain(std::string folder) : folder_(std::move(folder)) {}

  static std::size_t state_of(Phase phase);
  [[nodiscard]] std::string resting_place(std::size_t state) const;

  std::string folder_;
  Generated generated_;
  std::array<TreeImage, kSourceStates> images_;
  std::size_t turned_to_ = kSourceStates;  // none
};

}  // namespace robosync::parity
