#include "harness/run/private_sshd.h"

#include <fstream>
#include <utility>

#include "harness/run/free_port.h"
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

}  // namespace

std::string sshd_obstacle() {
  for (const char* program : {"ssh", "ssh-keygen", "sshd"}) {
    if (!find_program(program).empty()) continue;
    return std::string(program) + " is not installed (packages openssh-client and openssh-server)";
  }
  return {};
}

base::Result<Server> start_sshd(const ServerPlace& place, Executor& executor) {
  if (!place.shell.empty()) {
    return Server{.address = {.host = place.host,
                              .root = place.root,
                              .shell = place.shell,
                              .programs = place.programs}};
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
    Command command{.words = {"sh", "-c", shell_of(address) + " " + place.host + " true"}};
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

std::string shell_of(const ServerAddress& server) {
  if (!server.shell.empty()) return server.shell;
  return "ssh -p " + std::to_string(server.port) + " -i " + server.identity +
         " -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=no -o "
         "UserKnownHostsFile=/dev/null -o LogLevel=ERROR";
}

}  // namespace robosync::parity
