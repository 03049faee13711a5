#include "harness/program.h"

#include <algorithm>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "harness/commands.h"
#include "harness/run/plan.h"
#include "harness/run/remote_link.h"
#include "robosync/version.h"

namespace robosync::parity {
namespace {

constexpr const char* kAbout =
    "robosync-parity measures robosync against rsync, robocopy, cp and rclone, checks what they "
    "keep, and judges the result.";
constexpr const char* kExitCodes =
    "Exit codes: 0 success; of gate: 1 a ratio is exceeded, 2 a semantic check failed, 4 cells are "
    "invalid; of all: 64 the words make no sense, 74 the work could not be done, 130 interrupted.";

struct Words {
  GenerateWords generate;
  DigestWords digest{.aspects = aspects_text(Aspects())};
  RunWords run;
  ReportWords report;
};

void add_tools(CLI::App& app, RunWords& words) {
  app.add_option(
         "--tools", words.tools,
         "robosync, robosync-tls, robosync-ssh, rsync, rsync-ssh, robocopy, cp, rclone; separated "
         "by commas")
      ->delimiter(',');
  app.add_option("--robosync", words.robosync,
                 "the robosync to measure (else the one beside robosync-parity, else PATH's)");
  app.add_option("--scratch", words.scratch,
                 "the folder to work in (else /dev/shm, else the temporary folder)");
  app.add_option("--report", words.report, "the file to write")->required();
}

void add_judgement(CLI::App& app, std::string& policy, std::string& baseline, double& slack) {
  app.add_option("--policy", policy, "limits and known differences, such as reports/policy.json");
  app.add_option("--baseline", baseline, "an earlier report of the same machine class");
  app.add_option("--slack", slack, "limits bite only beyond so many times their figure (1)");
}

void add_datasets_and_generate(CLI::App& app, GenerateWords& words) {
  app.add_subcommand("datasets", "List the datasets with their sizes");
  CLI::App* generate = app.add_subcommand("generate", "Make the files of a dataset");
  generate->add_option("SPEC", words.dataset, "its name, as in the list of datasets")->required();
  generate->add_option("--out", words.out, "the folder to make; it must be empty")->required();
  generate->add_option("--scale", words.scale, "so many times its files or their sizes (1)");
  generate->add_option("--seed", words.seed, "instead of the spec's");
}

void add_digest(CLI::App& app, DigestWords& words) {
  CLI::App* digest = app.add_subcommand("digest", "Tell a tree's digest: equal for equal trees");
  digest->add_option("DIR", words.folder, "the tree")->required();
  digest->add_option("--aspects", words.aspects,
                     "what counts beside names and content, separated by commas: modes, "
                     "file-times, directory-times, symlink-times, hard-links (all but the last)");
}

void add_run_and_check(CLI::App& app, RunWords& words) {
  CLI::App* run = app.add_subcommand("run", "Measure tools and check what they keep");
  run->add_option("--suite", words.suite, "smoke, ci, full or release (smoke)");
  add_tools(*run, words);
  run->add_option("--links", words.links, "localhost, 1gbe, 10gbe, wan")->delimiter(',');
  run->add_option("--datasets", words.datasets, "names, with a scale if need be: small-10k@0.2")
      ->delimiter(',');
  run->add_option("--routes", words.routes, "local, push, pull")->delimiter(',');
  run->add_option("--phases", words.phases, "first, noop, incremental, mirror")->delimiter(',');
  run->add_option("--repeat", words.repeat, "rounds that count, after one that warms up")
      ->check(CLI::Range(1U, kRepeatMax));
  run->add_option("--minutes", words.minutes,
                  "leave out what is not measured by then; 0 is no limit (full: 45)")
      ->check(CLI::NonNegativeNumber);
  run->add_option("--threads", words.threads, "for tools that take a number (their own choice)");
  run->add_option("--seed", words.seed, "of the datasets, instead of their specs'");
  run->add_option("--remote", words.remote,
                  "push to this host over ssh: keys and rsync must be there, programs are copied");
  run->add_option("--ssh-config", words.ssh_config, "a file for ssh -F, for --remote");
  run->add_option("--bench-dir", words.bench_folder,
                  "the folder of the *_bench programs (ci, full and release run those beside "
                  "robosync-parity)");
  run->add_flag("--no-checks", words.without_checks, "leave out the semantic checks");
  add_judgement(*run, words.policy, words.baseline, words.slack);
  CLI::App* check = app.add_subcommand("check", "Check what tools keep, without measuring");
  add_tools(*check, words);
  check->add_option("--routes", words.routes, "local, push, pull (local)")->delimiter(',');
  check->add_option("--only", words.checks, "names of checks, or their beginnings")->delimiter(',');
}

void add_judging_commands(CLI::App& app, ReportWords& words) {
  CLI::App* gate = app.add_subcommand("gate", "Judge a report: the exit code is the verdict");
  gate->add_option("REPORT", words.reports, "the report")->required()->expected(1);
  add_judgement(*gate, words.policy, words.baseline, words.slack);
  CLI::App* report = app.add_subcommand("report", "Show reports as one page");
  report->add_option("REPORT", words.reports, "reports that have no cell in common")->required();
  CLI::Option* html = report->add_option("--html", words.html, "the file to write");
  report->add_flag("--markdown", words.markdown, "to standard output, as Markdown")->excludes(html);
  add_judgement(*report, words.policy, words.baseline, words.slack);
  CLI::App* history = app.add_subcommand("history", "Show how archived runs developed");
  history->add_option("DIR", words.folder, "the folder with the reports")->required();
  history->add_option("--html", words.html, "the file to write")->required();
}

base::Result<int> do_command(const std::string& name, const Words& words, Program& program) {
  if (name == "datasets") return list_command(program);
  if (name == "generate") return generate_command(words.generate, program);
  if (name == "digest") return digest_command(words.digest, program);
  if (name == "run") return run_command(words.run, program);
  if (name == "check") return check_command(words.run, program);
  if (name == "gate") return gate_command(words.report, program);
  if (name == "report") return report_command(words.report, program);
  return history_command(words.report, program);
}

int code_of(const base::Error& error) {
  return error.kind == base::ErrorKind::kUsage ? kExitUsage : kExitFault;
}

// The usage of a command is the concern of CLI11; what it throws ends here.
int finish_parse(const CLI::App& app, const CLI::ParseError& error, Program& program) {
  if (error.get_exit_code() == 0) {
    const auto chosen = app.get_subcommands();
    if (dynamic_cast<const CLI::CallForVersion*>(&error) != nullptr) {
      program.out(std::string(error.what()) + "\n");
    } else {
      program.out((chosen.empty() ? app : *chosen.front()).help());
    }
    return kExitOk;
  }
  program.err(fmt::format("robosync-parity: {} (see robosync-parity --help)\n", error.what()));
  return kExitUsage;
}

}  // namespace

int run_parity(const std::vector<std::string>& words, Program& program) {
  Words values;
  CLI::App app(kAbout, "robosync-parity");
  app.footer(kExitCodes);
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("robosync-parity {} ({})", version(), commit()));
  add_datasets_and_generate(app, values.generate);
  add_digest(app, values.digest);
  add_run_and_check(app, values.run);
  add_judging_commands(app, values.report);
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    return finish_parse(app, error, program);
  }
  const std::string name = app.get_subcommands().front()->get_name();
  const base::Result<int> result = do_command(name, values, program);
  if (result) return *result;
  if (result.error().kind == base::ErrorKind::kCancelled) {
    program.err(fmt::format("robosync-parity {}: interrupted, no report was written\n", name));
    return kExitInterrupted;
  }
  program.err(fmt::format("robosync-parity {}: {}\n", name, result.error().message()));
  return code_of(result.error());
}

}  // namespace robosync::parity
