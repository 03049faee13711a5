// Survey: counts the source ahead of the run, so that progress has a total. Private to session/.
//
// Walks the source a second time on a thread of its own, only where somebody watches; what it reads
// the run then finds in the system's cache. An estimate: problems are the run's to report.
#pragma once

#include <memory>
#include <thread>
#include <vector>

#include "engine/scan/scan.h"
#include "engine/session/run_context.h"

namespace robosync::session {

class Survey {
 public:
  // Starts at once. `context` must outlive the Survey.
  Survey(RunContext& context, std::vector<scan::Origin> origins,
         std::shared_ptr<const tree::FilterScope> filter);
  // Ends the walk, finished or not.
  ~Survey();
  Survey(const Survey&) = delete;
  Survey& operator=(const Survey&) = delete;

 private:
  void walk(const std::shared_ptr<scan::SourceDirectory>& root,
            const std::shared_ptr<const tree::FilterScope>& filter);

  RunContext& context_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace robosync::session
