#include "engine/daemon/config.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/daemon/config_document.h"
#include "engine/daemon/config_reader.h"
#include "engine/tree/chmod.h"

namespace robosync::daemon {
namespace {

using Kind = ConfigValue::Kind;

bool is_alphanumeric(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
         (letter >= '0' && letter <= '9');
}

void read_networks(TableReader& reader, std::string_view key, std::vector<Network>& out) {
  for (const auto& [line, text] : reader.strings(key, kConfigListMax)) {
    const auto network = parse_network(text);
    if (network) {
      out.push_back(*network);
    } else {
      reader.problem(line, key, network.error().context);
    }
  }
}

void read_account(TableReader& reader, std::string_view key, std::optional<Account>& out) {
  const ConfigValue* value = reader.take_any(key);
  if (value == nullptr) return;
  if (value->kind == Kind::kInteger) {
    std::uint64_t id = 0;
    if (reader.integer(key, 0, kAccountIdMax, id)) {
      out = Account{"", static_cast<std::uint32_t>(id)};
    }
    return;
  }
  std::string name;
  if (reader.string(key, name)) out = Account{name, 0};
}

void read_users(TableReader& reader, Module& module, ConfigProblems& problems) {
  const ConfigValue* table = reader.take("users", Kind::kTable);
  if (table == nullptr) return;
  if (table->entries.size() > kConfigListMax) {
    reader.problem(table->line, "users", fmt::format("has more than {} entries", kConfigListMax));
    return;
  }
  TableReader users(*table, reader.full_key("users"), problems);
  for (const auto& [name, value] : table->entries) {
    if (!is_module_name(name)) {
      users.problem(value.line, name, "is no token name (letters, digits, '.', '_', '-')");
      continue;
    }
    std::size_t right = 0;
    if (!users.choice(name, {"read", "write", "delete"}, right)) continue;
    const auto given = static_cast<Right>(right);
    // Said and not meant, or meant and not said: either way somebody would be surprised.
    if (given >= Right::kWrite && module.read_only) {
      users.problem(value.line, name, "cannot write: the module is read_only");
    } else if (given == Right::kDelete && !module.allow_delete) {
      users.problem(value.line, name, "cannot delete: the module lacks allow_delete");
    } else {
      module.users.emplace(name, given);
    }
  }
  if (table->entries.empty()) {
    reader.problem(table->line, "users", "is empty: leave it out to serve without tokens");
  }
}

void read_filters(TableReader& reader, Module& module) {
  using Form = tree::FilterArgument::Form;
  const auto refuse_files = [](const std::string&) -> base::Result<std::string> {
    return base::fail(
        base::make_error(base::ErrorKind::kUsage, "rules of files are not read here"));
  };
  const std::pair<std::string_view, Form> forms[] = {
      {"filter", Form::kRule}, {"include", Form::kInclude}, {"exclude", Form::kExclude}};
  for (const auto& [key, form] : forms) {
    for (const auto& [line, text] : reader.strings(key, kConfigListMax)) {
      tree::FilterArgument argument{form, text};
      const auto compiled = tree::FilterScope::compile({argument}, refuse_files);
      if (!compiled) {
        reader.problem(line, key, compiled.error().message());
      } else if (!(*compiled)->merge_file_names().empty()) {
        // Whoever may write such a file would write the rules.
        reader.problem(line, key, "rules of files in the module are not read");
      } else {
        module.filters.push_back(std::move(argument));
      }
    }
  }
}

void check_chmod(TableReader& reader, const Module& module, unsigned line) {
  if (module.chmod.empty()) return;
  const auto change = tree::ModeChange::parse(module.chmod);
  if (!change) reader.problem(line, "chmod", change.error().message());
}

Module read_module(const std::string& name, const ConfigValue& table, ConfigProblems& problems) {
  Module module;
  module.name = name;
  TableReader reader(table, "modules." + name, problems);
  const ConfigValue* path = reader.take_any("path");
  if (path == nullptr) {
    reader.problem(table.line, "path", "is missing");
  } else if (reader.string("path", module.path) && !is_absolute_path(module.path)) {
    reader.problem(path->line, "path", "must be absolute");
  }
  reader.string("comment", module.comment);
  reader.boolean("read_only", module.read_only);
  reader.boolean("allow_delete", module.allow_delete);
  if (module.allow_delete && module.read_only) {
    reader.problem(reader.take_any("allow_delete")->line, "allow_delete",
                   "needs read_only = false");
  }
  reader.boolean("allow_anonymous_remote", module.allow_anonymous_remote);
  reader.integer("connections_max", 0, kConnectionsMax, module.connections_max);
  read_users(reader, module, problems);
  if (module.allow_anonymous_remote && reader.take_any("users") != nullptr) {
    reader.problem(reader.take_any("allow_anonymous_remote")->line, "allow_anonymous_remote",
                   "contradicts users: with users, nobody is anonymous");
  }
  read_networks(reader, "hosts_allow", module.hosts_allow);
  read_networks(reader, "hosts_deny", module.hosts_deny);
  read_filters(reader, module);
  std::size_t symlinks = 0;
  if (reader.choice("symlinks", {"safe", "keep", "skip"}, symlinks)) {
    module.symlinks = static_cast<SymlinkPolicy>(symlinks);
  }
  reader.boolean("keep_owners", module.keep_owners);
  read_account(reader, "uid", module.uid);
  read_account(reader, "gid", module.gid);
  if (reader.string("chmod", module.chmod)) {
    check_chmod(reader, module, reader.take_any("chmod")->line);
  }
  reader.finish();
  return module;
}

void read_modules(TableReader& root, Config& config, ConfigProblems& problems) {
  const ConfigValue* table = root.take("modules", Kind::kTable);
  if (table == nullptr || table->entries.empty()) {
    root.problem(table == nullptr ? 1 : table->line, "modules",
                 "there is none: nothing would be served");
    return;
  }
  if (table->entries.size() > kModulesMax) {
    root.problem(table->line, "modules", fmt::format("has more than {} entries", kModulesMax));
    return;
  }
  for (const auto& [name, value] : table->entries) {
    if (!is_module_name(name)) {
      root.problem(value.line, "modules." + name,
                   fmt::format("is no module name (letters, digits, '.', '_', '-'; at most {})",
                               kModuleNameBytesMax));
    } else if (value.kind != Kind::kTable) {
      root.problem(value.line, "modules." + name,
                   fmt::format("must be a table, is {}", to_string(value.kind)));
    } else {
      config.modules.push_back(read_module(name, value, problems));
      if (config.plaintext && !config.modules.back().users.empty()) {
        root.problem(value.line, "modules." + name + ".users",
                     "need TLS: a token is proven on an encrypted connection only");
      }
    }
  }
}

void read_bind(TableReader& root, Config& config) {
  std::uint64_t port = kDefaultPort;
  root.integer("port", 0, 65535, port);
  const bool given = root.take_any("bind") != nullptr;
  for (const auto& [line, text] : root.strings("bind", kBindAddressesMax)) {
    const auto endpoint = parse_endpoint(text, static_cast<std::uint16_t>(port));
    if (!endpoint) {
      root.problem(line, "bind", endpoint.error().context);
    } else if (std::ranges::find(config.bind, *endpoint) != config.bind.end() &&
               endpoint->port != 0) {
      root.problem(line, "bind", fmt::format("'{}' is there twice", text));
    } else {
      config.bind.push_back(*endpoint);
    }
  }
  if (given) {
    const ConfigValue* list = root.take_any("bind");
    if (list->kind == Kind::kArray && list->items.empty()) {
      root.problem(list->line, "bind", "is empty: leave it out for the loopback addresses");
    }
    return;
  }
  config.bind.push_back({parse_address("127.0.0.1").value(), static_cast<std::uint16_t>(port)});
  config.bind.push_back({parse_address("::1").value(), static_cast<std::uint16_t>(port)});
}

void read_limits(TableReader& root, Limits& limits, ConfigProblems& problems) {
  const ConfigValue* table = root.take("limits", Kind::kTable);
  if (table == nullptr) return;
  TableReader reader(*table, "limits", problems);
  const auto seconds = [&](std::string_view key, std::uint64_t min, std::uint64_t max,
                           std::chrono::seconds& out) {
    std::uint64_t value = 0;
    if (reader.integer(key, min, max, value)) out = std::chrono::seconds(value);
  };
  reader.integer("connections_max", 1, kConnectionsMax, limits.connections_max);
  reader.integer("connections_per_address_max", 1, kConnectionsMax,
                 limits.connections_per_address_max);
  seconds("handshake_timeout_s", 1, kHandshakeTimeoutMaxSeconds, limits.handshake_timeout);
  seconds("idle_timeout_s", 1, kIdleTimeoutMaxSeconds, limits.idle_timeout);
  seconds("stall_timeout_s", 1, kStallTimeoutMaxSeconds, limits.stall_timeout);
  seconds("grace_s", 0, kGraceMaxSeconds, limits.grace);
  reader.integer("worker_memory_mib", 0, kWorkerMemoryMaxMib, limits.worker_memory_mib);
  if (limits.worker_memory_mib != 0 && limits.worker_memory_mib < kWorkerMemoryMinMib) {
    reader.problem(reader.take_any("worker_memory_mib")->line, "worker_memory_mib",
                   fmt::format("must be 0 (no limit) or at least {}", kWorkerMemoryMinMib));
  }
  reader.integer("worker_open_files", kWorkerOpenFilesMin, kWorkerOpenFilesMax,
                 limits.worker_open_files);
  reader.finish();
}

void read_log(TableReader& root, Config& config, ConfigProblems& problems) {
  const ConfigValue* table = root.take("log", Kind::kTable);
  if (table == nullptr) return;
  TableReader reader(*table, "log", problems);
  std::size_t index = 0;
  if (reader.choice("level", {"error", "warning", "info", "debug"}, index)) {
    config.log_level = static_cast<LogLevel>(index);
  }
  if (reader.choice("format", {"text", "json"}, index)) {
    config.log_format = static_cast<LogFormat>(index);
  }
  reader.finish();
}

void read_metrics(TableReader& root, Config& config, ConfigProblems& problems) {
  const ConfigValue* table = root.take("metrics", Kind::kTable);
  if (table == nullptr) return;
  TableReader reader(*table, "metrics", problems);
  bool allow_remote = false;
  reader.boolean("allow_remote", allow_remote);
  std::string bind;
  if (reader.take_any("bind") == nullptr) {
    reader.problem(table->line, "bind", "is missing");
  } else if (reader.string("bind", bind)) {
    const unsigned line = reader.take_any("bind")->line;
    const bool has_port =
        bind.find("]:") != std::string::npos || std::ranges::count(bind, ':') == 1;
    const auto endpoint = parse_endpoint(bind, 0);
    if (!endpoint) {
      reader.problem(line, "bind", endpoint.error().context);
    } else if (!has_port) {
      reader.problem(line, "bind", "needs a port (ADDRESS:PORT)");
    } else if (!endpoint->address.is_loopback() && !allow_remote) {
      reader.problem(line, "bind",
                     "is not a loopback address; anybody who reaches it reads the metrics "
                     "(allow_remote = true if that is meant)");
    } else {
      config.metrics = *endpoint;
    }
  }
  reader.finish();
}

void read_tls(TableReader& root, Config& config, ConfigProblems& problems) {
  const ConfigValue* table = root.take("tls", Kind::kTable);
  if (table == nullptr) return;
  TableReader reader(*table, "tls", problems);
  reader.string("certificate", config.certificate_file);
  reader.string("key", config.key_file);
  reader.string("client_ca", config.client_ca_file);
  if ((reader.take_any("certificate") == nullptr) != (reader.take_any("key") == nullptr)) {
    const bool has_key = reader.take_any("key") != nullptr;
    reader.problem(table->line, has_key ? "certificate" : "key",
                   fmt::format("is missing beside {}", has_key ? "key" : "certificate"));
  }
  if (config.plaintext) {
    reader.problem(table->line, "", "contradicts plaintext = true");
  }
  reader.finish();
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') {
      out += '\\';
      out += byte;
    } else if (code < 0x20 || code == 0x7f) {
      out += fmt::format("\\u{:04x}", code);
    } else {
      out += byte;
    }
  }
  return out + '"';
}

}  // namespace

const Module* Config::find_module(std::string_view name) const {
  const auto found = std::ranges::find(modules, name, &Module::name);
  return found == modules.end() ? nullptr : &*found;
}

bool is_module_name(std::string_view name) {
  return !name.empty() && name.size() <= kModuleNameBytesMax && is_alphanumeric(name.front()) &&
         std::ranges::all_of(name, [](char letter) {
           return is_alphanumeric(letter) || letter == '.' || letter == '_' || letter == '-';
         });
}

base::Result<Config> parse_config(std::string_view text, std::string_view file_name) {
  ROBOSYNC_ASSIGN(const ConfigValue document, parse_document(text, file_name));
  ConfigProblems problems(file_name);
  TableReader root(document, "", problems);
  Config config;
  read_bind(root, config);
  root.boolean("plaintext", config.plaintext);
  root.string("state_dir", config.state_dir);
  root.string("tokens_file", config.tokens_file);
  std::size_t sandbox = 0;
  if (root.choice("sandbox", {"best", "require", "off"}, sandbox)) {
    config.sandbox = static_cast<SandboxPolicy>(sandbox);
  }
  read_tls(root, config, problems);
  read_limits(root, config.limits, problems);
  read_log(root, config, problems);
  read_metrics(root, config, problems);
  read_modules(root, config, problems);
  root.finish();
  if (!problems.empty()) {
    return base::fail(base::make_error(base::ErrorKind::kUsage, problems.text()));
  }
  return config;
}

base::Result<std::string> config_text(const QuickStart& options) {
  std::string_view root = options.root;
  while (root.size() > 1 && root.ends_with('/')) root.remove_suffix(1);
  std::string name(root.substr(root.find_last_of('/') + 1));
  name.resize(std::min(name.size(), kModuleNameBytesMax));
  for (char& letter : name) {
    if (!is_module_name(std::string("a") + letter)) letter = '_';
  }
  if (name.empty()) name = "root";
  if (!is_alphanumeric(name.front())) name.front() = 'm';
  std::string text = fmt::format(
      "bind = [{}]\nplaintext = {}\n[modules.{}]\npath = {}\nread_only = {}\nallow_delete = {}\n",
      quoted(options.bind), options.plaintext, quoted(name), quoted(root), !options.writable,
      options.allow_delete);
  if (options.uid) text += fmt::format("uid = {}\n", options.uid->id);
  if (options.gid) text += fmt::format("gid = {}\n", options.gid->id);
  // One way through: what the words cannot say (names that are not UTF-8) is found here.
  ROBOSYNC_TRY(parse_config(text, "command line"));
  return text;
}

}  // namespace robosync::daemon
