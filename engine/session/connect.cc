#include <filesystem>
#include <utility>

#include "engine/net/child_process.h"
#include "engine/net/known_hosts.h"
#include "engine/net/socket.h"
#include "engine/net/tls.h"
#include "engine/net/token.h"
#include "engine/session/connect.h"
#include "engine/session/user_folder.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

// The stream of a command, which ends with it.
class CommandStream final : public net::Stream {
 public:
  explicit CommandStream(net::ChildProcess child) : child_(std::move(child)) {}

  Result<std::size_t> read_some(std::span<std::byte> out) override {
    return child_.stream().read_some(out);
  }
  Result<void> write(std::span<const std::span<const std::byte>> pieces) override {
    return child_.stream().write(pieces);
  }
  Result<void> finish() override { return child_.stream().finish(); }
  void abort() override { child_.stream().abort(); }
  void set_no_progress_time(std::chrono::milliseconds time) override {
    child_.stream().set_no_progress_time(time);
  }
  std::string peer() const override { return "command"; }
  // What the command does with the bytes is its own affair: ours are protected by checksums.
  bool is_secure() const override { return false; }
  std::string channel_binding() const override { return {}; }

 private:
  mutable net::ChildProcess child_;
};

// "robosync/known_hosts" in the folder of the user's configuration; the folders are made.
Result<std::filesystem::path> known_hosts_file(const RemoteSettings& settings) {
  if (!settings.known_hosts_file.empty()) return settings.known_hosts_file;
  std::filesystem::path folder = user_config_folder();
  if (folder.empty()) {
    return fail(make_error(ErrorKind::kUsage,
                           "there is no home folder to remember servers in; say --known-hosts, "
                           "--tls-ca or --tls-fingerprint"));
  }
  folder /= "robosync";
  std::error_code code;
  std::filesystem::create_directories(folder, code);
  if (!code) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all, code);
  }
  if (code) return fail(base::Error{ErrorKind::kIo, code, "cannot make " + folder.string()});
  return folder / "known_hosts";
}

// Sets `asked` once the user has said yes.
net::FirstUse first_use(const RemoteSettings& settings, bool& asked) {
  return [trusts = settings.trusts, &asked](const std::string& host,
                                            const std::string& fingerprint) -> Result<void> {
    if (trusts && trusts(host, fingerprint)) {
      asked = true;
      return {};
    }
    return fail(
        make_error(ErrorKind::kRefused, host + " is not known yet; its key is " + fingerprint +
                                            ". If that is right, say --tls-fingerprint " +
                                            fingerprint + ", or connect from a terminal once"));
  };
}

Result<net::StreamPtr> over_tls(net::StreamPtr below, const net::Address& server,
                                const RemoteSettings& settings,
                                const base::Cancellation& cancellation, bool& asked) {
  net::TlsClientOptions options;
  options.cancellation = &cancellation;
  options.host = server.host;
  options.handshake_time = settings.connect_time;
  options.identity = {settings.certificate_file, settings.key_file};
  std::optional<net::KnownHosts> known;
  if (!settings.ca_file.empty()) {
    if (settings.ca_file != "system") options.ca_file = settings.ca_file;
  } else if (!settings.fingerprint.empty()) {
    options.pin = [&](const std::string& fingerprint) -> Result<void> {
      if (fingerprint == settings.fingerprint) return {};
      return fail(make_error(ErrorKind::kRefused, server.text() + " has another key than " +
                                                      settings.fingerprint + ": " + fingerprint));
    };
  } else {
    ROBOSYNC_ASSIGN(const std::filesystem::path file, known_hosts_file(settings));
    known.emplace(file);
    options.pin = known->pin_for(server, first_use(settings, asked));
  }
  ROBOSYNC_ASSIGN(net::TlsStreamPtr stream, net::tls_client(std::move(below), options));
  return net::StreamPtr(std::move(stream));
}

Result<net::StreamPtr> over_tcp(const Location& location, const RemoteSettings& settings,
                                const base::Cancellation& cancellation) {
  net::ConnectOptions options;
  options.connect_time = settings.connect_time;
  bool asked = false;
  const auto connected = [&]() -> Result<net::StreamPtr> {
    ROBOSYNC_ASSIGN(net::StreamPtr stream,
                    net::connect_tcp(location.server, options, cancellation));
    if (location.carrier != Location::Carrier::kTls) return stream;
    return over_tls(std::move(stream), location.server, settings, cancellation, asked);
  };
  auto stream = connected();
  // The server did not wait for the user's answer as long as the user may have taken.
  return asked ? connected() : std::move(stream);
}

Result<net::StreamPtr> over_shell(const Location& location, const RemoteSettings& settings) {
  std::vector<std::string> words = settings.shell;
  words.push_back(location.login);
  words.insert(words.end(), {settings.remote_program, "serve", "--stdio"});
  ROBOSYNC_ASSIGN(net::ChildProcess child, net::ChildProcess::start(words));
  return net::StreamPtr(std::make_unique<CommandStream>(std::move(child)));
}

}  // namespace

Result<net::StreamPtr> connect(const Location& location, const RemoteSettings& settings,
                               const base::Cancellation& cancellation, Opening& opening) {
  net::StreamPtr stream;
  if (location.carrier == Location::Carrier::kSsh) {
    ROBOSYNC_ASSIGN(stream, over_shell(location, settings));
  } else {
    ROBOSYNC_ASSIGN(stream, over_tcp(location, settings, cancellation));
  }
  stream->set_no_progress_time(settings.no_progress_time);
  opening.module = location.module;
  // Without TLS there is nothing that a proof could be bound to, and nobody who asks for one.
  if (!settings.token_file.empty() && location.carrier == Location::Carrier::kTls) {
    ROBOSYNC_ASSIGN(const net::Token token, net::read_token_file(settings.token_file));
    opening.token_id = token.id;
    ROBOSYNC_ASSIGN(opening.proof, net::prove(token, stream->channel_binding()));
  }
  return stream;
}

}  // namespace robosync::session
