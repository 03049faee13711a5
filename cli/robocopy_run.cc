#include "cli/robocopy_run.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include "cli/file_output.h"
#include "cli/front_end.h"
#include "cli/output_names.h"
#include "cli/reporter.h"
#include "cli/robocopy_command.h"
#include "cli/robocopy_extras.h"
#include "cli/robocopy_output.h"

namespace robosync::cli {
namespace {

bool exists(const std::string& path) {
  std::error_code error;
  const std::filesystem::path native(std::u8string(path.begin(), path.end()));
  return std::filesystem::exists(std::filesystem::symlink_status(native, error));
}

}  // namespace

int run_robocopy(const std::vector<std::string>& words, const Host& host) {
  const auto invocation =
      parse_robocopy(words, {.family = metadata_family(), .exists = exists, .now = host.utc_now()});
  if (!invocation) {
    fail(host, invocation.error());
    return kRobocopyFatal;
  }
  if (invocation->help) {
    return print(host, robocopy_help_text()) == 0 ? 0 : kRobocopyFatal;
  }

  const RobocopyOutput& output = invocation->output;
  RobocopyTally tally;
  std::vector<std::unique_ptr<Sink>> sinks;
  std::unique_ptr<TextStream> log;
  if (!output.log_file.empty()) {
    auto opened =
        open_output(output.log_file, output.append ? Opening::kAppend : Opening::kReplace);
    if (!opened) {
      fail(host, opened.error());
      return kRobocopyFatal;
    }
    log = std::move(*opened);
    sinks.push_back(
        std::make_unique<RobocopySink>(*log, *invocation, tally, Troubles::kShown, host.utc_now));
  }
  if (!log || output.tee) {
    sinks.push_back(std::make_unique<RobocopySink>(*host.out, *invocation, tally,
                                                   Troubles::kLeftOut, host.utc_now));
  } else {
    host.out->write("Log file: " + printable(output.log_file) + "\n");
  }
  sinks.push_back(std::make_unique<RobocopyMonitor>(*host.err, output, tally));

  const auto start = std::chrono::steady_clock::now();
  Reporter reporter(
      std::move(sinks), [start] { return std::chrono::steady_clock::now() - start; },
      deletion_question(host, invocation->request.target, Asking::kYes));
  for (const std::string& warning : invocation->warnings) reporter.on_warning(warning);
  Request request = invocation->request;
  if (log) request.own_files.push_back(output.log_file);
  // There is no switch for it, and it is no part of what robocopy does.
  request.remote.token_file = host.variable("ROBOSYNC_TOKEN_FILE").value_or("");
  request.remote.trusts = first_use_question(host);
  if (output.extras) {
    if (auto shown = show_extras(host, *invocation, request, reporter, tally); !shown) {
      const base::Result<Report> refused = base::fail(std::move(shown).error());
      reporter.finish(invocation->request, refused, kRobocopyFatal);
      return kRobocopyFatal;
    }
  }
  const base::Result<Report> result = run_engine(host, request, reporter);
  const int code = robocopy_exit_code(result, tally);
  reporter.finish(invocation->request, result, code);
  bool written = code_with_output(host, *host.out, 0) == 0;
  if (log) written = code_with_output(host, *log, 0) == 0 && written;
  return written ? code : kRobocopyFatal;
}

}  // namespace robosync::cli
