#include "harness/dataset/dataset.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "harness/dataset/embedded.h"
#include "harness/dataset/layout.h"

namespace robosync::parity {
namespace {

constexpr std::string_view kSuffix = ".json";

std::string_view stem_of(const EmbeddedFile& file) {
  return file.name.substr(0, file.name.size() - kSuffix.size());
}

}  // namespace

std::vector<std::string> dataset_names() {
  std::vector<std::string> names;
  for (const EmbeddedFile& file : embedded_files()) names.emplace_back(stem_of(file));
  return names;
}

base::Result<DatasetSpec> find_dataset(std::string_view name) {
  for (const EmbeddedFile& file : embedded_files()) {
    if (stem_of(file) != name) continue;
    ROBOSYNC_ASSIGN(DatasetSpec spec, parse_spec(file.text, file.name));
    if (spec.name != name)
      return base::fail(base::make_error(
          base::ErrorKind::kInvalid,
          fmt::format("{}: name: must be that of the file, is \"{}\"", file.name, spec.name)));
    return spec;
  }
  return base::fail(base::make_error(
      base::ErrorKind::kUsage,
      fmt::format("no dataset \"{}\"; there are {}", name, fmt::join(dataset_names(), ", "))));
}

DatasetSummary summarize(const DatasetSpec& spec, double scale) {
  const Layout layout(spec, spec.seed, scale, native_profile());
  DatasetSummary summary{spec.name, spec.description, 0, 0};
  for (const Layout::Group& group : layout.groups()) {
    summary.files += group.files;
    summary.bytes += layout.bytes_of(group);
  }
  for (const LayoutSparseFile& sparse : layout.sparse_files()) {
    ++summary.files;
    summary.bytes += sparse.size;
  }
  for (const LayoutHardLink& link : layout.hard_links()) {
    ++summary.files;
    summary.bytes += link.bytes;
  }
  return summary;
}

base::Result<std::vector<DatasetSummary>> list_datasets() {
  std::vector<DatasetSummary> list;
  for (const std::string& name : dataset_names()) {
    ROBOSYNC_ASSIGN(const DatasetSpec spec, find_dataset(name));
    list.push_back(summarize(spec));
  }
  return list;
}

}  // namespace robosync::parity
