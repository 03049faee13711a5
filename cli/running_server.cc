#include "cli/running_server.h"

namespace robosync::cli {

RunningServer::Serving::Serving(RunningServer& running, daemon::ThreadedServer& server)
    : running_(running) {
  running_.set(&server);
}

RunningServer::Serving::~Serving() { running_.set(nullptr); }

void RunningServer::stop(Sessions sessions) {
  const base::MutexLock lock(mutex_);
  if (server_ == nullptr) return;
  server_->request_stop();
  if (sessions == Sessions::kAreCut) server_->request_stop();
}

void RunningServer::set(daemon::ThreadedServer* server) {
  const base::MutexLock lock(mutex_);
  server_ = server;
}

}  // namespace robosync::cli
