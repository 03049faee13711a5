// What the native file system costs per call, on tmpfs, so that the disk does not enter into it.
#include <benchmark/benchmark.h>
#include <stdlib.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "engine/base/check.h"
#include "engine/fs/fs.h"

namespace robosync::fs {
namespace {

constexpr int kFiles = 1000;
constexpr std::size_t kFileBytes = 4096;

// A directory of its own, gone at the end.
class Scratch {
 public:
  Scratch() {
    std::string text = "/dev/shm/robosync-bench-XXXXXX";
    ROBOSYNC_CHECK(::mkdtemp(text.data()) != nullptr);
    path_ = text;
    auto opened = native_file_system().open_root(path_);
    ROBOSYNC_CHECK(opened.has_value());
    root_ = std::move(*opened);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch() {
    root_.reset();
    std::filesystem::remove_all(path_);
  }

  [[nodiscard]] Directory& root() { return *root_; }

  void fill() {
    const std::vector<std::byte> content(kFileBytes, std::byte{'x'});
    for (int i = 0; i < kFiles; ++i) {
      const auto file = root_->create_file(name(i), 0644);
      ROBOSYNC_CHECK(file && (*file)->write_at(content, 0));
    }
  }
  static std::string name(int i) { return "some-file-" + std::to_string(i); }

 private:
  std::string path_;
  DirectoryPtr root_;
};

void list_directory(benchmark::State& state) {
  Scratch scratch;
  scratch.fill();
  for (auto _ : state) {
    Listing listing;
    ROBOSYNC_CHECK(scratch.root().list({}, listing).has_value());
    ROBOSYNC_CHECK(listing.entries.size() == kFiles);
    benchmark::DoNotOptimize(listing);
  }
  state.SetItemsProcessed(state.iterations() * kFiles);
}
BENCHMARK(list_directory)->Unit(benchmark::kMicrosecond);

void create_write_close(benchmark::State& state) {
  Scratch scratch;
  const std::vector<std::byte> content(kFileBytes, std::byte{'x'});
  for (auto _ : state) {
    {
      const auto file = scratch.root().create_file("f", 0644);
      ROBOSYNC_CHECK(file && (*file)->write_at(content, 0));
    }
    state.PauseTiming();
    ROBOSYNC_CHECK(scratch.root().remove_file("f").has_value());
    state.ResumeTiming();
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(create_write_close)->Unit(benchmark::kMicrosecond);

// As above, and then what a copy adds: metadata, and the final name.
void stage_and_commit(benchmark::State& state) {
  Scratch scratch;
  const std::vector<std::byte> content(kFileBytes, std::byte{'x'});
  const MetadataChange change{.mode = 0640, .mtime = tree::Time{1'000'000'000, 5}};
  for (auto _ : state) {
    {
      const auto file = scratch.root().create_file("staged", 0600);
      ROBOSYNC_CHECK(file && (*file)->write_at(content, 0) && (*file)->set_metadata(change));
    }
    ROBOSYNC_CHECK(scratch.root().rename("staged", scratch.root(), "f", Replace::kYes).has_value());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(stage_and_commit)->Unit(benchmark::kMicrosecond);

void open_read_close(benchmark::State& state) {
  Scratch scratch;
  scratch.fill();
  std::vector<std::byte> buffer(std::size_t{64} * 1024);
  int i = 0;
  for (auto _ : state) {
    const auto file = scratch.root().open_file(Scratch::name(i++ % kFiles));
    ROBOSYNC_CHECK(file.has_value());
    const auto count = (*file)->read_at(buffer, 0);
    ROBOSYNC_CHECK(count.value_or(0) == kFileBytes);
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kFileBytes));
}
BENCHMARK(open_read_close)->Unit(benchmark::kMicrosecond);

void stat_entry(benchmark::State& state) {
  Scratch scratch;
  scratch.fill();
  int i = 0;
  for (auto _ : state) {
    ROBOSYNC_CHECK(scratch.root().stat_entry(Scratch::name(i++ % kFiles)).has_value());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(stat_entry);

void copy_inside_the_kernel(benchmark::State& state) {
  Scratch scratch;
  const auto bytes = static_cast<std::uint64_t>(state.range(0));
  const std::vector<std::byte> content(bytes, std::byte{'x'});
  const auto from = scratch.root().create_file("from", 0600);
  const auto to = scratch.root().create_file("to", 0600);
  ROBOSYNC_CHECK(from && to && (*from)->write_at(content, 0) && (*to)->write_at(content, 0));
  for (auto _ : state) {
    for (std::uint64_t at = 0; at < bytes;) {
      const auto copied = (*to)->copy_range_from(**from, at, bytes - at);
      if (!copied) {
        state.SkipWithError("the kernel does not copy between files here");
        return;
      }
      ROBOSYNC_CHECK(*copied > 0);
      at += *copied;
    }
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(copy_inside_the_kernel)->Arg(4096)->Arg(16 << 20)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace robosync::fs
