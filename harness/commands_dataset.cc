#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "harness/commands.h"
#include "harness/dataset/dataset.h"
#include "harness/run/remote_link.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {
namespace {

constexpr double kMib = 1048576;

}  // namespace

base::Result<int> list_command(Program& program) {
  ROBOSYNC_ASSIGN(const std::vector<DatasetSummary> datasets, list_datasets());
  program.out(fmt::format("{:<12} {:>9} {:>10}  {}\n", "dataset", "files", "MiB", "what it is"));
  for (const DatasetSummary& dataset : datasets) {
    program.out(fmt::format("{:<12} {:>9} {:>10.1f}  {}\n", dataset.name, dataset.files,
                            static_cast<double>(dataset.bytes) / kMib, dataset.description));
  }
  return kExitOk;
}

base::Result<int> generate_command(const GenerateWords& words, Program& program) {
  ROBOSYNC_ASSIGN(const DatasetSpec spec, find_dataset(words.dataset));
  ROBOSYNC_ASSIGN(const Generated made,
                  generate(spec, {.out = words.out,
                                  .scale = words.scale,
                                  .seed = words.seed,
                                  .threads = std::max(2U, std::thread::hardware_concurrency())}));
  program.out(fmt::format("{} files, {} directories, {} bytes\ndigest {} ({})\n", made.files,
                          made.directories, made.bytes, made.digest, made.profile));
  if (made.digest_matches_spec.value_or(true)) return kExitOk;
  return base::fail(base::make_error(base::ErrorKind::kCorrupt,
                                     "the spec expects another digest: the generator has changed"));
}

base::Result<int> digest_command(const DigestWords& words, Program& program) {
  ROBOSYNC_ASSIGN(const Aspects aspects, aspects_of(words.aspects));
  ROBOSYNC_ASSIGN(const TreeImage image, read_tree_image(words.folder));
  program.out(tree_digest(image, aspects) + "\n");
  return kExitOk;
}

}  // namespace robosync::parity
