#include <windows.h>

#include <array>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/wide_text.h"
#include "engine/base/windows_error.h"
#include "engine/net/child_process.h"
#include "engine/net/owned_handle_win32.h"
#include "engine/net/socket.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;

// What a child that had to be ended exits with; no program of ours uses it.
constexpr UINT kExitEnded = 0x0F0F;

base::Error failed(std::string what) { return base::from_windows(GetLastError(), std::move(what)); }

std::wstring wide(const std::string& text) {
  const std::u16string units = base::utf16_of(text).text;
  return {units.begin(), units.end()};
}

// As CommandLineToArgvW and every C runtime take it apart again.
std::wstring quoted(const std::wstring& word) {
  std::wstring out = L"\"";
  std::size_t backslashes = 0;
  for (const wchar_t c : word) {
    if (c == L'\\') {
      ++backslashes;
      continue;
    }
    // Before a quote every backslash counts twice, and the quote needs one of its own.
    out.append(c == L'"' ? 2 * backslashes + 1 : backslashes, L'\\');
    backslashes = 0;
    out += c;
  }
  out.append(2 * backslashes, L'\\');
  return out + L'"';
}

// Where PATH has it; the folder that happens to be the current one is not asked.
base::Result<std::wstring> program(const std::string& name) {
  const std::wstring wanted = wide(name);
  if (wanted.find_first_of(L"\\/") != std::wstring::npos) return wanted;
  std::wstring folders(GetEnvironmentVariableW(L"PATH", nullptr, 0), L'\0');
  folders.resize(
      GetEnvironmentVariableW(L"PATH", folders.data(), static_cast<DWORD>(folders.size())));
  std::wstring found(MAX_PATH, L'\0');
  DWORD size = 0;
  while ((size = SearchPathW(folders.c_str(), wanted.c_str(), L".exe",
                             static_cast<DWORD>(found.size()), found.data(), nullptr)) >
         found.size()) {
    found.resize(size);
  }
  if (size == 0) return base::fail(failed("start " + name));
  found.resize(size);
  return found;
}

struct Pipe {
  OwnedHandle read;
  OwnedHandle write;
};

base::Result<Pipe> make_pipe() {
  HANDLE read = nullptr;
  HANDLE write = nullptr;
  if (CreatePipe(&read, &write, nullptr, 0) == 0) return base::fail(failed("pipe"));
  return Pipe{owned(read), owned(write)};
}

// A copy for the child alone.
base::Result<OwnedHandle> inheritable(HANDLE handle) {
  HANDLE copy = nullptr;
  if (DuplicateHandle(GetCurrentProcess(), handle, GetCurrentProcess(), &copy, 0, TRUE,
                      DUPLICATE_SAME_ACCESS) == 0) {
    return base::fail(failed("duplicate a handle"));
  }
  return owned(copy);
}

// What a child inherits, and nothing else.
class Inherited {
 public:
  explicit Inherited(std::vector<HANDLE> handles) : handles_(std::move(handles)) {
    SIZE_T size = 0;
    InitializeProcThreadAttributeList(nullptr, 1, 0, &size);
    memory_.resize(size);
    InitializeProcThreadAttributeList(get(), 1, 0, &size);
    UpdateProcThreadAttribute(get(), 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, handles_.data(),
                              handles_.size() * sizeof(HANDLE), nullptr, nullptr);
  }
  Inherited(const Inherited&) = delete;
  Inherited& operator=(const Inherited&) = delete;
  ~Inherited() { DeleteProcThreadAttributeList(get()); }
  [[nodiscard]] LPPROC_THREAD_ATTRIBUTE_LIST get() {
    return reinterpret_cast<LPPROC_THREAD_ATTRIBUTE_LIST>(memory_.data());
  }

 private:
  std::vector<HANDLE> handles_;
  std::vector<std::byte> memory_;
};

base::Result<OwnedHandle> spawn(const std::vector<std::string>& arguments, HANDLE in, HANDLE out) {
  ROBOSYNC_ASSIGN(const std::wstring path, program(arguments.front()));
  std::wstring line;
  for (const std::string& one : arguments) line += quoted(wide(one)) + L' ';
  ROBOSYNC_ASSIGN(const OwnedHandle child_in, inheritable(in));
  ROBOSYNC_ASSIGN(const OwnedHandle child_out, inheritable(out));
  std::vector<HANDLE> handles = {child_in.get(), child_out.get()};
  OwnedHandle child_errors;
  // A program without a console may have none.
  const HANDLE errors = GetStdHandle(STD_ERROR_HANDLE);
  if (errors != nullptr && errors != INVALID_HANDLE_VALUE) {
    ROBOSYNC_ASSIGN(child_errors, inheritable(errors));
    handles.push_back(child_errors.get());
  }
  Inherited inherited(std::move(handles));
  STARTUPINFOEXW how{};
  how.StartupInfo.cb = sizeof how;
  how.StartupInfo.dwFlags = STARTF_USESTDHANDLES;
  how.StartupInfo.hStdInput = child_in.get();
  how.StartupInfo.hStdOutput = child_out.get();
  how.StartupInfo.hStdError = child_errors.get();
  how.lpAttributeList = inherited.get();
  PROCESS_INFORMATION started{};
  if (CreateProcessW(path.c_str(), line.data(), nullptr, nullptr, TRUE,
                     EXTENDED_STARTUPINFO_PRESENT, nullptr, nullptr, &how.StartupInfo,
                     &started) == 0) {
    return base::fail(failed("start " + arguments.front()));
  }
  CloseHandle(started.hThread);
  return owned(started.hProcess);
}

int number_of(OwnedHandle handle) {
  return static_cast<int>(reinterpret_cast<INT_PTR>(handle.release()));
}

}  // namespace

struct ChildProcess::State {
  std::string name;
  OwnedHandle process;  // none: its end is known
  milliseconds grace_time{};
  StreamPtr stream;
  DWORD exit_code = 0;

  void end() {
    stream.reset();
    if (!process) return;
    const auto grace_ms = static_cast<DWORD>(grace_time.count());
    if (WaitForSingleObject(process.get(), grace_ms) != WAIT_OBJECT_0) {
      TerminateProcess(process.get(), kExitEnded);
      WaitForSingleObject(process.get(), INFINITE);
    }
    GetExitCodeProcess(process.get(), &exit_code);
    process.reset();
  }
};

ChildProcess::ChildProcess(std::unique_ptr<State> state) : state_(std::move(state)) {}
ChildProcess::ChildProcess(ChildProcess&&) noexcept = default;
ChildProcess::~ChildProcess() {
  if (state_) state_->end();
}

base::Result<ChildProcess> ChildProcess::start(const std::vector<std::string>& arguments,
                                               milliseconds grace_time) {
  ROBOSYNC_CHECK(!arguments.empty());
  ROBOSYNC_ASSIGN(Pipe input, make_pipe());
  ROBOSYNC_ASSIGN(Pipe output, make_pipe());
  auto state = std::make_unique<State>();
  state->name = arguments.front();
  state->grace_time = grace_time;
  ROBOSYNC_ASSIGN(state->process, spawn(arguments, input.read.get(), output.write.get()));
  // The child's ends are its own now: their last holder's end is the end of the pipe.
  input.read.reset();
  output.write.reset();
  ROBOSYNC_ASSIGN(state->stream, stream_over_pipes(number_of(std::move(output.read)),
                                                   number_of(std::move(input.write)), state->name));
  return ChildProcess(std::move(state));
}

Stream& ChildProcess::stream() {
  ROBOSYNC_CHECK(state_ && state_->stream);
  return *state_->stream;
}

base::Result<void> ChildProcess::end() {
  state_->end();
  if (state_->exit_code == 0) return {};
  const std::string how = state_->exit_code == kExitEnded
                              ? " did not end by itself and was ended"
                              : " ended with exit code " + std::to_string(state_->exit_code);
  return base::fail(base::make_error(ErrorKind::kConnection, state_->name + how));
}

}  // namespace robosync::net
