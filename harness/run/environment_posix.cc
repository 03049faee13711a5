#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include "harness/run/environment.h"

namespace robosync::parity {
namespace {

// The value behind the first "name<separator>" at the beginning of a line; quotation marks go.
std::string value_in(const char* file, const std::string& name, char separator) {
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name)) continue;
    const std::size_t at = line.find(separator);
    if (at == std::string::npos) continue;
    std::string value = line.substr(at + 1);
    std::erase(value, '"');
    value.erase(0, value.find_first_not_of(" \t"));
    return value;
  }
  return {};
}

// By the mount table, whose longest matching folder it is. "" where there is no such table.
std::string file_system_of(const std::string& path) {
  std::ifstream stream("/proc/self/mounts");
  std::string best;
  std::size_t best_size = 0;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string device;
    std::string folder;
    std::string type;
    words >> device >> folder >> type;
    const bool inside = folder == "/" || path == folder || path.starts_with(folder + "/");
    if (!inside || folder.size() < best_size) continue;
    best = type;
    best_size = folder.size();
  }
  return best;
}

}  // namespace

double load_average() {
  std::array<double, 1> load{};
  return ::getloadavg(load.data(), 1) == 1 ? load[0] : 0;
}

void read_system(Environment& environment, const std::string& scratch) {
  utsname names{};
  if (::uname(&names) == 0) {
    environment.host = names.nodename;
    environment.kernel = names.release;
    environment.os = value_in("/etc/os-release", "PRETTY_NAME=", '=');
    if (environment.os.empty()) environment.os = names.sysname;
    std::string system = names.sysname;
    std::ranges::transform(system, system.begin(), [](char c) {
      return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    });
    environment.machine_class = system + "-" + names.machine;
  }
  environment.cpu = value_in("/proc/cpuinfo", "model name", ':');
  environment.processors = std::thread::hardware_concurrency();
  const long pages = ::sysconf(_SC_PHYS_PAGES);
  const long page_bytes = ::sysconf(_SC_PAGESIZE);
  if (pages > 0 && page_bytes > 0) {
    environment.memory_bytes =
        static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes);
  }
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(scratch, error);
  environment.scratch_file_system = file_system_of(error ? scratch : real.string());
}

}  // namespace robosync::parity
