#include "harness/run/source_chain.h"

#include <filesystem>

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;

base::Result<void> rename_tree(const std::string& from, const std::string& to) {
  std::error_code error;
  fs::rename(from, to, error);
  if (!error) return {};
  base::Error fault = base::make_error(base::ErrorKind::kIo, "rename " + from + " to " + to);
  fault.code = error;
  return base::fail(fault);
}

}  // namespace

base::Result<SourceChain> SourceChain::make(DatasetSource& datasets, const DatasetChoice& choice,
                                            const std::string& folder, unsigned threads) {
  SourceChain chain(folder);
  for (std::size_t state = 0; state < kSourceStates; ++state) {
    const std::string root = chain.resting_place(state);
    ROBOSYNC_ASSIGN(Generated generated, datasets.generate(choice, root));
    if (state == 0) chain.generated_ = std::move(generated);
    // Each state is that before it, changed once more: mutate() is a function of its tree.
    if (state >= 1) ROBOSYNC_TRY(datasets.mutate(choice, root, Deletions::kNone, 1));
    if (state >= 2) ROBOSYNC_TRY(datasets.mutate(choice, root, Deletions::kIncluded, 2));
    ROBOSYNC_ASSIGN(chain.images_[state], read_tree_image(root, threads));
  }
  return chain;
}

std::size_t SourceChain::state_of(Phase phase) {
  switch (phase) {
    case Phase::kFirst:
    case Phase::kNoop:
      return 0;
    case Phase::kIncremental:
      return 1;
    case Phase::kMirror:
      return 2;
  }
  return 0;
}

std::string SourceChain::resting_place(std::size_t state) const {
  return folder_ + "/state-" + std::to_string(state);
}

base::Result<std::string> SourceChain::turn_to(Phase phase) {
  std::string place = folder_ + "/source";
  const std::size_t state = state_of(phase);
  if (state == turned_to_) return place;
  if (turned_to_ != kSourceStates) ROBOSYNC_TRY(rename_tree(place, resting_place(turned_to_)));
  turned_to_ = kSourceStates;
  ROBOSYNC_TRY(rename_tree(resting_place(state), place));
  turned_to_ = state;
  return place;
}

const TreeImage& SourceChain::expected(Phase phase) const { return images_[state_of(phase)]; }

}  // namespace robosync::parity
