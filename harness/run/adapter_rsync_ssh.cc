#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/private_sshd.h"
#include "harness/run/rsync_words.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

class RsyncSshAdapter : public ToolAdapter {
 public:
  std::string name() const override { return "rsync-ssh"; }

  Tool probe(Executor& executor, const std::string& /*scratch*/) override {
    Tool tool{.name = name()};
    tool.flags = "-a -e ssh; -a --delete -e ssh; a private sshd with keys of its own";
    tool.fairness = kRsyncFairness;
    tool.fairness.append("; to be compared with what is encrypted; the cipher is ssh's default");
    probe_version(tool, executor, "rsync", "--version");
    path_ = tool.path;
    if (!tool.available) return tool;
    tool.reason = sshd_obstacle();
    tool.available = tool.reason.empty();
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    if (job.route == Route::kLocal) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported, unavailable_locally()));
    }
    Command command{.words = {path_}};
    for (std::string& flag : rsync_flags(job)) command.words.push_back(std::move(flag));
    command.words.emplace_back("-e");
    command.words.push_back(shell_of(job.server));
    const bool pull = job.route == Route::kPull;
    command.words.push_back(rsync_source(job, pull ? far(job.server, job.source) : job.source));
    command.words.push_back((pull ? job.target : far(job.server, job.target)) + "/");
    return command;
  }

  std::string unavailable(Route route, Phase /*phase*/) const override {
    return route == Route::kLocal ? unavailable_locally() : "";
  }

  bool reaches_by_shell() const override { return true; }

  base::Result<Server> start_server(const ServerPlace& place, Executor& executor) const override {
    return start_sshd(place, executor);
  }

 private:
  static std::string unavailable_locally() { return "rsync over ssh is for push and pull"; }

  static std::string far(const ServerAddress& server, const std::string& path) {
    return server.host + ":" + path;
  }

  std::string path_;
};

}  // namespace

std::unique_ptr<ToolAdapter> make_rsync_ssh_adapter() {
  return std::make_unique<RsyncSshAdapter>();
}

}  // namespace robosync::parity
