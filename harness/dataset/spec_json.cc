#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "harness/dataset/spec.h"
#include "harness/dataset/spec_object.h"

namespace robosync::parity {
namespace {

constexpr std::uint64_t kFilesMax = 100'000'000;
constexpr std::uint64_t kFileBytesMax = std::uint64_t{1} << 44U;
// The arithmetic of log-normal sizes holds up to here.
constexpr std::uint64_t kMedianBytesMax = std::uint64_t{1} << 32U;
constexpr double kOctavesMax = 6;
constexpr std::uint64_t kDepthMax = 200;
constexpr std::uint64_t kFanOutMax = 100'000;
constexpr Range kCounts{0, kFilesMax};
constexpr Range kBytes{0, kFileBytesMax};

// Folders that hold what is no group of files.
constexpr std::string_view kOwnFolders[] = {"symlinks", "empty", "sparse", "hard-links"};

SizeDistribution read_size(SpecObject object) {
  SizeDistribution size;
  const std::vector<std::string> shapes{"fixed", "uniform", "log_normal"};
  size.shape = static_cast<SizeShape>(object.choice("shape", shapes, Need::kRequired));
  if (size.shape == SizeShape::kFixed) {
    size.bytes_min = object.number("bytes", kBytes, Need::kRequired);
    size.bytes_max = size.bytes_min;
  } else {
    size.bytes_min = object.number("bytes_min", kBytes, Need::kRequired);
    size.bytes_max = object.number("bytes_max", kBytes, Need::kRequired);
    if (size.bytes_max < size.bytes_min) object.refuse("bytes_max", "is less than bytes_min");
  }
  if (size.shape == SizeShape::kLogNormal) {
    size.median_bytes = object.number("median_bytes", {1, kMedianBytesMax}, Need::kRequired);
    size.octaves_hundredths = object.decimal("octaves", kOctavesMax, 100, Need::kRequired);
  }
  object.finish();
  return size;
}

// Below the root, with no empty, "." or ".." part, and none of the generator's own folders.
bool is_group_path(const std::string& path) {
  if (path.empty()) return true;
  std::size_t at = 0;
  while (at <= path.size()) {
    const std::size_t end = std::min(path.find('/', at), path.size());
    const std::string_view part = std::string_view(path).substr(at, end - at);
    if (part.empty() || part == "." || part == "..") return false;
    if (at == 0 && std::ranges::find(kOwnFolders, part) != std::end(kOwnFolders)) return false;
    at = end + 1;
  }
  return true;
}

std::uint32_t read_mode(SpecObject& object) {
  const std::string text = object.text("mode", Need::kOptional, "0644");
  std::uint32_t mode = 0;
  const bool is_octal =
      text.size() == 4 && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '7'; });
  for (const char c : text) mode = mode * 8 + static_cast<std::uint32_t>(c - '0');
  if (!is_octal || (mode & 0400U) == 0) {
    object.refuse("mode", "must be four octal digits that let the owner read");
    return 0644;
  }
  return mode;
}

FileGroup read_group(SpecObject object) {
  FileGroup group;
  group.path = object.text("path", Need::kRequired);
  if (!is_group_path(group.path))
    object.refuse("path",
                  "must be a path below the root, in none of symlinks, empty, sparse, "
                  "hard-links");
  group.files = object.number("files", {1, kFilesMax}, Need::kRequired);
  group.files_per_directory = object.number("files_per_directory", kCounts, Need::kOptional, 0);
  group.depth = object.number("depth", {0, kDepthMax}, Need::kOptional, 0);
  group.fan_out = object.number("fan_out", {1, kFanOutMax}, Need::kOptional, 16);
  if (auto size = object.object("size", Need::kRequired)) group.size = read_size(std::move(*size));
  group.compressible_percent =
      static_cast<unsigned>(object.number("compressible_percent", {0, 100}, Need::kOptional, 0));
  const std::vector<std::string> styles{"plain", "unicode", "odd_bytes"};
  group.names = static_cast<NameStyle>(object.choice("names", styles, Need::kOptional));
  group.scaling =
      static_cast<Scaling>(object.choice("scales", {"counts", "sizes"}, Need::kOptional));
  group.mode = read_mode(object);
  object.finish();
  return group;
}

Symlinks read_symlinks(SpecObject object) {
  Symlinks links;
  links.to_file = object.number("to_file", kCounts, Need::kOptional);
  links.to_directory = object.number("to_directory", kCounts, Need::kOptional);
  links.dangling = object.number("dangling", kCounts, Need::kOptional);
  links.absolute = object.number("absolute", kCounts, Need::kOptional);
  links.escaping = object.number("escaping", kCounts, Need::kOptional);
  links.loops = object.number("loops", kCounts, Need::kOptional);
  object.finish();
  return links;
}

SparseFiles read_sparse(SpecObject object) {
  SparseFiles sparse;
  sparse.count = object.number("count", kCounts, Need::kRequired);
  sparse.bytes = object.number("bytes", kBytes, Need::kRequired);
  sparse.extents = object.number("extents", {0, 1'000'000}, Need::kRequired);
  sparse.extent_bytes = object.number("extent_bytes", {1, kFileBytesMax}, Need::kRequired);
  if (sparse.extents > 0 && sparse.extent_bytes > sparse.bytes / sparse.extents / 2)
    object.refuse("extent_bytes", "leaves no holes: at most half of bytes divided by extents");
  object.finish();
  return sparse;
}

Amount read_amount(SpecObject& parent, std::string_view key) {
  Amount amount;
  auto object = parent.object(key, Need::kOptional);
  if (!object) return amount;
  amount.per_million = object->decimal("percent", 100, 10'000, Need::kOptional);
  amount.count = object->number("count", kCounts, Need::kOptional);
  if ((amount.per_million == 0) == (amount.count == 0))
    object->refuse("percent", "either percent or count must be given, and more than 0");
  object->finish();
  return amount;
}

MutationRecipe read_mutation(SpecObject object) {
  MutationRecipe recipe;
  recipe.changed = read_amount(object, "changed");
  recipe.touched = read_amount(object, "touched");
  recipe.grown = read_amount(object, "grown");
  recipe.renamed = read_amount(object, "renamed");
  recipe.added = read_amount(object, "added");
  recipe.deleted = read_amount(object, "deleted");
  if (auto edits = object.object("in_place_edits", Need::kOptional)) {
    recipe.in_place_edits.files = edits->number("files", {1, kFilesMax}, Need::kRequired);
    recipe.in_place_edits.edits = edits->number("edits", {1, 1'000'000}, Need::kRequired);
    recipe.in_place_edits.bytes =
        edits->number("bytes", {1, std::uint64_t{1} << 24U}, Need::kRequired);
    edits->finish();
  }
  const std::uint64_t shares = recipe.changed.per_million + recipe.touched.per_million +
                               recipe.grown.per_million + recipe.renamed.per_million +
                               recipe.deleted.per_million;
  if (shares > 1'000'000) object.refuse("changed", "the shares add up to more than 100 percent");
  object.finish();
  return recipe;
}

std::map<std::string, std::string> read_digests(SpecObject object) {
  std::map<std::string, std::string> digests;
  for (const Profile profile : {Profile::kPosix, Profile::kMacos, Profile::kWindows}) {
    const std::string name(to_string(profile));
    const std::string digest = object.text(name, Need::kOptional);
    if (digest.empty()) continue;
    if (digest.size() != 32 || digest.find_first_not_of("0123456789abcdef") != std::string::npos)
      object.refuse(name, "must be 32 lower-case hexadecimal digits");
    digests[name] = digest;
  }
  object.finish();
  return digests;
}

// Links lead to files of the first group, on every profile.
void check_groups(const DatasetSpec& spec, SpecObject& top) {
  if (spec.groups.empty()) {
    top.refuse("groups", "must have at least one group");
    return;
  }
  if (spec.groups.front().names == NameStyle::kOddBytes)
    top.refuse("groups[0].names", "must not be odd_bytes: links lead to files of the first group");
  for (std::size_t i = 0; i < spec.groups.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (spec.groups[i].path == spec.groups[j].path)
        top.refuse(fmt::format("groups[{}].path", i), fmt::format("is also that of groups[{}]", j));
}

DatasetSpec read_spec(SpecObject top) {
  DatasetSpec spec;
  spec.name = top.text("name", Need::kRequired);
  spec.description = top.text("description", Need::kRequired);
  spec.seed = top.number("seed", {0, UINT64_MAX}, Need::kRequired);
  for (SpecObject& group : top.objects("groups", Need::kRequired))
    spec.groups.push_back(read_group(std::move(group)));
  check_groups(spec, top);
  if (auto links = top.object("symlinks", Need::kOptional))
    spec.symlinks = read_symlinks(std::move(*links));
  if (auto sparse = top.object("sparse_files", Need::kOptional))
    spec.sparse_files = read_sparse(std::move(*sparse));
  spec.empty_directories = top.number("empty_directories", kCounts, Need::kOptional);
  spec.hard_links = top.number("hard_links", kCounts, Need::kOptional);
  if (auto mutation = top.object("mutation", Need::kOptional))
    spec.mutation = read_mutation(std::move(*mutation));
  if (auto digests = top.object("digests", Need::kOptional))
    spec.digests = read_digests(std::move(*digests));
  top.finish();
  return spec;
}

}  // namespace

base::Result<DatasetSpec> parse_spec(std::string_view json, std::string_view file) {
  SpecFault fault{std::string(file), std::nullopt};
  try {
    const nlohmann::json document = nlohmann::json::parse(json);
    DatasetSpec spec = read_spec(SpecObject(&document, "", &fault));
    if (fault.error) return base::fail(std::move(*fault.error));
    return spec;
  } catch (const nlohmann::json::exception& exception) {
    return base::fail(
        base::make_error(base::ErrorKind::kInvalid, fmt::format("{}: {}", file, exception.what())));
  }
}

}  // namespace robosync::parity
