// What needs OpenSSL or processes, neither of which this layer uses on Windows yet.
#include <utility>

#include "engine/net/child_process.h"
#include "engine/net/known_hosts.h"
#include "engine/net/private_file.h"
#include "engine/net/tls.h"
#include "engine/net/token.h"

namespace robosync::net {
namespace {

std::unexpected<base::Error> unsupported(const char* what) {
  return base::fail(base::make_error(base::ErrorKind::kUnsupported,
                                     std::string(what) + ": not supported on Windows yet"));
}

}  // namespace

base::Result<TlsStreamPtr> tls_client(StreamPtr /*below*/, const TlsClientOptions& /*options*/) {
  return unsupported("TLS");
}
struct TlsServer::State {};
TlsServer::TlsServer(std::unique_ptr<State> state) : state_(std::move(state)) {}
TlsServer::TlsServer(TlsServer&&) noexcept = default;
TlsServer& TlsServer::operator=(TlsServer&&) noexcept = default;
TlsServer::~TlsServer() = default;
base::Result<TlsServer> TlsServer::make(const TlsServerOptions& /*options*/) {
  return unsupported("TLS");
}
base::Result<TlsStreamPtr> TlsServer::accept(StreamPtr /*below*/) const {
  return unsupported("TLS");
}
base::Result<Identity> ensure_self_signed(const std::filesystem::path& /*folder*/) {
  return unsupported("TLS");
}
base::Result<std::string> fingerprint_of(const std::filesystem::path& /*certificate*/) {
  return unsupported("TLS");
}

base::Result<void> KnownHosts::check(const Address& /*server*/, const std::string& /*fingerprint*/,
                                     const FirstUse& /*first_use*/) {
  return unsupported("known hosts");
}
PinCheck KnownHosts::pin_for(Address /*server*/, FirstUse /*first_use*/) {
  return [](const std::string&) -> base::Result<void> { return unsupported("known hosts"); };
}

std::string Token::text() const { return {}; }
std::string Verifier::text() const { return {}; }
base::Result<Token> generate_token() { return unsupported("token"); }
base::Result<Token> parse_token(std::string_view /*text*/) { return unsupported("token"); }
base::Result<Verifier> parse_verifier(std::string_view /*text*/) { return unsupported("token"); }
base::Result<Token> read_token_file(const std::filesystem::path& /*path*/) {
  return unsupported("token");
}
base::Result<Verifier> verifier_of(const Token& /*token*/) { return unsupported("token"); }
base::Result<std::string> prove(const Token& /*token*/, std::string_view /*channel_binding*/) {
  return unsupported("token");
}
base::Result<void> check_proof(const Verifier& /*verifier*/, std::string_view /*channel_binding*/,
                               std::string_view /*proof*/) {
  return unsupported("token");
}

base::Result<std::string> read_private_file(const std::filesystem::path& /*path*/) {
  return unsupported("private file");
}
base::Result<void> write_private_file(const std::filesystem::path& /*path*/,
                                      std::string_view /*content*/) {
  return unsupported("private file");
}
base::Result<void> create_private_file(const std::filesystem::path& /*path*/,
                                       std::string_view /*content*/) {
  return unsupported("private file");
}
base::Result<void> ensure_private_folder(const std::filesystem::path& /*path*/) {
  return unsupported("private folder");
}

struct ChildProcess::State {
  StreamPtr stream;
};
ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess::~ChildProcess() = default;
base::Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& /*arguments*/,
                                               std::chrono::milliseconds /*grace_time*/) {
  return unsupported("command");
}
Stream& ChildProcess::stream() { return *state_->stream; }
base::Result<void> ChildProcess::end() { return unsupported("command"); }

}  // namespace robosync::net
