// What every front end does around a run of the engine, whatever its options and output are called.
//
// One thread, but for what a Reporter allows.
#pragma once

#include <functional>
#include <string>

#include "cli/output_stream.h"
#include "cli/program.h"
#include "cli/reporter.h"
#include "engine/base/result.h"
#include "engine/sync.h"

namespace robosync::cli {

// Says on standard error what went wrong; returns the exit code of docs/exit-codes.md.
int fail(const Host& host, const base::Error& error);

// Text that was asked for: success unless it could not be written.
[[nodiscard]] int print(const Host& host, const std::string& text);

enum class Asking : bool { kNo, kYes };

// Null where nobody can answer: a run in a script must not wait for ever. REQUIRES: the host
// outlives what is returned, here and below.
[[nodiscard]] Reporter::Ask deletion_question(const Host& host, const std::string& target,
                                              Asking asking);

// A server that is met for the first time: only somebody at a terminal can say.
[[nodiscard]] std::function<bool(const std::string&, const std::string&)> first_use_question(
    const Host& host);

// Runs the engine; what a library throws becomes an error.
[[nodiscard]] base::Result<Report> run_engine(const Host& host, const Request& request,
                                              Reporter& reporter);

// A script that reads our output must learn that it is not all there; a run's own failure says
// more.
[[nodiscard]] int code_with_output(const Host& host, const TextStream& stream, int code);

}  // namespace robosync::cli
