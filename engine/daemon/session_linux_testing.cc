#include "engine/daemon/session_linux_testing.h"

#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>

#include "engine/net/socket.h"
#include "engine/net/tls.h"
#include "engine/net/token.h"
#include "engine/session/client.h"

namespace robosync::daemon {

using session::ClientRole;

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

std::string message_of(const base::Result<Report>& result) {
  if (!result) return result.error().message();
  return result->fatal ? result->fatal->message() : "";
}

SessionTest::SessionTest() {
  for (const char* name : {"module", "local", "outside", "state"}) {
    std::filesystem::create_directory(path(name));
  }
  write(path("module") / "a.txt", "from the module");
  write(path("module") / "b.tmp", "left alone");
  write(path("local") / "c.txt", "from here");
  write(path("outside") / "secret", "secret");
}

LoadPlan SessionTest::plan(const std::string& module, const std::string& top,
                           const std::string& limits) const {
  LoadPlan out;
  out.config_text = top + "\nbind = ['127.0.0.1:0']\n[metrics]\nbind = '127.0.0.1:0'\n" +
                    "[limits]\nworker_memory_mib = 0\nconnections_per_address_max = 40\n" + limits +
                    "\n[modules.m]\npath = '" + path("module").string() +
                    "'\nuid = " + std::to_string(::getuid()) +
                    "\ngid = " + std::to_string(::getgid()) + "\n" + module + "\n";
  out.default_state_dir = path("state").string();
  return out;
}

base::Result<Report> SessionTest::run(const TestServer& server, const Asked& asked) {
  const base::Cancellation cancellation;
  ROBOSYNC_ASSIGN(net::StreamPtr stream,
                  net::connect_tcp({"127.0.0.1", server.endpoint().port}, {}, cancellation));
  if (asked.tls) {
    net::TlsClientOptions options;
    options.host = "127.0.0.1";
    options.pin = [&](const std::string& fingerprint) -> base::Result<void> {
      seen_fingerprint_ = fingerprint;
      return {};
    };
    ROBOSYNC_ASSIGN(stream, net::tls_client(std::move(stream), options));
  }
  session::Opening opening{.role = asked.role, .verb = asked.verb, .module = asked.module};
  opening.paths = {asked.remote};
  if (!asked.token.empty()) {
    ROBOSYNC_ASSIGN(const net::Token token, net::parse_token(asked.token));
    opening.token_id = token.id;
    ROBOSYNC_ASSIGN(opening.proof, net::prove(token, stream->channel_binding()));
  }
  Request request;
  request.verb = asked.verb;
  request.links = asked.links;
  request.filters = asked.filters;
  if (asked.more) asked.more(request);
  const std::string local = path("local").string() + "/";
  if (asked.role == ClientRole::kTarget) {
    request.target = local;
  } else {
    request.sources = {local};
  }
  apply::Observer observer;
  return session::run_client(std::move(stream), opening, request, fs::native_file_system(),
                             observer, cancellation);
}

}  // namespace robosync::daemon
