#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/mutex.h"
#include "engine/base/pool.h"
#include "engine/base/spares.h"
#include "harness/dataset/dataset.h"
#include "harness/dataset/disk.h"
#include "harness/dataset/first_fault.h"
#include "harness/dataset/layout.h"

namespace robosync::parity {
namespace {

constexpr std::uint64_t kBatchFiles = 512;
// Files beyond this are made in pieces of this size, by all threads.
constexpr std::uint64_t kPieceBytes = std::uint64_t{8} << 20U;
constexpr std::size_t kWriteBytes = std::size_t{1} << 20U;
constexpr double kScaleMax = 1000;

class Generator {
 public:
  Generator(Disk* disk, const Layout* layout, unsigned threads)
      : disk_(disk), layout_(layout), pool_(std::max(threads, 1U)) {}

  base::Result<void> run() {
    for (const std::string& directory : layout_->directories())
      ROBOSYNC_TRY(disk_->make_directory(directory));
    ROBOSYNC_TRY(make_files());
    ROBOSYNC_TRY(make_large_files());
    for (const LayoutSparseFile& sparse : layout_->sparse_files()) ROBOSYNC_TRY(make(sparse));
    for (const LayoutHardLink& link : layout_->hard_links())
      ROBOSYNC_TRY(disk_->make_hard_link(link.path, link.existing));
    for (const LayoutSymlink& link : layout_->symlinks())
      ROBOSYNC_TRY(disk_->make_symlink(link.path, link.target, link.mtime));
    // Last, because every entry that was made changed its folder's time.
    for (const std::string& directory : layout_->directories())
      ROBOSYNC_TRY(disk_->set(directory, layout_->attributes_of(directory)));
    return disk_->set("", layout_->attributes_of(""));
  }

 private:
  struct LargeFile {
    std::string path;
    LayoutFile file;
  };

  base::Result<void> make_files() {
    std::vector<base::Pool::Job> jobs;
    for (const Layout::Group& group : layout_->groups())
      for (std::uint64_t first = 0; first < group.files;) {
        // A batch is of one folder.
        const std::uint64_t folder_end =
            (first / group.files_per_directory + 1) * group.files_per_directory;
        const std::uint64_t end = std::min({first + kBatchFiles, folder_end, group.files});
        jobs.emplace_back(
            [this, &group, first, end] { fault_.note(make_batch(group, first, end)); });
        first = end;
      }
    // Jobs are taken from the end.
    std::ranges::reverse(jobs);
    pool_.submit(std::move(jobs));
    pool_.wait_idle();
    return fault_.result();
  }

  base::Result<void> make_batch(const Layout::Group& group, std::uint64_t first,
                                std::uint64_t end) {
    if (fault_.met()) return {};
    auto lent = buffers_.lend([] { return std::vector<std::byte>(kWriteBytes); });
    std::vector<std::byte>& buffer = *lent;
    const std::string& directory =
        group.directories[static_cast<std::size_t>(first / group.files_per_directory)];
    ROBOSYNC_ASSIGN(const std::unique_ptr<Folder> folder, disk_->open(directory));
    for (std::uint64_t i = first; i < end && !fault_.met(); ++i) {
      LayoutFile file = layout_->file(group, i);
      if (file.size > kPieceBytes) {
        ROBOSYNC_TRY(begin_large_file(directory, std::move(file)));
        continue;
      }
      buffer.resize(std::max(buffer.size(), static_cast<std::size_t>(file.size)));
      const std::span<std::byte> content =
          std::span(buffer).first(static_cast<std::size_t>(file.size));
      fill(file.content, 0, content);
      ROBOSYNC_TRY(folder->write_file(file.name, content, file.attributes));
    }
    return {};
  }

  base::Result<void> begin_large_file(const std::string& directory, LayoutFile file) {
    std::string path = join_path(directory, file.name);
    ROBOSYNC_TRY(disk_->make_file(path, file.size));
    const base::MutexLock lock(mutex_);
    large_.push_back({std::move(path), std::move(file)});
    return {};
  }

  base::Result<void> make_large_files() {
    std::vector<LargeFile> files;
    {
      const base::MutexLock lock(mutex_);
      files = std::move(large_);
    }
    for (const LargeFile& large : files)
      for (std::uint64_t at = 0; at < large.file.size; at += kPieceBytes)
        pool_.submit([this, &large, at] {
          const std::uint64_t bytes = std::min(kPieceBytes, large.file.size - at);
          fault_.note(write_stretch(large.path, large.file.content, at, bytes));
        });
    pool_.wait_idle();
    ROBOSYNC_TRY(fault_.result());
    for (const LargeFile& large : files)
      ROBOSYNC_TRY(disk_->set(large.path, large.file.attributes));
    return {};
  }

  base::Result<void> write_stretch(const std::string& path, const ContentSource& content,
                                   std::uint64_t offset, std::uint64_t bytes) {
    auto buffer = buffers_.lend([] { return std::vector<std::byte>(kWriteBytes); });
    while (bytes > 0 && !fault_.met()) {
      const std::size_t take =
          static_cast<std::size_t>(std::min<std::uint64_t>(bytes, kWriteBytes));
      const std::span<std::byte> piece = std::span(*buffer).first(take);
      fill(content, offset, piece);
      ROBOSYNC_TRY(disk_->write_at(path, offset, piece));
      offset += take;
      bytes -= take;
    }
    return {};
  }

  base::Result<void> make(const LayoutSparseFile& sparse) {
    ROBOSYNC_TRY(disk_->make_file(sparse.path, sparse.size));
    for (const std::uint64_t offset : sparse.extents)
      ROBOSYNC_TRY(write_stretch(sparse.path, sparse.content, offset, sparse.extent_bytes));
    return disk_->set(sparse.path, sparse.attributes);
  }

  Disk* const disk_;
  const Layout* const layout_;
  FirstFault fault_;
  base::Spares<std::vector<std::byte>> buffers_;
  base::Mutex mutex_;
  std::vector<LargeFile> large_ ROBOSYNC_GUARDED_BY(mutex_);
  base::Pool pool_;  // last, so that its threads end before what they use
};

}  // namespace

Aspects aspects_of(Profile profile) {
  Aspects aspects;
  aspects.hard_links = true;
  aspects.modes = profile != Profile::kWindows;
  return aspects;
}

base::Result<Generated> generate(const DatasetSpec& spec, const GenerateOptions& options) {
  if (!(options.scale > 0 && options.scale <= kScaleMax))
    return base::fail(base::make_error(
        base::ErrorKind::kUsage,
        fmt::format("scale {}: must be more than 0 and at most {}", options.scale, kScaleMax)));
  const Profile profile = options.profile.value_or(native_profile());
  Generated made;
  made.seed = options.seed.value_or(spec.seed);
  made.scale = options.scale;
  made.profile = to_string(profile);
  const Layout layout(spec, made.seed, options.scale, profile);
  ROBOSYNC_ASSIGN(const std::unique_ptr<Disk> disk, make_disk(options.out));
  ROBOSYNC_TRY(Generator(disk.get(), &layout, options.threads).run());

  ROBOSYNC_ASSIGN(const TreeImage image, read_tree_image(options.out, options.threads));
  made.files = image.files;
  made.directories = image.directories;
  made.bytes = image.bytes;
  made.digest = tree_digest(image, aspects_of(profile));
  const auto expected = spec.digests.find(made.profile);
  const bool is_as_specified = made.seed == spec.seed && options.scale == 1;
  if (is_as_specified && expected != spec.digests.end())
    made.digest_matches_spec = expected->second == made.digest;
  return made;
}

}  // namespace robosync::parity
