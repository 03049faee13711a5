#include "cli/robosyncd_command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <utility>

namespace robosync::cli {
namespace {

base::Error usage(const std::string& text) {
  return base::make_error(base::ErrorKind::kUsage, text);
}

struct Parser {
  CLI::App app{"Serves folders to robosync: robosyncd --root DIR, or --config FILE", "robosyncd"};
  DaemonCommand command;
  CLI::App* check = nullptr;
  CLI::App* token = nullptr;
  CLI::App* token_new = nullptr;
  CLI::App* fingerprint = nullptr;
  CLI::App* worker = nullptr;
  CLI::App* service = nullptr;
  CLI::Option* config = nullptr;
  CLI::Option* root = nullptr;
  std::vector<CLI::Option*> quick;

  Parser() {
    app.set_help_flag("-h,--help", "show this");
    app.set_version_flag("-V,--version", "version");
    config = app.add_option("--config", command.config_file,
                            "what to serve, and to whom [" + default_daemon_config() + "]");
    root = app.add_option("--root", command.root,
                          "serve this folder as a module called after it, read-only");
    quick = {app.add_option("--bind", command.bind, "ADDRESS[:PORT] to listen on, with --root")
                 ->capture_default_str(),
             app.add_flag("--writable", command.writable, "clients may write, with --root"),
             app.add_flag("--allow-delete", command.allow_delete, "and delete, with --writable"),
             app.add_flag("--plaintext", command.plaintext, "no TLS, with --root")};
    check = app.add_subcommand("check-config", "tell what is wrong with FILE, and end");
    check->add_option("FILE,--config", command.config_file, "the file to check");
    token = app.add_subcommand("token", "tokens by which users are known");
    token->require_subcommand(1);
    token_new = token->add_subcommand("new", "make a token, print it once, keep its verifier");
    token_new->add_option("NAME", command.token_name, "what modules call its owner")->required();
    token_new->add_option("--config", command.config_file, "whose tokens file");
    fingerprint = app.add_subcommand("fingerprint", "print the fingerprint that clients compare");
    fingerprint->add_option("--config", command.config_file, "whose certificate");
    worker = app.add_subcommand("worker", "")->group("");  // hidden: people do not start it
    if (has_services()) add_service();
    app.require_subcommand(0, 1);
    app.allow_windows_style_options(false);
  }

  void add_service() {
    service = app.add_subcommand("service", "run by Windows, from start-up on");
    service->require_subcommand(1);
    const std::array<std::pair<const char*, const char*>, 5> actions = {
        {{"install", "have Windows start it, with FILE"},
         {"uninstall", "have Windows forget it"},
         {"start", "start it now"},
         {"stop", "stop it, after its sessions or their time of grace"},
         {"run", "what Windows starts"}}};
    for (std::size_t i = 0; i < actions.size(); ++i) {
      CLI::App* action = service->add_subcommand(actions.at(i).first, actions.at(i).second);
      action->add_option("--config", command.config_file, "what to serve, and to whom");
      action->callback([this, i] { command.service = static_cast<ServiceAction>(i); });
    }
  }

  [[nodiscard]] DaemonCommand::Verb verb() const {
    if (service != nullptr && service->parsed()) return DaemonCommand::Verb::kService;
    if (check->parsed()) return DaemonCommand::Verb::kCheckConfig;
    if (token_new->parsed()) return DaemonCommand::Verb::kTokenNew;
    if (fingerprint->parsed()) return DaemonCommand::Verb::kFingerprint;
    if (worker->parsed()) return DaemonCommand::Verb::kWorker;
    return DaemonCommand::Verb::kServe;
  }

  // What contradicts itself, or "".
  [[nodiscard]] std::string contradiction() const {
    for (const CLI::Option* option : quick) {
      if (option->count() > 0 && root->count() == 0) {
        return option->get_name() + " goes with --root; with --config the file says it";
      }
    }
    if (root->count() > 0 && !command.config_file.empty()) {
      return "--root and --config exclude each other";
    }
    if (root->count() > 0 && command.root.empty()) return "--root: needs a folder";
    if (command.allow_delete && !command.writable) return "--allow-delete goes with --writable";
    return {};
  }
};

}  // namespace

base::Result<DaemonCommand> parse_daemon_command(const std::vector<std::string>& words) {
  Parser parser;
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    parser.app.parse(std::move(reversed));
  } catch (const CLI::CallForHelp&) {
    parser.command.verb = DaemonCommand::Verb::kHelp;
    parser.command.text = parser.app.help();
    return parser.command;
  } catch (const CLI::CallForVersion&) {
    parser.command.verb = DaemonCommand::Verb::kVersion;
    return parser.command;
  } catch (const CLI::ParseError& fault) {
    return base::fail(usage(fault.what()));
  }
  if (const std::string wrong = parser.contradiction(); !wrong.empty()) {
    return base::fail(usage(wrong));
  }
  parser.command.verb = parser.verb();
  if (parser.command.config_file.empty() && parser.command.root.empty()) {
    parser.command.config_file = default_daemon_config();
  }
  return parser.command;
}

}  // namespace robosync::cli
