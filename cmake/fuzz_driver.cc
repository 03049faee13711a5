// Runs a fuzz target without libFuzzer: first every file of the corpus folders named on the command
// line, then --runs=N inputs, half of them random, half mutations of the corpus. The sequence is
// fixed by --seed=N, so a failure repeats. The input is written to fuzz_input.bin before each run
// when --save is given, to be kept in the corpus.
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Input = std::vector<std::uint8_t>;
constexpr std::size_t kInputBytesMax = 4096;

std::vector<Input> read_corpus(const std::filesystem::path& folder) {
  std::vector<Input> corpus;
  std::error_code error;
  for (const auto& file : std::filesystem::directory_iterator(folder, error)) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    corpus.emplace_back(text.begin(), text.end());
  }
  return corpus;
}

Input random_input(std::mt19937_64& random) {
  // Short inputs reach more distinct paths; a long one now and then tests the limits.
  const std::size_t limit = random() % 16 == 0 ? kInputBytesMax : 64;
  Input input(random() % limit);
  for (auto& byte : input) byte = static_cast<std::uint8_t>(random());
  return input;
}

Input mutate(Input input, std::mt19937_64& random) {
  const std::size_t edits = 1 + random() % 4;
  for (std::size_t i = 0; i < edits; ++i) {
    const std::size_t at = input.empty() ? 0 : random() % input.size();
    const auto offset = static_cast<std::ptrdiff_t>(at);
    switch (input.empty() ? 0 : random() % 4) {
      case 0:
        input.insert(input.begin() + offset, static_cast<std::uint8_t>(random()));
        break;
      case 1:
        input.erase(input.begin() + offset);
        break;
      case 2:
        input[at] ^= static_cast<std::uint8_t>(1U << (random() % 8));
        break;
      default:
        input.resize(at);
        break;
    }
  }
  return input;
}

void run(const Input& input, bool save) {
  if (save) {
    std::ofstream out("fuzz_input.bin", std::ios::binary | std::ios::trunc);
    for (const std::uint8_t byte : input) out.put(static_cast<char>(byte));
  }
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t runs = 20000;
  std::uint64_t seed = 1;
  bool save = false;
  std::vector<Input> corpus;
  for (int i = 1; i < argc; ++i) {
    const std::string_view arg = argv[i];
    if (arg.starts_with("--runs=")) {
      runs = std::strtoull(argv[i] + 7, nullptr, 10);
    } else if (arg.starts_with("--seed=")) {
      seed = std::strtoull(argv[i] + 7, nullptr, 10);
    } else if (arg == "--save") {
      save = true;
    } else {
      for (auto& input : read_corpus(arg)) corpus.push_back(std::move(input));
    }
  }
  for (const Input& input : corpus) run(input, save);
  std::mt19937_64 random(seed);
  for (std::uint64_t i = 0; i < runs; ++i) {
    const bool fresh = corpus.empty() || random() % 2 == 0;
    run(fresh ? random_input(random) : mutate(corpus[random() % corpus.size()], random), save);
  }
  std::cout << corpus.size() << " corpus inputs and " << runs << " generated inputs passed\n";
}
