// Prints the digests that a spec should have: dataset_digests_testprog FOLDER NAME... generates
// each dataset at scale 1 for every profile in a new folder FOLDER and prints what
// datasets/NAME.json should say. The folder is removed each time.
#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "harness/dataset/dataset.h"

namespace robosync::parity {
namespace {

int print_digests(const std::string& folder, const std::string& name) {
  const auto spec = find_dataset(name);
  if (!spec) {
    fmt::print(stderr, "{}\n", spec.error().message());
    return 1;
  }
  fmt::print("{}\n", name);
  for (const Profile profile : {Profile::kPosix, Profile::kMacos, Profile::kWindows}) {
    const auto begun = std::chrono::steady_clock::now();
    const auto made = generate(*spec, {.out = folder, .profile = profile});
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
    std::filesystem::remove_all(folder);
    if (!made) {
      fmt::print(stderr, "{}\n", made.error().message());
      return 1;
    }
    fmt::print("    \"{}\": \"{}\"    {} files, {} folders, {} bytes, {:.2f} s, {}\n",
               made->profile, made->digest, made->files, made->directories, made->bytes,
               took.count(),
               !made->digest_matches_spec   ? "not in the spec"
               : *made->digest_matches_spec ? "as in the spec"
                                            : "NOT AS IN THE SPEC");
  }
  return 0;
}

}  // namespace
}  // namespace robosync::parity

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv, argv + argc);
  if (arguments.size() < 3 || std::filesystem::exists(arguments[1])) {
    fmt::print(stderr, "usage: dataset_digests_testprog NEW_FOLDER NAME...\n");
    return 64;
  }
  int status = 0;
  for (std::size_t i = 2; i < arguments.size(); ++i)
    status |= robosync::parity::print_digests(arguments[1], arguments[i]);
  return status;
}
