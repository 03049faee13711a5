// Writes the pages of the sample report, to be looked at: render_sample_testprog FOLDER

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "harness/report/gate.h"
#include "harness/report/html.h"
#include "harness/report/json.h"
#include "harness/report/report_testing.h"

namespace robosync::parity {
namespace {

bool write(const std::filesystem::path& path, std::string_view text) {
  std::ofstream file(path, std::ios::binary);
  file << text;
  return file.flush().good();
}

Policy sample_policy() {
  Policy policy;
  policy.ratios = {
      {.cells = {.dataset = "small-10k", .phase = "first"}, .peer = "rsync", .ratio_max = 0.22},
      {.cells = {.dataset = "large-1"}, .peer = "cp", .ratio_max = 1.05},
      {.cells = {.dataset = "photos"}, .peer = "rsync", .ratio_max = 1}};
  policy.accepted = {{"symlink.escaping", CheckOutcome::kDiffers, "refused by design"}};
  return policy;
}

bool write_pages(const std::filesystem::path& folder) {
  const Report report = sample_report();
  const auto verdict = judge(report, nullptr, sample_policy(), {});
  return verdict && write(folder / "report.html", render_html(report, &*verdict)) &&
         write(folder / "report.json", report_to_json(report, &*verdict));
}

}  // namespace
}  // namespace robosync::parity

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  return robosync::parity::write_pages(argv[1]) ? 0 : 1;
}
