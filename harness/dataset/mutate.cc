#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <utility>

#include "harness/dataset/content.h"
#include "harness/dataset/dataset.h"
#include "harness/dataset/disk.h"
#include "harness/dataset/layout.h"
#include "harness/dataset/numbers.h"

namespace robosync::parity {
namespace {

// Times of what is mutated: within 2025, so newer than any that was generated, and in steps that
// every file system of today keeps.
constexpr std::int64_t kFirstSecond = 1'735'689'600;
constexpr std::uint64_t kSeconds = std::uint64_t{365} * 86400;
constexpr std::uint64_t kNsStep = 100;
constexpr std::uint64_t kChangedBytesMax = std::uint64_t{1} << 20U;
constexpr std::uint64_t kGrownBytesMax = 4096;
constexpr std::uint64_t kAddedBytesMax = 16384;

struct Candidate {
  std::string path;
  std::uint64_t size = 0;
};

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

class Mutator {
 public:
  Mutator(const MutationRecipe& recipe, const TreeImage& image, Disk* disk, std::uint64_t seed)
      : recipe_(recipe), image_(image), disk_(disk), seed_(seed), numbers_(seed) {
    for (const auto& [path, node] : image.nodes)
      if (node.kind == NodeKind::kFile && node.link_group.empty())
        candidates_.push_back({path, node.size});
  }

  base::Result<Mutation> run() {
    const std::uint64_t files = candidates_.size();
    ROBOSYNC_TRY(edit_in_place());
    for (std::size_t i = candidates_.size(); i > 1; --i)
      std::swap(candidates_[i - 1], candidates_[numbers_.below(i)]);
    const std::vector<Candidate> all = candidates_;
    put_empty_files_first();
    ROBOSYNC_TRY(for_each(recipe_.changed.of(files), &Mutator::change));
    ROBOSYNC_TRY(for_each(recipe_.touched.of(files), &Mutator::touch));
    ROBOSYNC_TRY(for_each(recipe_.grown.of(files), &Mutator::grow));
    ROBOSYNC_TRY(for_each(recipe_.renamed.of(files), &Mutator::rename));
    ROBOSYNC_TRY(for_each(recipe_.deleted.of(files), &Mutator::remove));
    if (!all.empty())
      for (std::uint64_t i = 0; i < recipe_.added.of(files); ++i)
        ROBOSYNC_TRY(add(parent_of(all[numbers_.below(all.size())].path)));
    for (const std::string& directory : directories_)
      ROBOSYNC_TRY(disk_->set_time(directory, time_of(directory)));
    return done_;
  }

 private:
  [[nodiscard]] DiskTime time_of(const std::string& path) const {
    Numbers numbers(derived(seed_, path));
    DiskTime time;
    time.s = kFirstSecond + static_cast<std::int64_t>(numbers.below(kSeconds));
    time.ns = static_cast<std::uint32_t>(numbers.below(1'000'000'000 / kNsStep) * kNsStep);
    return time;
  }

  // They are the last to be taken: what holds nothing cannot have other content of the same size.
  void put_empty_files_first() {
    std::vector<Candidate> ordered;
    ordered.reserve(candidates_.size());
    for (const bool empty : {true, false})
      for (const Candidate& file : candidates_)
        if ((file.size == 0) == empty) ordered.push_back(file);
    candidates_ = std::move(ordered);
  }

  // Takes files from the end of the list.
  base::Result<void> for_each(std::uint64_t count,
                              base::Result<void> (Mutator::*step)(const Candidate&)) {
    for (std::uint64_t i = 0; i < count && !candidates_.empty(); ++i) {
      const Candidate file = std::move(candidates_.back());
      candidates_.pop_back();
      ROBOSYNC_TRY((this->*step)(file));
    }
    return {};
  }

  struct Stretch {
    std::uint64_t seed = 0;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
  };

  // Writes and then sets the file's new time, and the mode it had.
  base::Result<void> write(const std::string& path, const std::vector<Stretch>& stretches) {
    ROBOSYNC_ASSIGN(const std::uint32_t mode, disk_->make_writable(path));
    for (const Stretch& stretch : stretches) {
      std::vector<std::byte> content(static_cast<std::size_t>(stretch.bytes));
      fill({stretch.seed, 0}, stretch.offset, content);
      ROBOSYNC_TRY(disk_->write_at(path, stretch.offset, content));
      done_.bytes_written += stretch.bytes;
    }
    return disk_->set(path, {mode, time_of(path)});
  }

  base::Result<void> edit_in_place() {
    const InPlaceEdits& edits = recipe_.in_place_edits;
    // Ascending, so that the largest are taken from the end; of equal size, the first by name.
    std::ranges::sort(candidates_, [](const Candidate& a, const Candidate& b) {
      return std::pair(a.size, b.path) < std::pair(b.size, a.path);
    });
    return for_each(edits.files, &Mutator::edit);
  }

  base::Result<void> edit(const Candidate& file) {
    const InPlaceEdits& edits = recipe_.in_place_edits;
    const std::uint64_t bytes = std::min(edits.bytes, file.size);
    const std::uint64_t seed = derived(seed_, file.path);
    Numbers numbers(seed);
    std::vector<Stretch> stretches;
    for (std::uint64_t i = 0; i < edits.edits && bytes > 0; ++i)
      stretches.push_back({derived(seed, i), numbers.below(file.size - bytes + 1), bytes});
    ++done_.edited_in_place;
    return write(file.path, stretches);
  }

  base::Result<void> change(const Candidate& file) {
    if (file.size == 0) return {};
    const std::uint64_t bytes = std::min(file.size, kChangedBytesMax);
    ++done_.changed;
    return write(file.path, {{derived(seed_, file.path), (file.size - bytes) / 2, bytes}});
  }

  base::Result<void> touch(const Candidate& file) {
    ++done_.touched;
    return disk_->set_time(file.path, time_of(file.path));
  }

  base::Result<void> grow(const Candidate& file) {
    const std::uint64_t seed = derived(seed_, file.path);
    ++done_.grown;
    return write(file.path, {{seed, file.size, 1 + seed % kGrownBytesMax}});
  }

  // A name that the tree does not have; different seeds hardly ever try the same one.
  std::string new_path(const std::string& directory, std::string_view stem, std::uint64_t number) {
    for (std::uint64_t attempt = 0;; ++attempt) {
      const std::uint64_t id = derived(derived(seed_, number), attempt);
      std::string path = join_path(directory, fmt::format("{}-{:016x}.dat", stem, id));
      if (!image_.nodes.contains(path) && made_.insert(path).second) return path;
    }
  }

  base::Result<void> rename(const Candidate& file) {
    const std::string directory = parent_of(file.path);
    ROBOSYNC_TRY(disk_->rename(file.path, new_path(directory, "renamed", done_.renamed)));
    directories_.insert(directory);
    ++done_.renamed;
    return {};
  }

  base::Result<void> remove(const Candidate& file) {
    // Some systems do not remove what is read-only.
    ROBOSYNC_TRY(disk_->make_writable(file.path));
    ROBOSYNC_TRY(disk_->remove_file(file.path));
    directories_.insert(parent_of(file.path));
    ++done_.deleted;
    return {};
  }

  base::Result<void> add(const std::string& directory) {
    const std::string path = new_path(directory, "added", done_.added);
    const std::uint64_t seed = derived(seed_, path);
    ROBOSYNC_TRY(disk_->make_file(path, 0));
    ROBOSYNC_TRY(disk_->set(path, {0644, {}}));
    directories_.insert(directory);
    ++done_.added;
    return write(path, {{seed, 0, 1 + seed % kAddedBytesMax}});
  }

  const MutationRecipe& recipe_;
  const TreeImage& image_;
  Disk* const disk_;
  const std::uint64_t seed_;
  Numbers numbers_;
  std::vector<Candidate> candidates_;
  std::set<std::string> made_;
  std::set<std::string> directories_;  // whose entries changed
  Mutation done_;
};

}  // namespace

base::Result<Mutation> mutate(const DatasetSpec& spec, const std::string& root, std::uint64_t seed,
                              unsigned threads) {
  ROBOSYNC_ASSIGN(const TreeImage image, read_tree_image(root, threads, Content::kSkip));
  ROBOSYNC_ASSIGN(const std::unique_ptr<Disk> disk, open_disk(root));
  return Mutator(spec.mutation, image, disk.get(), seed).run();
}

}  // namespace robosync::parity
