#include "engine/daemon/load_linux.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <optional>

#include "engine/base/random.h"
#include "engine/daemon/access.h"
#include "engine/daemon/accounts_posix.h"
#include "engine/daemon/descriptor_posix.h"
#include "engine/daemon/transport_posix.h"

namespace robosync::daemon {
namespace {

using base::ErrorKind;
using base::Result;

base::Error failed(std::string what) { return base::from_errno(errno, std::move(what)); }

Result<std::string> read_all(int fd, const std::string& path) {
  std::string out;
  std::array<char, 16 * 1024> buffer{};
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0) return base::fail(failed("read " + path));
    if (got == 0) return out;
    out.append(buffer.data(), static_cast<std::size_t>(got));
    if (out.size() > kConfigBytesMax) {
      return base::fail(base::make_error(
          ErrorKind::kLimit, fmt::format("{} is longer than {} bytes", path, kConfigBytesMax)));
    }
  }
}

// Relative paths begin at the folder of the file that names them.
std::string resolved(const std::string& path, const LoadPlan& plan) {
  if (path.starts_with('/')) return path;
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
    struct stat about{};
    if (::stat(module.path.c_str(), &about) != 0) {
      out =
          join(out, fmt::format("modules.{}.path: {}", module.name, failed(module.path).message()));
    } else if (!S_ISDIR(about.st_mode)) {
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
  return check_certificate({job.certificate_file, job.key_file});
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

Result<void> write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0) return base::fail(failed("write " + path));
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(fd) != 0) return base::fail(failed("write " + path));
  return {};
}

// Two `token new` at once must not lose one of the tokens.
Result<Descriptor> locked_folder(const std::string& path) {
  const std::string folder = std::filesystem::path(path).parent_path().string();
  Descriptor out(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!out) return base::fail(failed("open " + folder));
  if (::flock(out.get(), LOCK_EX) != 0) return base::fail(failed("lock " + folder));
  return out;
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
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!file) return base::fail(failed("open " + path));
  struct stat about{};
  if (::fstat(file.get(), &about) != 0) return base::fail(failed("read " + path));
  if (!S_ISREG(about.st_mode)) {
    return base::fail(base::make_error(ErrorKind::kInvalid, path + " is no regular file"));
  }
  if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return base::fail(base::make_error(
        ErrorKind::kPermission,
        path + " may be changed by others than its owner (chmod go-w): it decides who gets in"));
  }
  return read_all(file.get(), path);
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
  if (const auto accounts = plan_for_all(out.config); !accounts) {
    return base::fail(accounts.error());
  }
  ROBOSYNC_TRY(add_certificate(out.config, plan, out.job));
  out.warnings = doubts(out.config);
  return out;
}

Result<void> add_token(const std::string& path, const Token& token) {
  ROBOSYNC_ASSIGN(const Descriptor lock, locked_folder(path));
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
  const std::string staged = fmt::format("{}.{:016x}", path, base::random64());
  const Descriptor file(
      ::open(staged.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return base::fail(failed("create " + staged));
  auto written = write_all(file.get(), text, staged);
  if (written && ::rename(staged.c_str(), path.c_str()) != 0) {
    written = base::fail(failed("replace " + path));
  }
  if (!written) ::unlink(staged.c_str());
  return written;
}

}  // namespace robosync::daemon
