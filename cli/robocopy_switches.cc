#include "cli/robocopy_switches.h"

namespace robosync::cli {

const std::vector<RobocopySwitch>& robocopy_switches() {
  static const std::vector<RobocopySwitch> kTable = [] {
    std::vector<RobocopySwitch> table = robocopy_copy_switches();
    for (const auto& part :
         {robocopy_selection_switches(), robocopy_output_switches(), robocopy_refused_switches()}) {
      table.insert(table.end(), part.begin(), part.end());
    }
    return table;
  }();
  return kTable;
}

}  // namespace robosync::cli
