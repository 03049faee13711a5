#include "harness/checks/checks.h"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "harness/checks/answers.h"
#include "harness/checks/tables.h"

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
  ~Sandbox() {
    open_up(root_);
    std::error_code code;
    stdfs::remove_all(root_, code);
  }
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

struct Run {
  Executor& executor;
  const ToolAdapter& tool;
  const Check& check;
};

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
  after.succeeded = run.tool.succeeded(after.finished);
  after.target = image_of(target);
  return run.check.judge(after);
}

Answer answer_of(const Run& run, const std::string& scratch) {
  const Sandbox sandbox(scratch, std::string(run.check.name) + "." + run.tool.name());
  Stage stage{.source = TreeMaker(sandbox.at("source")), .target = TreeMaker(sandbox.at("target"))};
  stage.job.source = stage.source.root();
  stage.job.target = stage.target.root();
  run.check.arrange(stage);
  // Entries were made a moment ago: without this the root's time would be new in both trees.
  stage.source.time("", kOldTimeS);
  if (stage.unprivileged) {
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
  if (stage.unprivileged) {
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
  std::vector<CheckResult> results;
  for (const Check& check : check_table()) {
    if (!selected(check, settings.only)) continue;
    for (const ToolAdapter* tool : tools) {
      const auto found = std::find_if(probed.begin(), probed.end(),
                                      [&](const Tool& each) { return each.name == tool->name(); });
      Answer answer = found == probed.end() ? not_run("not looked for")
                      : !found->available   ? not_run(found->reason)
                                            : answer_of({executor, *tool, check}, settings.scratch);
      results.push_back({.check = std::string(check.name),
                         .title = std::string(check.title),
                         .tool = tool->name(),
                         .outcome = answer.outcome,
                         .detail = std::move(answer.detail)});
      if (progress) progress(results.back());
    }
  }
  return results;
}

}  // namespace robosync::parity
