#include "engine/daemon/worker_linux.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <exception>

#include "engine/daemon/accounts_posix.h"
#include "engine/daemon/control_linux.h"
#include "engine/daemon/joining_linux.h"
#include "engine/daemon/sandbox.h"

namespace robosync::daemon {
namespace {

constexpr int kExitWorkerFailed = 70;

base::Cancellation& cancellation() {
  static base::Cancellation instance;
  return instance;
}

void on_terminate(int /*signal*/) { cancellation().request(); }

void set_signals() {
  struct sigaction action{};
  action.sa_handler = on_terminate;
  ::sigaction(SIGTERM, &action, nullptr);
  // A Ctrl-C on the terminal reaches us too; the parent decides.
  action.sa_handler = SIG_IGN;
  for (const int ignored : {SIGINT, SIGHUP, SIGPIPE, SIGQUIT}) {
    ::sigaction(ignored, &action, nullptr);
  }
}

base::Error failed(const char* what) { return base::from_errno(errno, what); }

// Asked again after every change of identity, which the kernel answers by forgetting it.
base::Result<void> end_with_parent() {
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM, 0, 0, 0) != 0) {
    return base::fail(failed("bind to the parent's life"));
  }
  return {};
}

base::Result<void> check_files() {
  for (const int fd : {kWorkerConnectionFd, kWorkerJobFd, kWorkerControlFd}) {
    if (::fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) {
      return base::fail(base::make_error(base::ErrorKind::kUsage,
                                         "a worker is started by robosyncd, not by people"));
    }
  }
  if (::syscall(SYS_close_range, kWorkerControlFd + 1, ~0U, 0) != 0 && errno != ENOSYS) {
    return base::fail(failed("close inherited files"));
  }
  return {};
}

base::Result<Job> read_job() {
  struct stat about{};
  if (::fstat(kWorkerJobFd, &about) != 0) return base::fail(failed("read the job"));
  if (about.st_size < 0 || static_cast<std::size_t>(about.st_size) > kJobBytesMax) {
    return base::fail(base::make_error(base::ErrorKind::kLimit, "the job is too long"));
  }
  std::string bytes(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got =
        ::pread(kWorkerJobFd, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got <= 0) return base::fail(failed("read the job"));
    done += static_cast<std::size_t>(got);
  }
  ::close(kWorkerJobFd);
  return decode_job(bytes);
}

base::Result<void> enter_module(const Config& config, const Module& module) {
  ROBOSYNC_TRY(send_control(kWorkerControlFd, "enter " + module.name));
  ROBOSYNC_ASSIGN(const ControlMessage answer, await_control(kWorkerControlFd));
  if (answer.text != "granted") {
    return base::fail(base::make_error(base::ErrorKind::kLimit, "all its connections are taken"));
  }
  ROBOSYNC_ASSIGN(const SandboxPlan plan, plan_for(config, module));
  ROBOSYNC_TRY(narrow_sandbox(plan));
  return end_with_parent();
}

base::Result<SessionReport> serve(const WorkerPreparation& prepare, const WorkerHandler& handler) {
  ROBOSYNC_TRY(check_files());
  ROBOSYNC_TRY(end_with_parent());
  set_signals();
  ROBOSYNC_ASSIGN(const Job job, read_job());
  ROBOSYNC_ASSIGN(const Config config, parse_config(job.config_text, job.config_name));
  ROBOSYNC_ASSIGN(const TokenTable tokens, TokenTable::parse(job.tokens_text, "tokens"));
  const Log log(config.log_format, config.log_level,
                job.journal.empty() ? Log::Prefix::kTime : Log::Prefix::kJournal, write_log_line);
  std::optional<IpAddress> peer;
  if (!job.peer.empty()) {
    ROBOSYNC_ASSIGN(peer, parse_address(job.peer));
  }
  if (prepare) ROBOSYNC_TRY(prepare(job, config));
  ROBOSYNC_ASSIGN(const SandboxPlan plan, plan_for_all(config));
  ROBOSYNC_ASSIGN(const std::string in_force, enter_sandbox(plan));
  ROBOSYNC_TRY(end_with_parent());
  log.debug("worker confined", {{"by", in_force}});
  SessionContext context{
      .connection_fd = kWorkerConnectionFd,
      .job = job,
      .config = config,
      .tokens = tokens,
      .peer = peer,
      .log = log,
      .cancellation = cancellation(),
      .enter = [&](const Module& module) { return enter_module(config, module); },
      .joining = joining_over(kWorkerControlFd, config)};
  return handler(context);
}

}  // namespace

void write_log_line(const std::string& line) {
  // A log that cannot be written is nothing that a daemon should stop for.
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
}

int run_worker(const WorkerPreparation& prepare, const WorkerHandler& handler) {
  const auto complain = [](std::string_view what) {
    write_log_line(fmt::format("robosyncd: worker: {}\n", log_clean(what)));
    return kExitWorkerFailed;
  };
  try {
    const auto report = serve(prepare, handler);
    if (!report) return complain(report.error().message());
    const auto told = send_control(kWorkerControlFd, "report " + report_text(*report));
    return told ? 0 : complain(told.error().message());
  } catch (const std::exception& fault) {
    return complain(fault.what());
  }
}

}  // namespace robosync::daemon
