#include "cli/front_end.h"

#include <fmt/format.h>

#include <chrono>
#include <exception>

#include "cli/confirmation.h"
#include "cli/error_text.h"
#include "cli/exit_code.h"
#include "cli/output_names.h"
#include "cli/ticker.h"

namespace robosync::cli {
namespace {

constexpr std::chrono::milliseconds kTickInterval{100};

}  // namespace

int fail(const Host& host, const base::Error& error) {
  host.err->write("robosync: " + error_text(error) + "\n");
  return exit_code(error);
}

int print(const Host& host, const std::string& text) {
  host.out->write(text);
  host.out->flush();
  const auto status = host.out->status();
  return status ? kExitOk : fail(host, status.error());
}

Reporter::Ask deletion_question(const Host& host, const std::string& target, Asking asking) {
  if (asking == Asking::kNo || !host.terminal.input || !host.terminal.errors) return {};
  return [&host, target](const Observer::PlannedDeletions& planned) {
    host.err->write(confirmation_question(planned, target));
    const std::optional<std::string> answer = host.read_answer();
    if (!answer) host.err->write("\n");
    return answer && is_yes(*answer);
  };
}

std::function<bool(const std::string&, const std::string&)> first_use_question(const Host& host) {
  if (!host.terminal.input || !host.terminal.errors) return {};
  return [&host](const std::string& server, const std::string& fingerprint) {
    host.err->write(
        fmt::format("robosync: {} is not known yet. Its key is\n  {}\n"
                    "`robosyncd fingerprint` prints it there. Is that it? [y/N] ",
                    printable(server), printable(fingerprint)));
    const std::optional<std::string> answer = host.read_answer();
    return answer && is_yes(*answer);
  };
}

base::Result<Report> run_engine(const Host& host, const Request& request, Reporter& reporter) {
  // Whatever a library throws ends the run with a message, not the process without one.
  try {
    std::optional<Ticker> ticker;
    if (reporter.wants_ticks()) ticker.emplace(kTickInterval, [&reporter] { reporter.tick(); });
    return host.sync(request, reporter, *host.cancellation);
  } catch (const std::exception& exception) {
    return base::fail(
        base::make_error(base::ErrorKind::kIo, fmt::format("internal: {}", exception.what())));
  }
}

int code_with_output(const Host& host, const TextStream& stream, int code) {
  const auto status = stream.status();
  if (status) return code;
  const int output_code = fail(host, status.error());
  return code == kExitOk ? output_code : code;
}

}  // namespace robosync::cli
