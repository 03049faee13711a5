#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/free_port.h"
#include "harness/run/rsync_words.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

constexpr std::string_view kModule = "tree";

// Everything that is named stays in the server's own directory. Symbolic links are kept as they
// are: without a chroot rsync would otherwise rewrite them.
std::string daemon_configuration(const ServerPlace& place, int port, bool root) {
  std::string text = "address = " + place.host + "\nport = " + std::to_string(port) +
                     "\nuse chroot = no\nmunge symlinks = no\nmax connections = 0\n" +
                     "pid file = " + place.scratch + "/rsyncd.pid\n" +
                     "lock file = " + place.scratch + "/rsyncd.lock\n" +
                     "log file = " + place.scratch + "/rsyncd.log\n";
  if (root) text += "uid = 0\ngid = 0\n";
  text.append("[").append(kModule).append("]\npath = ").append(place.root);
  return text + "\nread only = no\nlist = yes\n";
}

bool runs_as_root(Executor& executor) {
  const base::Result<Finished> finished = executor.run({.words = {"id", "-u"}});
  return finished && first_line(finished->out) == "0";
}

class RsyncAdapter : public ToolAdapter {
 public:
  std::string name() const override { return "rsync"; }

  Tool probe(Executor& executor, const std::string& /*scratch*/) override {
    Tool tool{.name = name()};
    tool.flags = "-a; -a --delete; a daemon of its own, without encryption, on push and pull";
    tool.fairness = kRsyncFairness;
    probe_version(tool, executor, "rsync", "--version");
    path_ = tool.path;
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    Command command{.words = {path_}};
    for (std::string& flag : rsync_flags(job)) command.words.push_back(std::move(flag));
    const bool pull = job.route == Route::kPull;
    const bool push = job.route == Route::kPush;
    command.words.push_back(rsync_source(job, pull ? url(job.server, job.source) : job.source));
    command.words.push_back((push ? url(job.server, job.target) : job.target) + "/");
    return command;
  }

  std::string unavailable(Route /*route*/, Phase /*phase*/) const override { return {}; }

  base::Result<Server> start_server(const ServerPlace& place, Executor& executor) const override {
    const bool root = runs_as_root(executor);
    const auto start = [&](int port) -> base::Result<std::unique_ptr<Background>> {
      const std::string file = place.scratch + "/rsyncd.conf";
      std::ofstream(file) << daemon_configuration(place, port, root);
      Command command{.words = {path_, "--daemon", "--no-detach", "--config=" + file}};
      command.prefix = place.prefix;
      return executor.start(command);
    };
    const auto answers = [&](int port) {
      Command command{.words = {path_, url_of(place.host, port) + "/"}};
      command.prefix = place.prefix;
      const base::Result<Finished> finished = executor.run(command);
      return finished && finished->exit_code == 0 &&
             finished->out.find(kModule) != std::string::npos;
    };
    Server server;
    ROBOSYNC_ASSIGN(StartedOnPort started, start_on_free_port("rsync --daemon", start, answers));
    server.process = std::move(started.process);
    server.address = {.host = place.host, .port = started.port, .root = place.root};
    return server;
  }

 private:
  static std::string url_of(const std::string& host, int port) {
    return "rsync://" + host + ":" + std::to_string(port);
  }
  static std::string url(const ServerAddress& server, const std::string& path) {
    return url_of(server.host, server.port)
        .append("/")
        .append(kModule)
        .append("/")
        .append(path_at(server, path));
  }

  std::string path_;
};

}  // namespace

std::vector<std::string> rsync_flags(const Job& job) {
  std::vector<std::string> flags = {"-a"};
  if (job.verb == Verb::kMirror) flags.emplace_back("--delete");
  if (job.hard_links) flags.emplace_back("--hard-links");
  if (job.sparse) flags.emplace_back("--sparse");
  if (job.checksum) flags.emplace_back("--checksum");
  if (job.modify_window_s != 0) {
    flags.push_back("--modify-window=" + std::to_string(job.modify_window_s));
  }
  for (const std::string& pattern : job.excludes) flags.push_back("--exclude=" + pattern);
  return flags;
}

std::string rsync_source(const Job& job, const std::string& path) {
  return job.form == SourceForm::kContents ? path + "/" : path;
}

std::unique_ptr<ToolAdapter> make_rsync_adapter() { return std::make_unique<RsyncAdapter>(); }

}  // namespace robosync::parity
