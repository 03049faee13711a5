#include "harness/run/environment.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "harness/report/figures.h"
#include "harness/report/statistics.h"

namespace robosync::parity {
namespace {

constexpr std::size_t kSamplesMin = 3;

// "Debug" for CMAKE_BUILD_TYPE:STRING=Debug in a build folder's cache.
std::string cache_value(const std::filesystem::path& cache, std::string_view name) {
  std::ifstream stream(cache);
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with(name) || !line.substr(name.size()).starts_with(':')) continue;
    const std::size_t equals = line.find('=');
    return equals == std::string::npos ? "" : line.substr(equals + 1);
  }
  return {};
}

void warn_of_machine(const Report& report, std::vector<std::string>& warnings) {
  const Environment& machine = report.environment;
  const double load_max = kLoadShareMax * std::max(1U, machine.processors);
  if (machine.load_before > load_max) {
    warnings.push_back(fmt::format(
        "the machine was busy before the run (load average {:.1f} on {} processors): end what else "
        "runs and measure again before quoting a figure",
        machine.load_before, machine.processors));
  }
  if (!machine.scratch_file_system.empty() && machine.scratch_file_system != "tmpfs") {
    warnings.push_back(fmt::format(
        "the scratch folder is on {}: the disk and its cache are part of every figure; use "
        "--scratch with a folder on tmpfs to take them out",
        machine.scratch_file_system));
  }
}

void warn_of_samples(const Report& report, std::vector<std::string>& warnings) {
  std::size_t few = 0;
  std::vector<std::string> noisy;
  for (const Cell& cell : report.cells) {
    if (!scores(cell)) continue;
    if (cell.samples.size() < kSamplesMin) ++few;
    if (figures_of(cell).noisy) noisy.push_back(cell.tool + " " + to_string(key_of(cell)));
  }
  if (few > 0) {
    warnings.push_back(fmt::format(
        "{} cells have fewer than {} samples, which says nothing about their spread: use --repeat",
        few, kSamplesMin));
  }
  if (noisy.empty()) return;
  warnings.push_back(fmt::format(
      "{} of {} cells scatter by more than {:.0f} % (such as {}): measure on a quiet machine or "
      "with a larger --repeat",
      noisy.size(), report.cells.size(), kNoisyRelativeMad * 100, noisy.front()));
}

}  // namespace

Environment read_environment(const std::string& scratch) {
  Environment environment;
  environment.scratch_path = scratch;
  read_system(environment, scratch);
  environment.machine_class += fmt::format("-{}cpu", environment.processors);
  environment.load_before = load_average();
  return environment;
}

std::string utc_now() {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const std::chrono::sys_days day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(now - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

std::string build_doubt(const std::string& robosync) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path program = fs::canonical(robosync, error);
  if (error) return {};
  const fs::path cache = program.parent_path().parent_path() / "CMakeCache.txt";
  const std::string type = cache_value(cache, "CMAKE_BUILD_TYPE");
  const std::string sanitizers = cache_value(cache, "ROBOSYNC_SANITIZE");
  if (!sanitizers.empty()) return "built with sanitizers (" + sanitizers + ")";
  return type == "Debug" ? "a debug build" : "";
}

std::vector<std::string> warnings_of(const Report& report) {
  std::vector<std::string> warnings;
  for (const Tool& tool : report.tools) {
    if (tool.name != "robosync" || !tool.available) continue;
    if (const std::string doubt = build_doubt(tool.path); !doubt.empty()) {
      warnings.push_back("robosync is " + doubt +
                         ": measure a release build (cmake --preset release)");
    }
  }
  warn_of_machine(report, warnings);
  warn_of_samples(report, warnings);
  return warnings;
}

}  // namespace robosync::parity
