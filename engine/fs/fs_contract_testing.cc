#include "engine/fs/fs_contract_testing.h"

#include <algorithm>
#include <ostream>
#include <utility>

namespace robosync::fs {
namespace {

using base::Result;

constexpr tree::Time kLongAgo{1'000'000'000, 0};

}  // namespace

void PrintTo(const ContractBackend& backend, std::ostream* out) { *out << backend.name; }

std::string backend_name(const testing::TestParamInfo<ContractBackend>& info) {
  return info.param.name;
}

void FsContract::SetUp() {
  std::string test = testing::UnitTest::GetInstance()->current_test_info()->name();
  test.erase(test.find('/'));
  const auto missing = GetParam().missing.find(test);
  if (missing != GetParam().missing.end()) GTEST_SKIP() << missing->second;
  volume_ = GetParam().make_volume();
  auto opened = file_system().open_root(volume_->path());
  ASSERT_TRUE(succeeds(opened));
  root_ = std::move(*opened);
}

void FsContract::TearDown() { root_.reset(); }

void FsContract::build(std::string_view spec) {
  ASSERT_TRUE(succeeds(build_tree(root_, spec))) << spec;
}

std::string FsContract::dump() { return dump_tree(root_, {.modes = false}); }

tree::Metadata FsContract::metadata(std::string_view name) {
  const auto entry = root().stat_entry(name);
  EXPECT_TRUE(succeeds(entry)) << name;
  return entry ? entry->metadata : tree::Metadata();
}

std::string FsContract::content(std::string_view name) {
  const auto read = read_whole(root(), name);
  EXPECT_TRUE(succeeds(read)) << name;
  return read.value_or("");
}

DirectoryPtr FsContract::directory(std::string_view name) {
  auto opened = root().open_directory(name);
  EXPECT_TRUE(succeeds(opened)) << name;
  return opened ? std::move(*opened) : nullptr;
}

FilePtr FsContract::file(std::string_view name, Access access) {
  auto opened = root().open_file(name, access);
  EXPECT_TRUE(succeeds(opened)) << name;
  return opened ? std::move(*opened) : nullptr;
}

FilePtr FsContract::new_file(std::string_view name) {
  auto made = root().create_file(name, 0644);
  EXPECT_TRUE(succeeds(made)) << name;
  return made ? std::move(*made) : nullptr;
}

std::vector<std::string> FsContract::names(const Directory& in) {
  Listing listing;
  EXPECT_TRUE(succeeds(in.list({}, listing)));
  for (const tree::Problem& problem : listing.problems) {
    ADD_FAILURE() << problem.path << ": " << problem.error.message();
  }
  std::vector<std::string> out;
  out.reserve(listing.entries.size());
  for (const tree::Entry& entry : listing.entries) out.push_back(entry.name);
  std::sort(out.begin(), out.end());
  return out;
}

tree::Time FsContract::kept(tree::Time time) const {
  constexpr std::int64_t kNanosPerSecond = 1'000'000'000;
  const std::int64_t granularity = traits().time_granularity_ns;
  if (granularity < kNanosPerSecond) {
    time.nanoseconds -= time.nanoseconds % static_cast<std::uint32_t>(granularity);
    return time;
  }
  const std::int64_t step = granularity / kNanosPerSecond;
  time.nanoseconds = 0;
  time.seconds -= ((time.seconds % step) + step) % step;
  return time;
}

void FsContract::make_old(Directory& in, std::string_view name) {
  ASSERT_TRUE(succeeds(in.set_entry_metadata(name, {.mtime = kLongAgo}))) << name;
}

void FsContract::make_old(Node& node) {
  ASSERT_TRUE(succeeds(node.set_metadata({.mtime = kLongAgo})));
}

bool FsContract::is_old(const tree::Metadata& metadata) const {
  return metadata.mtime == kept(kLongAgo);
}

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

Result<std::string> read_text(const File& file, std::uint64_t offset, std::size_t size) {
  std::string out(size, '\0');
  ROBOSYNC_ASSIGN(const std::size_t count,
                  file.read_at(std::as_writable_bytes(std::span(out)), offset));
  out.resize(count);
  return out;
}

}  // namespace robosync::fs
