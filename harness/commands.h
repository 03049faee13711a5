// The commands of robosync-parity, after their words have been read. Each returns its exit code, or
// the Error that kept it from its work, which program.cc turns into message and code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "harness/program.h"

namespace robosync::parity {

[[nodiscard]] base::Result<int> list_command(Program& program);

struct GenerateWords {
  std::string dataset;
  std::string out;
  double scale = 1;
  std::optional<std::uint64_t> seed;
};
[[nodiscard]] base::Result<int> generate_command(const GenerateWords& words, Program& program);

struct DigestWords {
  std::string folder;
  std::string aspects;
};
[[nodiscard]] base::Result<int> digest_command(const DigestWords& words, Program& program);

// Of run and check.
struct RunWords {
  std::string suite = "smoke";
  std::vector<std::string> tools;
  std::vector<std::string> links;
  std::vector<std::string> datasets;
  std::vector<std::string> routes;
  std::vector<std::string> phases;
  std::vector<std::string> checks;  // of check: names or their beginnings
  std::string robosync;             // "" is the one beside us
  std::string scratch;
  std::string remote;
  std::string ssh_config;
  std::string report;
  std::string policy;
  std::string baseline;
  std::string bench_folder;
  std::optional<std::uint64_t> seed;
  std::optional<double> minutes;  // else the suite's
  unsigned repeat = 0;            // 0 is the suite's
  unsigned threads = 0;           // 0 is each tool's own choice
  double slack = 1;
  bool without_checks = false;
};
[[nodiscard]] base::Result<int> run_command(const RunWords& words, Program& program);
[[nodiscard]] base::Result<int> check_command(const RunWords& words, Program& program);

// Of gate, report and history.
struct ReportWords {
  std::vector<std::string> reports;
  std::string folder;
  std::string baseline;
  std::string policy;
  std::string html;
  bool markdown = false;
  double slack = 1;
};
[[nodiscard]] base::Result<int> gate_command(const ReportWords& words, Program& program);
[[nodiscard]] base::Result<int> report_command(const ReportWords& words, Program& program);
[[nodiscard]] base::Result<int> history_command(const ReportWords& words, Program& program);

}  // namespace robosync::parity
