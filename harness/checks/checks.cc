#include "harness/checks/checks.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>

#include "harness/checks/answers.h"
#include "harness/checks/tables.h"
#include "harness/run/scratch.h"

namespace robosync::parity {
namespace {

namespace stdfs = std::filesystem;

using base::ErrorKind;
using base::Result;

// A check is a few files: whoever needs longer hangs.
constexpr double kCheckTimeoutS = 60;
constexpr std::size_t kRewriteBytes = 1'000'000;

// A folder of one check and tool, removed at the end whatever its modes are.
class Sandbox {
 public:
  Sandbox(const std::string& scratch, const std::string& name) : root_(scratch + "/" + name) {
    std::error_code code;
    stdfs::create_directories(root_, code);
  }
  // What stays is in a scratch folder, which is removed as well.
  ~Sandbox() { (void)remove_tree(root_); }
  Sandbox(const Sandbox&) = delete;
  Sandbox& operator=(const Sandbox&) = delete;

  [[nodiscard]] std::string at(const char* name) const { return root_ + "/" + name; }
  [[nodiscard]] const std::string& root() const { return root_; }

 private:
  std::string root_;
};

// Writes the file over and over while it exists.
class Rewriter {
 public:
  Rewriter(std::string path, std::uint64_t bytes)
      : thread_([this, path = std::move(path), bytes] { rewrite(path, bytes); }) {}
  ~Rewriter() {
    stop_ = true;
    thread_.join();
  }
  Rewriter(const Rewriter&) = delete;
  Rewriter& operator=(const Rewriter&) = delete;

 private:
  void rewrite(const std::string& path, std::uint64_t bytes) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    std::string piece;
    for (char value = 'b'; !stop_; value = value == 'z' ? 'b' : static_cast<char>(value + 1)) {
      piece.assign(kRewriteBytes, value);
      file.seekp(0);
      for (std::uint64_t done = 0; done < bytes && !stop_; done += kRewriteBytes) {
        file.write(piece.data(), static_cast<std::streamsize>(
                                     std::min<std::uint64_t>(bytes - done, kRewriteBytes)));
        file.flush();
      }
    }
  }

  std::atomic<bool> stop_{false};
  std::thread thread_;
};

Answer not_run(std::string why) { return {CheckOutcome::kNotRun, std::move(why)}; }

// Nothing there is an empty image; what cannot be read is told by the judgement.
TreeImage image_of(const std::string& root) {
  if (!stdfs::exists(stdfs::symlink_status(root))) return {};
  auto image = read_tree_image(root);
  return image ? std::move(*image) : TreeImage();
}

// Why the job cannot be run as another user; "" when it can.
std::string unprivileged_obstacle(Executor& executor, const Command& job) {
  if (job.prefix.empty()) return {};
  Command command;
  command.prefix = job.prefix;
  command.words = {"test", "-x", find_program(job.words.front())};
  const auto finished = executor.run(command);
  if (!finished) return "setpriv: " + finished.error().message();
  if (finished->exit_code == 0) return {};
  return "the program cannot be reached by an unprivileged user: " + job.words.front();
}

// A tool on a route, with its server.
struct Arm {
  const ToolAdapter* tool = nullptr;
  Route route = Route::kLocal;
  std::string reason;  // why it cannot be run; "" when it can
  Server server;
};

struct Run {
  Executor& executor;
  const Arm& arm;
  const ToolAdapter& tool;
  const Check& check;
};

// Why the side of the job that matters cannot be an unprivileged user's; "" when it can. Servers
// run as whoever runs the harness.
std::string privileged_side(const Arm& arm, Side side) {
  const bool at_server = (arm.route == Route::kPush && side == Side::kTarget) ||
                         (arm.route == Route::kPull && side == Side::kSource);
  if (unprivileged_prefix().empty() || arm.route == Route::kLocal) return {};
  if (at_server) return "permissions do not apply to the server, which is root's here";
  return arm.server.address.identity.empty() ? "" : "the key of the private sshd is root's";
}

Answer judge(const Run& run, Stage& stage, const Command& command) {
  Aftermath after{.tool = run.tool, .stage = stage};
  const std::string& target = stage.target.root();
  after.source = image_of(stage.source.root());
  after.target_before = image_of(target);
  const auto execute = [&]() -> Result<void> {
    auto finished = run.executor.run(command);
    if (!finished) return base::fail(std::move(finished).error());
    after.finished = std::move(*finished);
    return {};
  };
  if (stage.rewrites_source) {
    const Rewriter rewriter(stage.source.at("large"), after.source.nodes.at("large").size);
    if (auto ran = execute(); !ran) return not_run(ran.error().message());
  }
  if (stage.rewrites_source) after.source = image_of(stage.source.root());
  for (unsigned i = 0; i < stage.runs; ++i) {
    if (i > 0 && i + 1 == stage.runs) {
      auto traces = traces_of_writing(target);
      if (!traces) return not_run(traces.error().message());
      after.traces_before = std::move(*traces);
    }
    if (auto ran = execute(); !ran) return not_run(ran.error().message());
  }
  if (stage.runs > 1) {
    auto traces = traces_of_writing(target);
    if (!traces) return not_run(traces.error().message());
    after.traces = std::move(*traces);
  }
  if (after.finished.timed_out) return {CheckOutcome::kFail, "it did not end"};
  if (after.finished.signal != 0) {
    return {CheckOutcome::kFail, fmt::format("ended by signal {}", after.finished.signal)};
  }
  after.succeeded = run.tool.succeeded(after.finished);
  after.target = image_of(target);
  if (!after.target.shared_outside.empty()) {
    return {CheckOutcome::kFail,
            after.target.shared_outside + " is the same file as one outside the target"};
  }
  if (!stage.rewrites_source) {
    const std::vector<std::string> changes =
        differences(after.source, image_of(stage.source.root()), {}, 1);
    if (!changes.empty()) return {CheckOutcome::kFail, "the source was changed: " + changes[0]};
  }
  return run.check.judge(after);
}

Answer answer_of(const Run& run, const std::string& scratch) {
  const Sandbox sandbox(
      scratch, fmt::format("{}.{}.{}", run.check.name, run.tool.name(), to_string(run.arm.route)));
  Stage stage{.source = TreeMaker(sandbox.at("source")), .target = TreeMaker(sandbox.at("target"))};
  stage.job.source = stage.source.root();
  stage.job.target = stage.target.root();
  stage.job.route = run.arm.route;
  stage.job.server = run.arm.server.address;
  run.check.arrange(stage);
  const bool unprivileged = stage.permissions != Side::kNone;
  if (unprivileged) {
    const std::string privileged = privileged_side(run.arm, stage.permissions);
    if (!privileged.empty()) return not_run(privileged);
  }
  // Entries were made a moment ago: without this the root's time would be new in both trees.
  stage.source.time("", kOldTimeS);
  if (unprivileged) {
    TreeMaker(sandbox.root()).give_away();
  }
  for (const TreeMaker* tree : {&stage.source, &stage.target}) {
    if (!tree->status()) return not_run(tree->status().error().message());
  }
  auto command = run.tool.command(stage.job);
  if (!command) {
    const bool cannot = command.error().kind == ErrorKind::kUnsupported;
    return {cannot ? CheckOutcome::kUnsupported : CheckOutcome::kNotRun, command.error().message()};
  }
  command->timeout_s = kCheckTimeoutS;
  if (unprivileged) {
    command->prefix = unprivileged_prefix();
    const std::string obstacle = unprivileged_obstacle(run.executor, *command);
    if (!obstacle.empty()) return not_run(obstacle);
  }
  return judge(run, stage, *command);
}

bool selected(const Check& check, const std::vector<std::string>& only) {
  return only.empty() || std::any_of(only.begin(), only.end(), [&](const std::string& begin) {
           return check.name.starts_with(begin);
         });
}

void start_server(Arm& arm, Executor& executor, const std::string& scratch) {
  const std::string folder =
      fmt::format("{}/server-{}-{}", scratch, arm.tool->name(), to_string(arm.route));
  std::error_code code;
  stdfs::create_directories(folder, code);
  auto server = arm.tool->start_server(
      {.route = arm.route, .root = scratch, .scratch = folder, .host = "127.0.0.1"}, executor);
  if (server) {
    arm.server = std::move(*server);
  } else {
    arm.reason = server.error().message();
  }
}

// Routes that a tool does not know are left out; one that is not there has its reason.
std::vector<Arm> arms_of(Executor& executor, const std::vector<const ToolAdapter*>& tools,
                         const std::vector<Tool>& probed, const CheckSettings& settings) {
  std::vector<Arm> arms;
  for (const ToolAdapter* tool : tools) {
    const auto found = std::ranges::find(probed, tool->name(), &Tool::name);
    const bool available = found != probed.end() && found->available;
    for (const Route route : settings.routes) {
      if (available && !tool->unavailable(route, Phase::kFirst).empty()) continue;
      Arm arm{.tool = tool, .route = route};
      if (!available) arm.reason = found == probed.end() ? "not looked for" : found->reason;
      if (available && route != Route::kLocal) start_server(arm, executor, settings.scratch);
      arms.push_back(std::move(arm));
    }
  }
  return arms;
}

}  // namespace

const std::vector<Check>& check_table() {
  static const std::vector<Check> kTable = [] {
    std::vector<Check> all;
    for (auto* part : {attribute_checks, link_checks, mirror_checks, name_checks, content_checks}) {
      const std::vector<Check> checks = part();
      all.insert(all.end(), checks.begin(), checks.end());
    }
    return all;
  }();
  return kTable;
}

std::vector<CheckResult> run_checks(Executor& executor,
                                    const std::vector<const ToolAdapter*>& tools,
                                    const std::vector<Tool>& probed, const CheckSettings& settings,
                                    const std::function<void(const CheckResult&)>& progress) {
  const std::vector<Arm> arms = arms_of(executor, tools, probed, settings);
  std::vector<CheckResult> results;
  for (const Check& check : check_table()) {
    if (!selected(check, settings.only)) continue;
    for (const Arm& arm : arms) {
      Answer answer = arm.reason.empty()
                          ? answer_of({executor, arm, *arm.tool, check}, settings.scratch)
                          : not_run(arm.reason);
      results.push_back({.check = std::string(check.name),
                         .title = std::string(check.title),
                         .tool = arm.tool->name(),
                         .outcome = answer.outcome,
                         .detail = std::move(answer.detail)});
      if (arm.route != Route::kLocal) results.back().route = to_string(arm.route);
      if (progress) progress(results.back());
    }
  }
  return results;
}

}  // namespace robosync::parity
