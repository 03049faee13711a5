#include "engine/daemon/load.h"

#include <fmt/format.h>

#include <filesystem>

#include "engine/daemon/access.h"
#include "engine/daemon/sandbox.h"
#include "engine/daemon/system_check.h"
#include "engine/daemon/transport.h"
#include "engine/net/private_file.h"

namespace robosync::daemon {
namespace {

using base::ErrorKind;
using base::Result;

// Relative paths begin at the folder of the file that names them.
std::string resolved(const std::string& path, const LoadPlan& plan) {
  if (is_absolute_path(path)) return path;
  const auto folder = std::filesystem::path(plan.config_file).parent_path();
  return (folder / path).lexically_normal().string();
}

std::string join(std::string lines, const std::string& more) {
  if (!lines.empty() && !more.empty()) lines += '\n';
  return lines + more;
}

std::string bad_paths(const Config& config) {
  std::string out;
  for (const Module& module : config.modules) {
    std::error_code fault;
    const bool folder = std::filesystem::is_directory(module.path, fault);
    if (fault) {
      const base::Error error{ErrorKind::kIo, fault, module.path};
      out = join(out, fmt::format("modules.{}.path: {}", module.name, error.message()));
    } else if (!folder) {
      out = join(out, fmt::format("modules.{}.path: '{}' is no folder", module.name, module.path));
    }
  }
  return out;
}

// What is allowed, and may still not be what was meant.
std::vector<std::string> doubts(const Config& config) {
  std::vector<std::string> out;
  for (const Endpoint& endpoint : config.bind) {
    if (config.plaintext && !endpoint.address.is_loopback()) {
      out.push_back(
          fmt::format("{} is served without encryption: everybody on the way can read "
                      "and change what passes",
                      endpoint.text()));
    }
  }
  for (const Module& module : config.modules) {
    if (module.allow_anonymous_remote && !module.read_only) {
      out.push_back(
          fmt::format("modules.{}: anybody who reaches this daemon may write", module.name));
    }
    if (module.keep_owners &&
        !can_keep(module.read_only ? Powers::kReadAll : Powers::kKeepOwners)) {
      out.push_back(
          fmt::format("modules.{}.keep_owners: this process lacks the capabilities; "
                      "owners will not be kept",
                      module.name));
    }
  }
  return out;
}

Result<void> add_certificate(const Config& config, const LoadPlan& plan, Job& job) {
  if (config.plaintext) return {};
  if (!config.certificate_file.empty()) {
    job.certificate_file = resolved(config.certificate_file, plan);
    job.key_file = resolved(config.key_file, plan);
  } else {
    const std::string folder = state_path(config, plan);
    ROBOSYNC_ASSIGN(const CertificateFiles files, own_certificate(folder, plan.may_create));
    job.certificate_file = files.certificate;
    job.key_file = files.key;
    if (job.key_file.empty()) return {};  // check-config before the first start
  }
  if (!config.client_ca_file.empty()) job.client_ca_file = resolved(config.client_ca_file, plan);
  return check_certificate({job.certificate_file, job.key_file, job.client_ca_file});
}

Result<TokenTable> add_tokens(const Config& config, const LoadPlan& plan, Job& job) {
  const std::string path = tokens_path(config, plan);
  auto text = read_guarded_file(path);
  if (text) {
    job.tokens_text = std::move(*text);
  } else if (text.error().kind != ErrorKind::kNotFound) {
    return base::fail(std::move(text).error());
  }
  return TokenTable::parse(job.tokens_text, path);
}

}  // namespace

std::string state_path(const Config& config, const LoadPlan& plan) {
  return config.state_dir.empty() ? plan.default_state_dir : resolved(config.state_dir, plan);
}

std::string tokens_path(const Config& config, const LoadPlan& plan) {
  if (!config.tokens_file.empty()) return resolved(config.tokens_file, plan);
  return state_path(config, plan) + "/tokens.toml";
}

Result<std::string> read_guarded_file(const std::string& path) {
  return net::read_guarded_file(path, kConfigBytesMax);
}

Result<Loaded> load_daemon(const LoadPlan& plan) {
  Loaded out;
  out.job.config_text = plan.config_text;
  out.job.config_name = "command line";
  if (!plan.config_file.empty()) {
    out.job.config_name = plan.config_file;
    ROBOSYNC_ASSIGN(out.job.config_text, read_guarded_file(plan.config_file));
  }
  ROBOSYNC_ASSIGN(out.config, parse_config(out.job.config_text, out.job.config_name));
  ROBOSYNC_ASSIGN(const TokenTable tokens, add_tokens(out.config, plan, out.job));
  std::string wrong = join(unknown_users(out.config, tokens), bad_paths(out.config));
  if (!wrong.empty()) return base::fail(base::make_error(ErrorKind::kUsage, std::move(wrong)));
  ROBOSYNC_TRY(check_system(out.config));
  ROBOSYNC_TRY(add_certificate(out.config, plan, out.job));
  out.warnings = doubts(out.config);
  return out;
}

Result<void> add_token(const std::string& path, const Token& token) {
  std::error_code ignored;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(folder.parent_path(), ignored);
  static_cast<void>(net::ensure_private_folder(folder));  // what is wrong with it shows below
  // Two `token new` at once must not lose one of the tokens.
  ROBOSYNC_ASSIGN(const net::FileLock lock, net::lock_file(path + ".lock"));
  std::string text;
  if (auto there = read_guarded_file(path)) {
    text = std::move(*there);
  } else if (there.error().kind != ErrorKind::kNotFound) {
    return base::fail(std::move(there).error());
  }
  ROBOSYNC_ASSIGN(const TokenTable table, TokenTable::parse(text, path));
  if (table.find_name(token.name) != nullptr) {
    return base::fail(base::make_error(
        ErrorKind::kExists, fmt::format("there is a token '{}' in {}", token.name, path)));
  }
  text += token_text(token);
  ROBOSYNC_TRY(TokenTable::parse(text, path));
  return net::write_guarded_file(path, text);
}

}  // namespace robosync::daemon
