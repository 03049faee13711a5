#include <fstream>
#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/free_port.h"
#include "harness/run/rsync_words.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

// A server for this run only: its own keys, nobody else's configuration.
std::string sshd_configuration(const ServerPlace& place, int port) {
  return "Port " + std::to_string(port) + "\nListenAddress " + place.host + "\nHostKey " +
         place.scratch + "/host_key\nAuthorizedKeysFile " + place.scratch +
         "/user_key.pub\nPidFile none\nStrictModes no\nPasswordAuthentication no\n"
         "PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n";
}

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
    for (const char* program : {"ssh", "ssh-keygen", "sshd"}) {
      if (!find_program(program).empty()) continue;
      tool.available = false;
      tool.reason = std::string(program) +
                    " is not installed (packages openssh-client and "
                    "openssh-server)";
      return tool;
    }
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    if (job.route == Route::kLocal) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported, unavailable_locally()));
    }
    Command command{.words = {path_}};
    for (std::string& flag : rsync_flags(job)) command.words.push_back(std::move(flag));
    command.words.emplace_back("-e");
    command.words.push_back(ssh(job.server));
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
    if (!place.shell.empty()) {
      return Server{.address = {.host = place.host, .root = place.root, .shell = place.shell}};
    }
    for (const char* key : {"host_key", "user_key"}) {
      ROBOSYNC_ASSIGN(const Finished made,
                      executor.run({.words = {"ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                                              place.scratch + "/" + key}}));
      if (made.exit_code != 0) {
        return base::fail(
            base::make_error(base::ErrorKind::kIo, "ssh-keygen: " + first_line(made.err)));
      }
    }
    // sshd wants this folder to be there, empty; on many systems only its service makes it.
    if (!executor.run({.words = {"mkdir", "-p", "-m", "0755", "/run/sshd"}})) {
      return base::fail(base::make_error(base::ErrorKind::kIo, "make /run/sshd"));
    }
    const auto start = [&](int port) -> base::Result<std::unique_ptr<Background>> {
      const std::string file = place.scratch + "/sshd_config";
      std::ofstream(file) << sshd_configuration(place, port);
      Command command{.words = {find_program("sshd"), "-D", "-e", "-f", file}};
      command.prefix = place.prefix;
      return executor.start(command);
    };
    ServerAddress address{
        .host = place.host, .root = place.root, .identity = place.scratch + "/user_key"};
    const auto answers = [&](int port) {
      address.port = port;
      Command command{.words = {"sh", "-c", ssh(address) + " " + place.host + " true"}};
      command.prefix = place.prefix;
      const base::Result<Finished> finished = executor.run(command);
      return finished && finished->exit_code == 0;
    };
    Server server;
    ROBOSYNC_ASSIGN(StartedOnPort started, start_on_free_port("sshd", start, answers));
    server.process = std::move(started.process);
    address.port = started.port;
    server.address = address;
    return server;
  }

 private:
  static std::string unavailable_locally() { return "rsync over ssh is for push and pull"; }

  // One word for rsync's -e, which splits it itself.
  static std::string ssh(const ServerAddress& server) {
    if (!server.shell.empty()) return server.shell;
    return "ssh -p " + std::to_string(server.port) + " -i " + server.identity +
           " -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no -o "
           "UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
  }

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
