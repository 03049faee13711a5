#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "harness/run/adapters.h"
#include "harness/run/free_port.h"
#include "harness/run/private_sshd.h"
#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

constexpr std::string_view kFairness =
    "its defaults keep content, links, modes, owners and times to the nanosecond, as rsync -a "
    "does; no durability is asked of any tool";

constexpr std::string_view kModule = "tree";

// How a push or pull is carried.
enum class Transport : std::uint8_t { kPlain, kTls, kSsh };

constexpr std::string_view kPlainFlags =
    "copy --quiet; mirror --quiet --yes; robosyncd without encryption on push and pull";
constexpr std::string_view kTlsFlags =
    "copy --quiet; mirror --quiet --yes; robosyncd with TLS 1.3 on push and pull";
constexpr std::string_view kSshFlags =
    "copy --quiet -e ssh; mirror --quiet --yes -e ssh; a private sshd with keys of its own";

struct Account {
  std::string uid;
  std::string gid;
};

// Everything that is named stays in the server's own directory. It serves as whoever runs the
// harness, as rsync's daemon does, and keeps owners where that is root.
std::string daemon_configuration(const ServerPlace& place, int port, const Account& account,
                                 bool plain) {
  std::string text = "bind = [\"" + place.host + ":" + std::to_string(port) + "\"]\n" +
                     (plain ? "plaintext = true\n" : "") + "state_dir = \"" + place.scratch +
                     "\"\n[modules.";
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
  RobosyncAdapter(std::string program, Transport transport)
      : program_(std::move(program)), transport_(transport) {}

  std::string name() const override {
    if (transport_ == Transport::kPlain) return "robosync";
    return transport_ == Transport::kTls ? "robosync-tls" : "robosync-ssh";
  }

  Tool probe(Executor& executor, const std::string& /*scratch*/) override {
    Tool tool{.name = name()};
    tool.flags = transport_ == Transport::kPlain ? kPlainFlags
                 : transport_ == Transport::kTls ? kTlsFlags
                                                 : kSshFlags;
    tool.fairness = kFairness;
    if (transport_ != Transport::kPlain) tool.fairness += "; to be compared with rsync over ssh";
    probe_version(tool, executor, program_, "--version");
    path_ = tool.path;
    if (!tool.available) return tool;
    if (transport_ == Transport::kSsh) {
      far_reason_ = sshd_obstacle();
    } else {
      daemon_ = find_program((std::filesystem::path(path_).parent_path() / "robosyncd").string());
      far_reason_ = daemon_.empty() ? "there is no robosyncd beside " + path_ : "";
    }
    if (transport_ == Transport::kPlain) return tool;
    tool.reason = far_reason_;
    tool.available = tool.reason.empty();
    return tool;
  }

  base::Result<Command> command(const Job& job) const override {
    if (const std::string reason = unavailable(job.route, Phase::kFirst); !reason.empty()) {
      return base::fail(base::make_error(base::ErrorKind::kUnsupported, reason));
    }
    Command command{.words = {path_}};
    std::vector<std::string>& words = command.words;
    if (job.verb == Verb::kMirror) {
      words.insert(words.end(), {"mirror", "--quiet", "--yes"});
    } else {
      words.insert(words.end(), {"copy", "--quiet"});
    }
    add_options(job, words);
    if (job.route != Route::kLocal) add_transport(job.server, words);
    const std::string source = job.route == Route::kPull ? far(job.server, job.source) : job.source;
    words.push_back(job.form == SourceForm::kContents ? source + "/" : source);
    words.push_back(job.route == Route::kPush ? far(job.server, job.target) : job.target);
    return command;
  }

  std::string unavailable(Route route, Phase /*phase*/) const override {
    if (route != Route::kLocal) return far_reason_;
    return transport_ == Transport::kPlain ? "" : "how it is carried matters on push and pull only";
  }

  bool reaches_by_shell() const override { return transport_ == Transport::kSsh; }

  base::Result<Server> start_server(const ServerPlace& place, Executor& executor) const override {
    if (transport_ == Transport::kSsh) return start_sshd(place, executor);
    ROBOSYNC_ASSIGN(const std::string uid, output_of(executor, {"id", "-u"}));
    ROBOSYNC_ASSIGN(const std::string gid, output_of(executor, {"id", "-g"}));
    const std::string file = place.scratch + "/robosyncd.toml";
    ServerAddress address{.host = place.host, .root = place.root};
    const auto start = [&](int port) -> base::Result<std::unique_ptr<Background>> {
      std::ofstream(file) << daemon_configuration(place, port, {uid, gid},
                                                  transport_ == Transport::kPlain);
      Command command{.words = {daemon_, "--config", file}};
      command.prefix = place.prefix;
      return executor.start(command);
    };
    const auto answers = [&](int port) {
      address.port = port;
      if (transport_ == Transport::kTls) {
        auto shown = output_of(executor, {daemon_, "fingerprint", "--config", file});
        if (!shown) return false;
        address.fingerprint = std::move(*shown);
      }
      Command command{.words = {path_, "ls"}};
      add_transport(address, command.words);
      command.words.push_back(module_url(address));
      command.prefix = place.prefix;
      const base::Result<Finished> finished = executor.run(command);
      return finished && finished->exit_code == 0;
    };
    Server server;
    ROBOSYNC_ASSIGN(StartedOnPort started, start_on_free_port("robosyncd", start, answers));
    server.process = std::move(started.process);
    address.port = started.port;
    server.address = std::move(address);
    return server;
  }

 private:
  static void add_options(const Job& job, std::vector<std::string>& words) {
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
  }

  void add_transport(const ServerAddress& server, std::vector<std::string>& words) const {
    if (transport_ == Transport::kTls) {
      words.insert(words.end(), {"--tls-fingerprint", server.fingerprint});
    } else if (transport_ == Transport::kSsh) {
      const std::string there =
          server.programs.empty()
              ? path_
              : server.programs + "/" + std::filesystem::path(path_).filename().string();
      words.insert(words.end(), {"--rsh", shell_of(server), "--remote-program", there});
    }
  }

  std::string module_url(const ServerAddress& server) const {
    const std::string scheme = transport_ == Transport::kTls ? "robosync://" : "robosync+tcp://";
    return scheme + server.host + ":" + std::to_string(server.port) + "/" + std::string(kModule);
  }

  std::string far(const ServerAddress& server, const std::string& path) const {
    if (transport_ == Transport::kSsh) return server.host + ":" + path;
    return module_url(server).append("/").append(path_at(server, path));
  }

  static base::Result<std::string> output_of(Executor& executor, std::vector<std::string> words) {
    ROBOSYNC_ASSIGN(const Finished finished, executor.run({.words = std::move(words)}));
    if (finished.exit_code == 0) return first_line(finished.out);
    return base::fail(base::make_error(base::ErrorKind::kIo, first_line(finished.err)));
  }

  std::string program_;
  Transport transport_;
  std::string path_;
  std::string daemon_;
  std::string far_reason_ = "robosync has not been found yet";
};

}  // namespace

std::unique_ptr<ToolAdapter> make_robosync_adapter(const AdapterSettings& settings) {
  return std::make_unique<RobosyncAdapter>(settings.robosync, Transport::kPlain);
}

std::unique_ptr<ToolAdapter> make_robosync_tls_adapter(const AdapterSettings& settings) {
  return std::make_unique<RobosyncAdapter>(settings.robosync, Transport::kTls);
}

std::unique_ptr<ToolAdapter> make_robosync_ssh_adapter(const AdapterSettings& settings) {
  return std::make_unique<RobosyncAdapter>(settings.robosync, Transport::kSsh);
}

}  // namespace robosync::parity
