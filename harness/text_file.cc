#include "harness/text_file.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace robosync::parity {

base::Result<std::string> read_text_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return base::fail(base::from_errno(errno, "read " + path));
  std::ostringstream text;
  text << stream.rdbuf();
  // An empty file leaves the stream in a failed state, a folder in a bad one.
  if (stream.bad()) return base::fail(base::from_errno(errno, "read " + path));
  return text.str();
}

base::Result<void> write_text_file(const std::string& path, const std::string& text) {
  const std::string unfinished = path + ".unfinished";
  std::ofstream stream(unfinished, std::ios::binary | std::ios::trunc);
  stream << text;
  stream.close();
  std::error_code error;
  if (!stream) {
    const int number = errno;
    std::filesystem::remove(unfinished, error);
    return base::fail(base::from_errno(number, "write " + path));
  }
  std::filesystem::rename(unfinished, path, error);
  if (!error) return {};
  base::Error fault = base::make_error(base::ErrorKind::kIo, "write " + path);
  fault.code = error;
  return base::fail(fault);
}

}  // namespace robosync::parity
