// Arena: one dataset, one link and one route, in which tools are measured against each other.
//
// A round takes every tool through the whole chain of phases: first copy into a target that nobody
// has seen, no-op, incremental copy, mirror. Within a phase the tools follow each other directly,
// in an order that turns around from round to round (A B, B A, ...), so that what slows the machine
// for a while hits them alike. The first round warms up and is dropped. After every timed run,
// outside the timing, the target is read and compared with what the source was: a sample whose tree
// is wrong never counts, and neither does a no-op after which the next copy misses a change.
//
// One thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "harness/report/model.h"
#include "harness/run/link.h"
#include "harness/run/plan.h"
#include "harness/run/process.h"
#include "harness/run/scratch.h"
#include "harness/run/source_chain.h"
#include "harness/run/tool.h"

namespace robosync::parity {

// How much the harness itself may use to read trees.
inline constexpr unsigned kVerifyThreads = 2;
// System calls are counted for datasets of so many files at most: tracing is slow.
inline constexpr std::uint64_t kTracedFilesMax = 20000;
// Tracing makes a tool many times slower, in seconds.
inline constexpr double kTracedTimeS = 20;

struct ArenaSetting {
  Executor& executor;
  Scratch& scratch;
  NetworkLink& link;
  SourceChain& sources;
  Route route = Route::kLocal;
  std::vector<const ToolAdapter*> tools;  // those that are available
  std::vector<Phase> phases;              // those that are recorded
  unsigned rounds = 0;                    // that count
  unsigned threads = 0;
  bool system_calls = false;
  std::function<bool()> out_of_time;                 // may be empty; then no round begins any more
  std::function<void(const std::string&)> progress;  // may be empty
};

// A cell per tool and phase, without dataset, link and route names, in the order of the phases,
// then the tools. Fails when the run is cancelled or the harness's own work fails; what a tool does
// wrong is in its cells.
[[nodiscard]] base::Result<std::vector<Cell>> measure_arena(const ArenaSetting& setting);

}  // namespace robosync::parity
