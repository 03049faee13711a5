// The semantic checks: a table of named questions put to every tool in the same way. Each makes a
// source and perhaps a target, has the tool do one job, and looks at what is there afterwards.
//
// What a robosync user relies on is the answer "pass". Where a tool deliberately does something
// else the answer is "differs", with the difference; where what it does loses or corrupts data, or
// it claims success for work not done, it is "fail". One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "harness/checks/tree_maker.h"
#include "harness/report/model.h"
#include "harness/run/process.h"
#include "harness/run/tool.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {

enum class Side : std::uint8_t { kNone, kSource, kTarget };

// What arrange() sets up.
struct Stage {
  TreeMaker source;
  TreeMaker target;
  Job job;                         // its paths are set; verb, form and options are the check's
  Side permissions = Side::kNone;  // where the job acts for a user to whom permissions apply
  bool rewrites_source = false;    // the file "large" of the source is rewritten while the job runs
  unsigned runs = 1;               // how often the job is done
};

// What judge() sees.
struct Aftermath {
  const ToolAdapter& tool;
  const Stage& stage;
  Finished finished;  // of the last run
  bool succeeded = false;
  TreeImage source;         // as arranged
  TreeImage target_before;  // empty when there was none
  TreeImage target;         // empty when there is none
  // traces_of_writing(target) before the last run and after it; only with runs > 1.
  std::string traces_before;
  std::string traces;
};

// An answer without the names that the table adds.
struct Answer {
  CheckOutcome outcome = CheckOutcome::kPass;
  std::string detail;
};

struct Check {
  std::string_view name;   // "mirror.extra_file"
  std::string_view title;  // for people
  void (*arrange)(Stage& stage);
  Answer (*judge)(const Aftermath& after);
};

// The whole table, in the order of reports; names are unique.
[[nodiscard]] const std::vector<Check>& check_table();

struct CheckSettings {
  std::string scratch;            // an existing directory; what is made below is removed again
  std::vector<std::string> only;  // names, or beginnings of names; empty is all
  std::vector<Route> routes = {Route::kLocal};
};

// Every check for every tool over every route that it knows, push and pull to a server of its own
// on this machine. `probed` says which are available; checks of those that are not are "not run"
// with the tool's reason. Never fails: what cannot be done is in the results. `progress` may be
// empty.
[[nodiscard]] std::vector<CheckResult> run_checks(
    Executor& executor, const std::vector<const ToolAdapter*>& tools,
    const std::vector<Tool>& probed, const CheckSettings& settings,
    const std::function<void(const CheckResult&)>& progress);

}  // namespace robosync::parity
