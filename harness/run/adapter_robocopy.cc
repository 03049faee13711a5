#include <filesystem>
#include <fstream>
#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

// Its exit code is a bitmap: 1 copied, 2 extras, 4 mismatched; from 8 on something failed.
constexpr int kExitCopied = 1;
constexpr int kExitFailedMin = 8;
constexpr double kSelfTestTimeoutS = 60;

class RobocopyAdapter : public ToolAdapter {
 public:
  std::string name() const override { return "robocopy"; }

  Tool probe(Executor& executor, const std::string& scratch) override {
    Tool tool{.name = name()};
    tool.flags = "/E /COPY:DAT /DCOPY:DAT /SL /MT:8 /R:0 /W:0 without listings; /MIR";
    tool.fairness =
        "data, attributes and times of files and directories, as many threads as every tool that "
        "takes a number, no retries, nothing printed";
    tool.path = find_program("robocopy");
    if (tool.path.empty()) {
      tool.reason = "robocopy is not installed: it is a part of Windows";
      return tool;
    }
    path_ = tool.path;
    tool.reason = self_test(executor, scratch);
    tool.available = tool.reason.empty();
    tool.version = "of this system";
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    if (job.route != Route::kLocal) {
      return base::fail(
          base::make_error(base::ErrorKind::kUnsupported, unavailable(job.route, Phase::kFirst)));
    }
    if (job.hard_links || job.checksum || job.sparse) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                         "robocopy keeps neither hard links nor holes and "
                                         "compares no content"));
    }
    if (job.modify_window_s != 0 && job.modify_window_s != 2) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                         "robocopy's one window is FAT's, of two seconds"));
    }
    namespace fs = std::filesystem;
    const fs::path source(job.source);
    std::error_code ignored;
    const bool is_file = job.form == SourceForm::kItself && !fs::is_directory(source, ignored);
    Command command{.words = {path_}};
    std::vector<std::string>& words = command.words;
    if (is_file) {
      words.insert(words.end(),
                   {source.parent_path().string(), job.target, source.filename().string()});
    } else if (job.form == SourceForm::kItself) {
      words.insert(words.end(), {job.source, (fs::path(job.target) / source.filename()).string()});
    } else {
      words.insert(words.end(), {job.source, job.target});
    }
    if (job.modify_window_s != 0) words.emplace_back("/FFT");
    if (!is_file) words.emplace_back(job.verb == Verb::kMirror ? "/MIR" : "/E");
    const unsigned threads = job.threads == 0 ? kPeerThreads : job.threads;
    words.insert(words.end(), {"/COPY:DAT", "/DCOPY:DAT", "/SL", "/MT:" + std::to_string(threads),
                               "/R:0", "/W:0", "/NP", "/NFL", "/NDL", "/NJH", "/NJS"});
    for (const char* option : {"/XF", "/XD"}) {
      if (!job.excludes.empty()) words.emplace_back(option);
      words.insert(words.end(), job.excludes.begin(), job.excludes.end());
    }
    return command;
  }

  std::string unavailable(Route route, Phase /*phase*/) const override {
    return route == Route::kLocal
               ? ""
               : "robocopy has no server of its own: it goes through shares of Windows";
  }

  bool succeeded(const Finished& finished) const override {
    return finished.signal == 0 && !finished.timed_out && finished.exit_code >= 0 &&
           finished.exit_code < kExitFailedMin;
  }

 private:
  // Copies one file. Some systems have a program of this name that does nothing.
  [[nodiscard]] std::string self_test(Executor& executor, const std::string& scratch) const {
    namespace fs = std::filesystem;
    const fs::path source = fs::path(scratch) / "robocopy-from";
    const fs::path target = fs::path(scratch) / "robocopy-to";
    std::error_code error;
    fs::create_directories(source, error);
    std::ofstream(source / "file") << "content";
    Command command{.words = {path_, source.string(), target.string(), "file"}};
    command.timeout_s = kSelfTestTimeoutS;
    const base::Result<Finished> finished = executor.run(command);
    if (!finished) return finished.error().message();
    if (finished->exit_code != kExitCopied) {
      return "its self-test failed: a copy of one file ends with exit code " +
             std::to_string(finished->exit_code) + " instead of 1";
    }
    if (!fs::exists(target / "file", error)) {
      return "its self-test failed: a copy of one file made no file";
    }
    return {};
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<ToolAdapter> make_robocopy_adapter() { return std::make_unique<RobocopyAdapter>(); }

}  // namespace robosync::parity
