#include "cli/file_input.h"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace robosync::cli {
namespace {

// On Windows a narrow path would go through the code page; UTF-8 goes through unharmed.
std::filesystem::path native_path(const std::string& path) {
  return {std::u8string(path.begin(), path.end())};
}

int errno_or(int fallback) { return errno != 0 ? errno : fallback; }

}  // namespace

base::Result<std::string> read_stream(std::istream& stream, const std::string& name,
                                      std::uint64_t bytes_max) {
  std::string content;
  std::array<char, 64 * 1024> chunk{};
  errno = 0;
  while (stream.good()) {
    stream.read(chunk.data(), chunk.size());
    const auto count = static_cast<std::size_t>(stream.gcount());
    if (count > bytes_max - content.size()) {
      return base::fail(base::make_error(base::ErrorKind::kLimit,
                                         fmt::format("{}: more than {} bytes", name, bytes_max)));
    }
    content.append(chunk.data(), count);
  }
  if (stream.bad()) return base::fail(base::from_errno(errno_or(EIO), "read " + name));
  return content;
}

base::Result<std::string> read_input(const std::string& path, std::uint64_t bytes_max) {
  if (path == "-") return read_stream(std::cin, "standard input", bytes_max);
  const std::filesystem::path native = native_path(path);
  std::error_code ignored;
  if (std::filesystem::is_directory(native, ignored)) {
    return base::fail(base::from_errno(EISDIR, "read " + path));
  }
  errno = 0;
  std::ifstream file(native, std::ios::binary);
  if (!file) return base::fail(base::from_errno(errno_or(ENOENT), "open " + path));
  return read_stream(file, path, bytes_max);
}

}  // namespace robosync::cli
