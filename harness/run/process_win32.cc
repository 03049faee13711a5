#include <windows.h>

#include <algorithm>
#include <chrono>
#include <cwchar>
#include <map>
#include <string_view>
#include <thread>
#include <utility>

#include "harness/run/process.h"

namespace robosync::parity {
namespace {

// How often a wait looks at the cancellation.
constexpr DWORD kWatchIntervalMs = 50;
constexpr double kTicksPerSecond = 1e7;
constexpr DWORD kReadBytes = 65536;
constexpr UINT kExitKilled = 137;

class Handle {
 public:
  Handle() = default;
  explicit Handle(HANDLE handle) : handle_(handle) {}
  ~Handle() { reset(); }
  Handle(Handle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    reset();
    handle_ = std::exchange(other.handle_, nullptr);
    return *this;
  }
  void reset() {
    if (handle_ != nullptr && handle_ != INVALID_HANDLE_VALUE) CloseHandle(handle_);
    handle_ = nullptr;
  }
  [[nodiscard]] HANDLE get() const { return handle_; }
  HANDLE* out() { return &handle_; }

 private:
  HANDLE handle_ = nullptr;
};

base::Error last_error(const std::string& context) {
  const DWORD number = GetLastError();
  base::Error error = base::make_error(
      number == ERROR_FILE_NOT_FOUND || number == ERROR_PATH_NOT_FOUND ? base::ErrorKind::kNotFound
                                                                       : base::ErrorKind::kIo,
      context);
  error.code = std::error_code(static_cast<int>(number), std::system_category());
  return error;
}

std::wstring wide(const std::string& text) {
  const int size =
      MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), nullptr, 0);
  std::wstring result(static_cast<std::size_t>(size), L'\0');
  MultiByteToWideChar(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(), size);
  return result;
}

std::string narrow(std::wstring_view text) {
  const int size = WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()),
                                       nullptr, 0, nullptr, nullptr);
  std::string result(static_cast<std::size_t>(size), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text.data(), static_cast<int>(text.size()), result.data(), size,
                      nullptr, nullptr);
  return result;
}

// As CommandLineToArgvW reads it back: backslashes count only before a quotation mark.
std::wstring quoted(const std::wstring& word) {
  if (!word.empty() && word.find_first_of(L" \t\"") == std::wstring::npos) return word;
  std::wstring text = L"\"";
  std::size_t backslashes = 0;
  for (const wchar_t c : word) {
    if (c == L'\\') {
      ++backslashes;
      continue;
    }
    if (c == L'"') backslashes = backslashes * 2 + 1;
    text.append(backslashes, L'\\');
    backslashes = 0;
    text += c;
  }
  return text.append(backslashes * 2, L'\\') + L"\"";
}

std::wstring command_line(const std::vector<std::string>& words) {
  std::wstring line;
  for (const std::string& word : words) {
    if (!line.empty()) line += L' ';
    line += quoted(wide(word));
  }
  return line;
}

struct NoCase {
  bool operator()(const std::wstring& a, const std::wstring& b) const {
    return CompareStringOrdinal(a.c_str(), -1, b.c_str(), -1, TRUE) == CSTR_LESS_THAN;
  }
};

std::wstring environment_block(const Command& command) {
  std::map<std::wstring, std::wstring, NoCase> values;
  wchar_t* ours = GetEnvironmentStringsW();
  for (const wchar_t* entry = ours; *entry != L'\0'; entry += std::wcslen(entry) + 1) {
    const std::wstring_view text = entry;
    const std::size_t equals = text.find(L'=', 1);  // "=C:" is a name, too
    if (equals == std::wstring_view::npos) continue;
    values[std::wstring(text.substr(0, equals))] = text.substr(equals + 1);
  }
  FreeEnvironmentStringsW(ours);
  for (const auto& [name, value] : command.environment) values[wide(name)] = wide(value);
  std::wstring block;
  for (const auto& [name, value] : values) (block += name).append(L"=").append(value) += L'\0';
  return block += L'\0';
}

struct Started {
  Handle process;
  Handle job;
  Handle out;
  Handle err;
};

base::Result<Handle> make_output_pipe(Handle& write_end) {
  SECURITY_ATTRIBUTES inherited{sizeof(SECURITY_ATTRIBUTES), nullptr, TRUE};
  Handle read_end;
  if (CreatePipe(read_end.out(), write_end.out(), &inherited, 0) == 0) {
    return base::fail(last_error("make a pipe"));
  }
  SetHandleInformation(read_end.get(), HANDLE_FLAG_INHERIT, 0);
  return read_end;
}

// Starts the program in a job object, so that all it starts ends with it.
base::Result<Started> start_in_job(const Command& command) {
  std::vector<std::string> words = command.prefix;
  words.insert(words.end(), command.words.begin(), command.words.end());
  if (words.empty()) return base::fail(base::make_error(base::ErrorKind::kUsage, "empty command"));
  const std::string program = find_program(words.front());
  if (program.empty()) {
    return base::fail(base::make_error(base::ErrorKind::kNotFound, "start " + words.front()));
  }
  Started started;
  Handle out_write;
  Handle err_write;
  ROBOSYNC_ASSIGN(started.out, make_output_pipe(out_write));
  ROBOSYNC_ASSIGN(started.err, make_output_pipe(err_write));
  started.job = Handle(CreateJobObjectW(nullptr, nullptr));
  JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
  limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
  SetInformationJobObject(started.job.get(), JobObjectExtendedLimitInformation, &limits,
                          sizeof limits);
  STARTUPINFOW startup{};
  startup.cb = sizeof startup;
  startup.dwFlags = STARTF_USESTDHANDLES;
  startup.hStdOutput = out_write.get();
  startup.hStdError = err_write.get();
  PROCESS_INFORMATION process{};
  std::wstring line = command_line(words);
  std::wstring environment = environment_block(command);
  const std::wstring directory = wide(command.directory);
  if (CreateProcessW(wide(program).c_str(), line.data(), nullptr, nullptr, TRUE,
                     CREATE_SUSPENDED | CREATE_UNICODE_ENVIRONMENT | CREATE_NEW_PROCESS_GROUP,
                     environment.data(), directory.empty() ? nullptr : directory.c_str(), &startup,
                     &process) == 0) {
    return base::fail(last_error("start " + words.front()));
  }
  started.process = Handle(process.hProcess);
  const Handle thread(process.hThread);
  AssignProcessToJobObject(started.job.get(), started.process.get());
  ResumeThread(thread.get());
  return started;
}

void read_all(HANDLE pipe, std::string& text) {
  std::string buffer(kReadBytes, '\0');
  DWORD got = 0;
  while (ReadFile(pipe, buffer.data(), kReadBytes, &got, nullptr) != 0 && got > 0) {
    const std::size_t room = kOutputBytesMax - std::min(kOutputBytesMax, text.size());
    text.append(buffer.data(), std::min<std::size_t>(room, got));
  }
}

double seconds_of(LARGE_INTEGER ticks) {
  return static_cast<double>(ticks.QuadPart) / kTicksPerSecond;
}

class Win32Background : public Background {
 public:
  explicit Win32Background(Started started) : started_(std::move(started)) {
    reader_ = std::thread([this] { read_all(started_.out.get(), out_); });
    error_reader_ = std::thread([this] { read_all(started_.err.get(), err_); });
  }
  ~Win32Background() override { end(); }
  bool running() override { return WaitForSingleObject(started_.process.get(), 0) == WAIT_TIMEOUT; }
  // Known only when it has ended: the readers own the texts until then.
  std::string output() override {
    if (running()) return {};
    end();
    return out_ + err_;
  }

 private:
  void end() {
    TerminateJobObject(started_.job.get(), kExitKilled);
    if (reader_.joinable()) reader_.join();
    if (error_reader_.joinable()) error_reader_.join();
  }
  Started started_;
  std::string out_;
  std::string err_;
  std::thread reader_;
  std::thread error_reader_;
};

class Win32Executor : public Executor {
 public:
  explicit Win32Executor(const base::Cancellation* cancellation) : cancellation_(cancellation) {}

  base::Result<Finished> run(const Command& command) override {
    const auto begun = std::chrono::steady_clock::now();
    ROBOSYNC_ASSIGN(Started started, start_in_job(command));
    Finished finished;
    std::thread reader([&] { read_all(started.out.get(), finished.out); });
    std::thread error_reader([&] { read_all(started.err.get(), finished.err); });
    const auto seconds = [&] {
      return std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    };
    bool cancelled = false;
    while (WaitForSingleObject(started.process.get(), kWatchIntervalMs) == WAIT_TIMEOUT) {
      cancelled = cancellation_ != nullptr && cancellation_->requested();
      finished.timed_out = !cancelled && seconds() >= command.timeout_s;
      if (cancelled || finished.timed_out) TerminateJobObject(started.job.get(), kExitKilled);
    }
    finished.wall_s = seconds();
    measure(started, finished);
    TerminateJobObject(started.job.get(), kExitKilled);  // what it has left behind
    reader.join();
    error_reader.join();
    if (cancelled) {
      return base::fail(base::make_error(base::ErrorKind::kCancelled, to_text(command)));
    }
    return finished;
  }

  base::Result<std::unique_ptr<Background>> start(const Command& command) override {
    ROBOSYNC_ASSIGN(Started started, start_in_job(command));
    return std::make_unique<Win32Background>(std::move(started));
  }

 private:
  static void measure(const Started& started, Finished& finished) {
    DWORD code = 0;
    GetExitCodeProcess(started.process.get(), &code);
    finished.exit_code = static_cast<int>(code);
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION used{};
    QueryInformationJobObject(started.job.get(), JobObjectBasicAccountingInformation, &used,
                              sizeof used, nullptr);
    finished.user_s = seconds_of(used.TotalUserTime);
    finished.system_s = seconds_of(used.TotalKernelTime);
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits{};
    QueryInformationJobObject(started.job.get(), JobObjectExtendedLimitInformation, &limits,
                              sizeof limits, nullptr);
    finished.peak_rss_bytes = limits.PeakProcessMemoryUsed;
  }

  const base::Cancellation* cancellation_;
};

}  // namespace

std::unique_ptr<Executor> make_process_executor(const base::Cancellation* cancellation) {
  return std::make_unique<Win32Executor>(cancellation);
}

std::string find_program(const std::string& name) {
  std::wstring path(MAX_PATH, L'\0');
  DWORD size = SearchPathW(nullptr, wide(name).c_str(), L".exe", static_cast<DWORD>(path.size()),
                           path.data(), nullptr);
  if (size > path.size()) {
    path.resize(size);
    size = SearchPathW(nullptr, wide(name).c_str(), L".exe", static_cast<DWORD>(path.size()),
                       path.data(), nullptr);
  }
  return narrow(std::wstring_view(path).substr(0, size));
}

}  // namespace robosync::parity
