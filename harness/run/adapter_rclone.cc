#include <filesystem>
#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

class RcloneAdapter : public ToolAdapter {
 public:
  std::string name() const override { return "rclone"; }

  Tool probe(Executor& executor, const std::string& /*scratch*/) override {
    Tool tool{.name = name()};
    tool.flags = "copy|sync --links --metadata --create-empty-src-dirs --transfers 8 --checkers 8";
    tool.fairness =
        "asked to keep all that it can, with as many transfers as every tool that takes a number; "
        "it keeps neither file and directory modes, directory times nor link times, so these are "
        "not "
        "compared and the work is less than that of the others";
    probe_version(tool, executor, "rclone", "version");
    path_ = tool.path;
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    if (const std::string reason = refusal(job); !reason.empty()) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported, reason));
    }
    const unsigned threads = job.threads == 0 ? kPeerThreads : job.threads;
    Command command{.words = {path_, job.verb == Verb::kMirror ? "sync" : "copy"}};
    std::vector<std::string>& words = command.words;
    words.insert(words.end(),
                 {"--config", "", "--links", "--metadata", "--create-empty-src-dirs", "--transfers",
                  std::to_string(threads), "--checkers", std::to_string(threads)});
    if (job.checksum) words.emplace_back("--checksum");
    if (job.modify_window_s != 0) {
      words.insert(words.end(), {"--modify-window", std::to_string(job.modify_window_s) + "s"});
    }
    for (const std::string& pattern : job.excludes) {
      words.insert(words.end(), {"--exclude", pattern});
    }
    words.push_back(job.source);
    words.push_back(target_of(job));
    return command;
  }

  std::string unavailable(Route route, Phase /*phase*/) const override {
    return route == Route::kLocal ? "" : "rclone is measured locally only";
  }

  Aspects kept(const Job& job) const override {
    Aspects aspects = ToolAdapter::kept(job);
    aspects.modes = false;
    aspects.directory_times = false;
    aspects.symlink_times = false;
    return aspects;
  }

 private:
  static std::string refusal(const Job& job) {
    if (job.route != Route::kLocal) return "rclone is measured locally only";
    if (job.hard_links) return "rclone does not keep hard links";
    return job.sparse ? "rclone has no option for holes" : "";
  }

  // rclone copies what is in a directory; a file goes below the target under its own name.
  static std::string target_of(const Job& job) {
    std::error_code ignored;
    if (job.form == SourceForm::kContents || !std::filesystem::is_directory(job.source, ignored)) {
      return job.target;
    }
    return (std::filesystem::path(job.target) / std::filesystem::path(job.source).filename())
        .string();
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<ToolAdapter> make_rclone_adapter() { return std::make_unique<RcloneAdapter>(); }

}  // namespace robosync::parity
