// What one small file costs, apart from everything around it.
#include <benchmark/benchmark.h>

#include <filesystem>
#include <string>

#include "engine/fs/memory_fs_testing.h"
#include "engine/transfer/copy.h"

namespace robosync::transfer {
namespace {

constexpr std::size_t kSmallBytes = 4096;

void copy_small(benchmark::State& state, fs::Directory& directory) {
  const std::string content(kSmallBytes, 'x');
  auto from = directory.create_file("from", 0600);
  auto to = directory.create_file("to", 0600);
  if (!from || !to || !(*from)->write_at(std::as_bytes(std::span(content)), 0)) {
    state.SkipWithError("no files");
    return;
  }
  const Options options;
  base::Pool pool(1);
  base::Throttle throttle(0);
  const base::Cancellation cancellation;
  Copier copier(options, pool, throttle, cancellation);
  const tree::Metadata source = *(*from)->stat();
  const tree::Metadata target = *(*to)->stat();
  const std::function<void(std::uint64_t)> ignored = [](std::uint64_t) {};
  for (auto _ : state) {
    auto copied = copier.copy(**from, source, **to, target, {}, ignored);
    if (!copied || copied->written_bytes != kSmallBytes) {
      state.SkipWithError("not copied");
      break;
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kSmallBytes));
}

void copy_small_in_memory(benchmark::State& state) {
  fs::MemoryFileSystem memory;
  memory.build("/d", "");
  const fs::DirectoryPtr directory = *memory.open_root("/d");
  copy_small(state, *directory);
}
BENCHMARK(copy_small_in_memory);

void copy_small_on_disk(benchmark::State& state) {
  const auto path = std::filesystem::temp_directory_path() / "robosync-copy-bench";
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
  std::filesystem::create_directory(path, ignored);
  if (auto directory = fs::native_file_system().open_root(path.string())) {
    copy_small(state, **directory);
  } else {
    state.SkipWithError("no directory");
  }
  std::filesystem::remove_all(path, ignored);
}
BENCHMARK(copy_small_on_disk);

}  // namespace
}  // namespace robosync::transfer
