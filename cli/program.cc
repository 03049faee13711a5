#include "cli/program.h"

#include <fmt/format.h>

#include <cstdlib>
#include <memory>

#include "cli/command_line.h"
#include "cli/completions.h"
#include "cli/display_choice.h"
#include "cli/exit_code.h"
#include "cli/file_input.h"
#include "cli/file_output.h"
#include "cli/front_end.h"
#include "cli/help.h"
#include "cli/listing.h"
#include "cli/output_human.h"
#include "cli/output_json.h"
#include "cli/output_log.h"
#include "cli/output_names.h"
#include "cli/reporter.h"
#include "cli/robocopy_command.h"
#include "cli/robocopy_run.h"
#include "robosync/version.h"

namespace robosync::cli {
namespace {

int usage_error(const Host& host, std::string message) {
  return fail(host, base::make_error(base::ErrorKind::kUsage, std::move(message)));
}

std::unique_ptr<Sink> screen_sink(const Host& host, const Invocation& invocation) {
  if (invocation.output.json) {
    return std::make_unique<JsonSink>(*host.out, invocation.request, invocation.output,
                                      host.utc_now);
  }
  const DisplayEnvironment environment{.term = host.variable("TERM"),
                                       .no_colour = host.variable("NO_COLOR")};
  return std::make_unique<HumanSink>(
      *host.out, *host.err, invocation.request,
      HumanStyle{.settings = invocation.output,
                 .progress = choose_progress(invocation.output, host.terminal, environment),
                 .colour = choose_colour(host.terminal, environment),
                 .columns = host.columns});
}

int run_verb(Verb verb, const std::vector<std::string>& words, const Host& host) {
  const CommandLineContext context{.read_file = host.read_file, .variable = host.variable};
  const base::Result<Invocation> invocation = parse_command_line(verb, words, context);
  if (!invocation) return fail(host, invocation.error());
  if (invocation->help) return print(host, help_text(verb));

  std::vector<std::unique_ptr<Sink>> sinks;
  std::unique_ptr<TextStream> log;
  if (!invocation->output.log_file.empty()) {
    auto opened = open_output(invocation->output.log_file, Opening::kAppend);
    if (!opened) return fail(host, opened.error());
    log = std::move(*opened);
    sinks.push_back(std::make_unique<LogSink>(*log, invocation->request, host.utc_now));
  }
  sinks.push_back(screen_sink(host, *invocation));
  const auto start = std::chrono::steady_clock::now();
  Reporter reporter(
      std::move(sinks), [start] { return std::chrono::steady_clock::now() - start; },
      deletion_question(host, invocation->request.target,
                        invocation->output.assume_yes ? Asking::kNo : Asking::kYes));

  Request request = invocation->request;
  if (log) request.own_files.push_back(invocation->output.log_file);
  request.remote.trusts = first_use_question(host);
  const base::Result<Report> result = run_engine(host, request, reporter);
  int code = exit_code(result);
  reporter.finish(invocation->request, result, code);
  if (log) code = code_with_output(host, *log, code);
  return code_with_output(host, *host.out, code);
}

int run_completions(const std::vector<std::string>& words, const Host& host) {
  const auto shell = words.size() == 1 ? shell_of(words[0]) : std::nullopt;
  if (!shell) return usage_error(host, "completions: say for which shell: bash, zsh or fish");
  return print(host, completion_script(*shell));
}

int run_serve(const std::vector<std::string>& words, const Host& host) {
  if (words != std::vector<std::string>{"--stdio"}) {
    return usage_error(host, "serve: takes --stdio, and is what ssh starts at the other end");
  }
  const auto served = host.serve(*host.cancellation);
  return served ? kExitOk : fail(host, served.error());
}

// `ls` takes the connection's options of `verify`, and its own.
int run_ls(const std::vector<std::string>& words, const Host& host) {
  ListingForm form = ListingForm::kNames;
  std::vector<std::string> rest;
  for (const std::string& word : words) {
    if (word == "-l" || word == "--long") {
      form = ListingForm::kLong;
    } else if (word == "--json") {
      form = ListingForm::kJson;
    } else if (word == "-h" || word == "--help") {
      return print(host,
                   "Usage: robosync ls [-l|--json] [connection options] PATH|URL\n\n"
                   "Lists a folder, here or at a server.\n");
    } else {
      rest.push_back(word);
    }
  }
  // One name is missing for a whole command line.
  rest.emplace_back(".");
  const CommandLineContext context{.read_file = host.read_file, .variable = host.variable};
  const base::Result<Invocation> invocation = parse_command_line(Verb::kVerify, rest, context);
  if (!invocation) {
    return usage_error(host,
                       "ls: needs one PATH or URL; options are -l, --json and those of a "
                       "connection");
  }
  Request request = invocation->request;
  request.remote.trusts = first_use_question(host);
  const auto entries = host.list(request.sources.front(), request.remote, *host.cancellation);
  return entries ? print(host, listing_text(*entries, form)) : fail(host, entries.error());
}

int run_help(const std::vector<std::string>& words, const Host& host) {
  if (words.empty()) return print(host, overview_text());
  if (words == std::vector<std::string>{"robocopy"}) return print(host, robocopy_help_text());
  const auto verb = verb_of(words[0]);
  if (words.size() != 1 || !verb) {
    return usage_error(host, "help: there is help for copy, mirror, move, verify and robocopy");
  }
  return print(host, help_text(*verb));
}

}  // namespace

int run_robosync(const std::vector<std::string>& words, const Host& host) {
  if (words.empty()) {
    host.err->write(overview_text());
    return kExitUsage;
  }
  const std::string& command = words[0];
  const std::vector<std::string> rest(words.begin() + 1, words.end());
  if (const auto verb = verb_of(command)) return run_verb(*verb, rest, host);
  if (command == "robocopy") return run_robocopy(rest, host);
  if (command == "ls") return run_ls(rest, host);
  if (command == "serve") return run_serve(rest, host);
  if (command == "completions") return run_completions(rest, host);
  if (command == "help" || command == "--help" || command == "-h") return run_help(rest, host);
  if (command == "--version" || command == "-V") {
    return print(host, fmt::format("robosync {} ({})\n", version(), commit()));
  }
  if (command.starts_with('-')) {
    return usage_error(host, fmt::format("{}: the command comes first: robosync copy, mirror, move "
                                         "or verify; see robosync help",
                                         command));
  }
  return usage_error(host, fmt::format("{}: no such command; there are copy, mirror, move and "
                                       "verify, see robosync help",
                                       command));
}

Host process_host(TextStream& out, TextStream& err, const Cancellation& cancellation) {
  return {.out = &out,
          .err = &err,
          .terminal = prepare_terminal(),
          .columns = terminal_columns,
          .read_answer = read_line_from_user,
          .variable = [](const std::string& name) -> std::optional<std::string> {
            const char* value = std::getenv(name.c_str());
            if (value == nullptr) return std::nullopt;
            return value;
          },
          .read_file = read_input,
          .utc_now = [] { return std::chrono::system_clock::now(); },
          .cancellation = &cancellation};
}

}  // namespace robosync::cli
