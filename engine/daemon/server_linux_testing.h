// Support for tests of the daemon's parent: a server that runs in a thread, and clients of it.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "engine/base/mutex.h"
#include "engine/daemon/load.h"
#include "engine/daemon/server_linux.h"

namespace robosync::daemon {

// A folder of its own below the system's temporary folder, open to every account; removed at the
// end.
class TestFolder {
 public:
  TestFolder();
  ~TestFolder();
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// A TCP connection that speaks in lines; no wait is longer than kTestWait.
inline constexpr std::chrono::seconds kTestWait{20};

class LineClient {
 public:
  // `from`: which IPv4 address of this machine it comes from; none: the system's choice.
  explicit LineClient(const Endpoint& endpoint, const std::optional<IpAddress>& from = {});
  void send(std::string_view text) const;
  // Without its newline; "<end>" when the peer has closed, "<time out>" when nothing came.
  [[nodiscard]] std::string line();
  // Everything until the peer closes.
  [[nodiscard]] std::string all();
  [[nodiscard]] std::string ask(const std::string& question) {
    send(question + "\n");
    return line();
  }
  void close() { socket_.reset(); }

 private:
  Descriptor socket_;
};

class TestServer {
 public:
  // `text` is the configuration; the workers are daemon_worker_linux_testprog's.
  explicit TestServer(std::string text, Notifier notifier = {},
                      std::vector<Listening> activated = {});
  // Whole: `plan` is loaded as robosyncd does, and the workers serve real sessions.
  explicit TestServer(const LoadPlan& plan);
  ~TestServer();
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;

  [[nodiscard]] Endpoint endpoint() const { return server_->endpoints().front(); }
  [[nodiscard]] Server& server() { return *server_; }
  void set_text(std::string text);
  // Stops and waits.
  void stop();
  [[nodiscard]] std::string log();
  // Waits until the log has this.
  [[nodiscard]] bool logged(std::string_view text);
  [[nodiscard]] std::string get(const std::string& page) const;

 private:
  base::Mutex mutex_;
  base::Condition changed_;
  std::string text_ ROBOSYNC_GUARDED_BY(mutex_);
  std::string log_ ROBOSYNC_GUARDED_BY(mutex_);
  [[nodiscard]] Log::Sink sink();
  void start(ServerOptions options);

  std::unique_ptr<Server> server_;
  std::optional<Endpoint> metrics_;
  std::thread thread_;
};

}  // namespace robosync::daemon
