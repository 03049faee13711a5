// Whoever stops the server from another thread finds it whole, or finds none.
#include "cli/running_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <thread>
#include <utility>

#include "engine/base/random.h"
#include "engine/daemon/load.h"
#include "engine/daemon/log.h"

namespace robosync::cli {
namespace {

constexpr int kRounds = 20;

std::unique_ptr<daemon::ThreadedServer> start(const std::filesystem::path& folder) {
  daemon::LoadPlan plan;
  plan.config_text =
      "bind = ['127.0.0.1:0']\n[modules.m]\npath = '" + folder.generic_string() + "'\n";
  plan.default_state_dir = folder.generic_string();
  auto loaded = daemon::load_daemon(plan);
  EXPECT_TRUE(loaded) << loaded.error().message();
  if (!loaded) return nullptr;
  daemon::Log log(daemon::LogFormat::kText, daemon::LogLevel::kInfo, daemon::Log::Prefix::kTime,
                  [](const std::string&) {});
  auto server = daemon::ThreadedServer::start(std::move(*loaded), std::move(log), "1.2.3");
  EXPECT_TRUE(server) << server.error().message();
  return server ? std::move(*server) : nullptr;
}

TEST(RunningServer, IsStoppedWholeOrNotAtAll) {
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / ("running-" + std::to_string(base::random64()));
  std::filesystem::create_directories(folder);
  RunningServer running;
  running.stop(RunningServer::Sessions::kAreCut);
  for (int round = 0; round < kRounds; ++round) {
    std::atomic<bool> ended{false};
    // The system does not know that the first word was enough.
    std::thread system([&] {
      while (!ended) running.stop(RunningServer::Sessions::kAreCut);
    });
    {
      const auto server = start(folder);
      if (server) {
        const RunningServer::Serving serving(running, *server);
        EXPECT_TRUE(server->run());
      }
    }
    ended = true;
    system.join();
  }
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

}  // namespace
}  // namespace robosync::cli
