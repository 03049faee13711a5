#include "harness/run/scratch.h"

#include <filesystem>
#include <utility>

#include <fmt/format.h>

#include "engine/base/random.h"

namespace robosync::parity {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMemoryFolder = "/dev/shm";

base::Error fault(const std::error_code& code, std::string context) {
  base::Error error = code == std::errc::no_space_on_device
                          ? base::make_error(base::ErrorKind::kNoSpace, std::move(context))
                          : base::make_error(base::ErrorKind::kIo, std::move(context));
  error.code = code;
  return error;
}

std::string default_parent(std::uint64_t bytes_wanted) {
  std::error_code error;
  const fs::space_info space = fs::space(kMemoryFolder, error);
  if (!error && space.available >= bytes_wanted) return kMemoryFolder;
  const fs::path temporary = fs::temp_directory_path(error);
  return error ? "." : temporary.string();
}

}  // namespace

base::Result<Scratch> Scratch::make(const std::string& parent, std::uint64_t bytes_wanted) {
  std::error_code error;
  fs::path folder = fs::absolute(parent.empty() ? default_parent(bytes_wanted) : parent, error);
  fs::create_directories(folder, error);
  if (error) return base::fail(fault(error, "make " + folder.string()));
  folder /= fmt::format("robosync-parity-{:016x}", base::random64());
  if (!fs::create_directory(folder, error)) {
    return base::fail(fault(error, "make " + folder.string()));
  }
  return Scratch(folder.string());
}

Scratch::Scratch(Scratch&& other) noexcept
    : path_(std::exchange(other.path_, {})), folders_made_(other.folders_made_) {}

Scratch::~Scratch() {
  // Nobody is left to be told; what stays has a name that says whose it is.
  if (!path_.empty() && !remove_tree(path_)) path_.clear();
}

base::Result<std::uint64_t> Scratch::free_bytes() const {
  std::error_code error;
  const fs::space_info space = fs::space(path_, error);
  if (error) return base::fail(fault(error, "ask for the free space of " + path_));
  return space.available;
}

base::Result<std::string> Scratch::make_folder(const std::string& name) {
  const fs::path folder = fs::path(path_) / fmt::format("{}-{}", name, folders_made_++);
  std::error_code error;
  if (!fs::create_directory(folder, error)) {
    return base::fail(fault(error, "make " + folder.string()));
  }
  return folder.string();
}

}  // namespace robosync::parity
