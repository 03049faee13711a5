// What a report is judged by, read from the files that the command line names.
#pragma once

#include <optional>
#include <string>

#include "engine/base/result.h"
#include "harness/report/gate.h"
#include "harness/report/model.h"

namespace robosync::parity {

struct Judgement {
  Policy policy;  // without a file: checks and invalid cells only
  std::optional<Report> baseline;
  GateOptions options;

  [[nodiscard]] const Report* baseline_or_null() const { return baseline ? &*baseline : nullptr; }
};

// Empty paths are passed over. A fault names the file.
[[nodiscard]] base::Result<Judgement> read_judgement(const std::string& policy,
                                                     const std::string& baseline, double slack);

[[nodiscard]] base::Result<Report> read_report(const std::string& path);

}  // namespace robosync::parity
