#include "harness/run/dataset_source.h"

#include <utility>

namespace robosync::parity {
namespace {

class SpecSource : public DatasetSource {
 public:
  SpecSource(std::optional<std::uint64_t> seed, unsigned threads)
      : seed_(seed), threads_(threads) {}

  base::Result<DatasetSummary> summarize(const DatasetChoice& choice) override {
    ROBOSYNC_ASSIGN(const DatasetSpec spec, find_dataset(choice.name));
    return parity::summarize(spec, choice.scale);
  }

  base::Result<Generated> generate(const DatasetChoice& choice, const std::string& out) override {
    ROBOSYNC_ASSIGN(const DatasetSpec spec, find_dataset(choice.name));
    return parity::generate(
        spec, {.out = out, .scale = choice.scale, .seed = seed_, .threads = threads_});
  }

  base::Result<void> mutate(const DatasetChoice& choice, const std::string& root,
                            Deletions deletions, std::uint64_t round) override {
    ROBOSYNC_ASSIGN(DatasetSpec spec, find_dataset(choice.name));
    if (deletions == Deletions::kNone) {
      spec.mutation.deleted = {};
      spec.mutation.renamed = {};
    }
    ROBOSYNC_TRY(parity::mutate(spec, root, seed_.value_or(spec.seed) + round, threads_));
    return {};
  }

 private:
  std::optional<std::uint64_t> seed_;
  unsigned threads_;
};

}  // namespace

std::unique_ptr<DatasetSource> make_dataset_source(std::optional<std::uint64_t> seed,
                                                   unsigned threads) {
  return std::make_unique<SpecSource>(seed, threads);
}

}  // namespace robosync::parity
