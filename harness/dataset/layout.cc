#include "harness/dataset/layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "harness/dataset/names.h"
#include "harness/dataset/numbers.h"

namespace robosync::parity {
namespace {

// Times of generated entries: 2000 to 2023, so that what mutate() writes is newer.
constexpr std::int64_t kFirstSecond = 946'684'800;
constexpr std::uint64_t kSeconds = std::uint64_t{24} * 365 * 86400;
constexpr std::uint32_t kNsPerWindowsStep = 100;
constexpr std::uint64_t kHoleAlignment = 4096;

// What is derived from a seed, apart from each other.
enum Purpose : std::uint64_t { kContent, kSize, kTime, kLink, kGroups };

bool holds(Profile profile, NameStyle names) {
  return profile == Profile::kPosix || names != NameStyle::kOddBytes;
}

// Folders of a group; see FileGroup.
std::vector<std::string> make_directories(const FileGroup& group, std::uint64_t count) {
  std::vector<std::string> paths;
  paths.reserve(count);
  if (group.depth > 0) {
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t level = i % group.depth;
      const std::string parent =
          level > 0 ? paths.back()
                    : join_path(group.path, directory_name(group.names, "chain", i / group.depth));
      paths.push_back(join_path(parent, directory_name(group.names, "level", level + 1)));
    }
    return paths;
  }
  paths.push_back(group.path);
  for (std::uint64_t i = 1; i < count; ++i)
    paths.push_back(
        join_path(paths[(i - 1) / group.fan_out], directory_name(group.names, "dir", i)));
  return paths;
}

}  // namespace

std::string join_path(const std::string& directory, const std::string& name) {
  return directory.empty() ? name : directory + "/" + name;
}

Layout::Layout(const DatasetSpec& spec, std::uint64_t seed, double scale, Profile profile)
    : spec_(&spec), seed_(seed), scale_(scale), profile_(profile) {
  for (std::size_t i = 0; i < spec.groups.size(); ++i)
    if (holds(profile, spec.groups[i].names)) add_group(i);
  add_symlinks();
  add_hard_links();
  add_sparse_files();
  add_directories();
}

void Layout::add_group(std::size_t index) {
  const FileGroup& group = spec_->groups[index];
  Group made;
  made.index = index;
  made.files = group.scaling == Scaling::kCounts ? scaled(group.files, scale_) : group.files;
  made.files_per_directory = group.files_per_directory > 0 ? group.files_per_directory : made.files;
  const std::uint64_t count =
      (made.files + made.files_per_directory - 1) / made.files_per_directory;
  made.directories = make_directories(group, count);
  groups_.push_back(std::move(made));
}

DiskTime Layout::time(std::uint64_t seed) const {
  Numbers numbers(derived(seed, kTime));
  DiskTime time;
  time.s = kFirstSecond + static_cast<std::int64_t>(numbers.below(kSeconds));
  time.ns = static_cast<std::uint32_t>(numbers.below(1'000'000'000));
  if (profile_ == Profile::kWindows) time.ns -= time.ns % kNsPerWindowsStep;
  return time;
}

std::uint64_t Layout::size_of_file(const Group& group, std::uint64_t number) const {
  const FileGroup& spec = spec_of(group);
  Numbers numbers(derived(derived(derived(seed_, kGroups + group.index), number), kSize));
  const std::uint64_t size = size_of(spec.size, numbers);
  return spec.scaling == Scaling::kSizes ? scaled(size, scale_) : size;
}

LayoutFile Layout::file(const Group& group, std::uint64_t number) const {
  const FileGroup& spec = spec_of(group);
  const std::uint64_t seed = derived(derived(seed_, kGroups + group.index), number);
  LayoutFile made;
  made.directory = static_cast<std::size_t>(number / group.files_per_directory);
  made.name = file_name(spec.names, number);
  made.size = size_of_file(group, number);
  made.attributes = {spec.mode, time(seed)};
  made.content = {derived(seed, kContent), spec.compressible_percent};
  return made;
}

std::string Layout::path_of(const Group& group, std::uint64_t number) const {
  const auto directory = static_cast<std::size_t>(number / group.files_per_directory);
  return join_path(group.directories[directory], file_name(spec_of(group).names, number));
}

Attributes Layout::attributes_of(const std::string& directory) const {
  return {0755, time(derived(seed_, directory))};
}

std::uint64_t Layout::bytes_of(const Group& group) const {
  if (spec_of(group).size.shape == SizeShape::kFixed) return size_of_file(group, 0) * group.files;
  std::uint64_t bytes = 0;
  for (std::uint64_t i = 0; i < group.files; ++i) bytes += size_of_file(group, i);
  return bytes;
}

void Layout::add_symlinks() {
  if (profile_ == Profile::kWindows) return;
  Numbers numbers(derived(seed_, kLink));
  const auto add = [this](const std::string& name, const std::string& target) {
    const std::string path = "symlinks/" + name;
    symlinks_.push_back({path, target, time(derived(seed_, path))});
  };
  const Symlinks& spec = spec_->symlinks;
  const Group& group = groups_.front();
  for (std::uint64_t i = 0; i < scaled(spec.to_file, scale_); ++i)
    add(fmt::format("to-file-{:04}", i), "../" + path_of(group, numbers.below(group.files)));
  for (std::uint64_t i = 0; i < scaled(spec.to_directory, scale_); ++i) {
    // The first leads to the folder above: who follows it walks for ever.
    const std::string& directory = group.directories[numbers.below(group.directories.size())];
    add(fmt::format("to-directory-{:04}", i), i == 0 ? ".." : "../" + directory);
  }
  for (std::uint64_t i = 0; i < scaled(spec.dangling, scale_); ++i)
    add(fmt::format("dangling-{:04}", i), fmt::format("nowhere-{:04}", i));
  for (std::uint64_t i = 0; i < scaled(spec.absolute, scale_); ++i)
    add(fmt::format("absolute-{:04}", i), fmt::format("/robosync-parity/nowhere-{:04}", i));
  for (std::uint64_t i = 0; i < scaled(spec.escaping, scale_); ++i)
    add(fmt::format("escaping-{:04}", i), fmt::format("../../../robosync-parity-{:04}", i));
  for (std::uint64_t i = 0; i < scaled(spec.loops, scale_); ++i) {
    add(fmt::format("loop-{:04}-a", i), fmt::format("loop-{:04}-b", i));
    add(fmt::format("loop-{:04}-b", i), fmt::format("loop-{:04}-a", i));
  }
}

void Layout::add_hard_links() {
  Numbers numbers(derived(derived(seed_, kLink), kLink));
  const Group& group = groups_.front();
  for (std::uint64_t i = 0; i < scaled(spec_->hard_links, scale_); ++i) {
    const std::uint64_t number = numbers.below(group.files);
    hard_links_.push_back({fmt::format("hard-links/name-{:04}", i), path_of(group, number),
                           size_of_file(group, number)});
  }
}

void Layout::add_sparse_files() {
  const SparseFiles& spec = spec_->sparse_files;
  for (std::uint64_t i = 0; i < scaled(spec.count, scale_); ++i) {
    LayoutSparseFile file;
    file.path = fmt::format("sparse/sparse-{:04}.img", i);
    const std::uint64_t seed = derived(seed_, file.path);
    file.size = spec.bytes;
    file.extent_bytes = spec.extent_bytes;
    for (std::uint64_t extent = 0; extent < spec.extents; ++extent) {
      const std::uint64_t stride = spec.bytes / spec.extents;
      const std::uint64_t middle = extent * stride + (stride - spec.extent_bytes) / 2;
      file.extents.push_back(middle - middle % kHoleAlignment);
    }
    file.attributes = {0644, time(seed)};
    file.content = {derived(seed, kContent), 0};
    sparse_files_.push_back(std::move(file));
  }
}

void Layout::add_directories() {
  std::set<std::string> all;
  // A folder that is known has known parents.
  const auto add = [&all](std::string path) {
    while (!path.empty() && all.insert(path).second) {
      const std::size_t slash = path.rfind('/');
      path.resize(slash == std::string::npos ? 0 : slash);
    }
  };
  for (const Group& group : groups_)
    for (const std::string& directory : group.directories) add(directory);
  for (std::uint64_t i = 0; i < scaled(spec_->empty_directories, scale_); ++i)
    add(fmt::format("empty/dir-{:03}/empty-{:06}", i / 100, i));
  if (!symlinks_.empty()) add("symlinks");
  if (!hard_links_.empty()) add("hard-links");
  if (!sparse_files_.empty()) add("sparse");
  directories_.assign(all.begin(), all.end());
}

}  // namespace robosync::parity
