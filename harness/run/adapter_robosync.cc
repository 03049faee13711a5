#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/free_port.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

constexpr std::string_view kFairness =
    "its defaults keep content, links, modes, owners and times to the nanosecond, as rsync -a "
    "does; no durability is asked of any tool";

constexpr std::string_view kModule = "tree";

struct Account {
  std::string uid;
  std::string gid;
};

// Everything that is named stays in the server's own directory. It serves as whoever runs the
// harness, as rsync's daemon does, and keeps owners where that is root.
std::string daemon_configuration(const ServerPlace& place, int port, const Account& account) {
  std::string text = "bind = [\"" + place.host + ":" + std::to_string(port) +
                     "\"]\nplaintext = true\nstate_dir = \"" + place.scratch + "\"\n[modules.";
  text.append(kModule).append("]\npath = \"").append(place.root);
  text +=
      "\"\nread_only = false\nallow_delete = true\nallow_anonymous_remote = true\n"
      "symlinks = \"keep\"\nuid = " +
      account.uid + "\ngid = " + account.gid + "\n";
  if (account.uid == "0") text += "keep_owners = true\n";
  return text;
}

class RobosyncAdapter : public ToolAdapter {
 public:
  explicit RobosyncAdapter(std::string program) : program_(std::move(program)) {}

  std::string name() const override { return "robosync"; }

  Tool probe(Executor& executor, const std::string& /*scratch*/) override {
    Tool tool{.name = name()};
    tool.flags =
        "copy --quiet; mirror --quiet --yes; robosyncd without encryption on push and pull";
    tool.fairness = kFairness;
    probe_version(tool, executor, program_, "--version");
    path_ = tool.path;
    if (!tool.available) return tool;
    daemon_ = find_program((std::filesystem::path(path_).parent_path() / "robosyncd").string());
    far_reason_ = daemon_.empty() ? "there is no robosyncd beside " + path_ : "";
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    if (job.route != Route::kLocal && !far_reason_.empty()) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported, far_reason_));
    }
    Command command{.words = {path_}};
    std::vector<std::string>& words = command.words;
    if (job.verb == Verb::kMirror) {
      words.insert(words.end(), {"mirror", "--quiet", "--yes"});
    } else {
      words.insert(words.end(), {"copy", "--quiet"});
    }
    if (job.threads != 0) {
      words.insert(words.end(), {"--threads", std::to_string(job.threads)});
    }
    if (job.hard_links) words.emplace_back("--hard-links");
    if (job.sparse) words.emplace_back("--sparse");
    if (job.checksum) words.emplace_back("--checksum");
    if (job.modify_window_s != 0) {
      words.insert(words.end(), {"--modify-window", std::to_string(job.modify_window_s)});
    }
    for (const std::string& pattern : job.excludes) {
      words.insert(words.end(), {"--exclude", pattern});
    }
    const std::string source = job.route == Route::kPull ? url(job.server, job.source) : job.source;
    words.push_back(job.form == SourceForm::kContents ? source + "/" : source);
    words.push_back(job.route == Route::kPush ? url(job.server, job.target) : job.target);
    return command;
  }

  std::string unavailable(Route route, Phase /*phase*/) const override {
    return route == Route::kLocal ? "" : far_reason_;
  }

  base::Result<Server> start_server(const ServerPlace& place, Executor& executor) const override {
    ROBOSYNC_ASSIGN(const std::string uid, number_of(executor, "-u"));
    ROBOSYNC_ASSIGN(const std::string gid, number_of(executor, "-g"));
    const std::string file = place.scratch + "/robosyncd.toml";
    const auto start = [&](int port) -> base::Result<std::unique_ptr<Background>> {
      std::ofstream(file) << daemon_configuration(place, port, {uid, gid});
      Command command{.words = {daemon_, "--config", file}};
      command.prefix = place.prefix;
      return executor.start(command);
    };
    const auto answers = [&](int port) {
      Command command{.words = {path_, "ls", url_of(place.host, port)}};
      command.prefix = place.prefix;
      const base::Result<Finished> finished = executor.run(command);
      return finished && finished->exit_code == 0;
    };
    Server server;
    ROBOSYNC_ASSIGN(StartedOnPort started, start_on_free_port("robosyncd", start, answers));
    server.process = std::move(started.process);
    server.address = {.host = place.host, .port = started.port, .root = place.root};
    return server;
  }

 private:
  static std::string url_of(const std::string& host, int port) {
    return "robosync+tcp://" + host + ":" + std::to_string(port) + "/" + std::string(kModule);
  }
  static std::string url(const ServerAddress& server, const std::string& path) {
    return url_of(server.host, server.port).append("/").append(path_at(server, path));
  }
  static base::Result<std::string> number_of(Executor& executor, const char* what) {
    ROBOSYNC_ASSIGN(const Finished finished, executor.run({.words = {"id", what}}));
    return first_line(finished.out);
  }

  std::string program_;
  std::string path_;
  std::string daemon_;
  std::string far_reason_ = "robosync has not been found yet";
};

}  // namespace

std::unique_ptr<ToolAdapter> make_robosync_adapter(const AdapterSettings& settings) {
  return std::make_unique<RobosyncAdapter>(settings.robosync);
}

}  // namespace robosync::parity
