#include "harness/run/spawner_posix.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

// POSIX leaves this to us; glibc has it in its header, too.
extern "C" char** environ;  // NOLINT(readability-redundant-declaration)

namespace robosync::parity {
namespace {

using Clock = std::chrono::steady_clock;

// What the two processes say to each other. They are the same program: values go as they are.
enum class Request : std::uint32_t { kSpawn, kReap };

struct SpawnHeader {
  Request request = Request::kSpawn;
  std::uint32_t words = 0;
  std::uint32_t environment = 0;  // "NAME=value" texts
  std::uint32_t text_bytes = 0;   // words, environment and directory, each ended by a NUL
};

struct SpawnReply {
  int pid = 0;
  int error = 0;  // errno; 0 for none
};

constexpr std::uint32_t kRequestBytesMax = 1U << 24U;
constexpr int kDescriptorsClosedMax = 1024;
constexpr double kBytesPerKib = 1024;

bool send_all(int socket, const void* data, std::size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t sent = ::send(socket, bytes, size, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return false;
    bytes += sent;
    size -= static_cast<std::size_t>(sent);
  }
  return true;
}

bool receive_all(int socket, void* data, std::size_t size) {
  char* bytes = static_cast<char*>(data);
  while (size > 0) {
    const ssize_t received = ::recv(socket, bytes, size, 0);
    if (received < 0 && errno == EINTR) continue;
    if (received <= 0) return false;
    bytes += received;
    size -= static_cast<std::size_t>(received);
  }
  return true;
}

// One byte with two descriptors as its cargo.
bool send_descriptors(int socket, std::array<int, 2> descriptors) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 2)> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  cmsghdr* cargo = CMSG_FIRSTHDR(&message);
  cargo->cmsg_level = SOL_SOCKET;
  cargo->cmsg_type = SCM_RIGHTS;
  cargo->cmsg_len = CMSG_LEN(sizeof(int) * 2);
  std::memcpy(CMSG_DATA(cargo), descriptors.data(), sizeof(int) * 2);
  ssize_t sent = 0;
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return sent == 1;
}

bool receive_descriptors(int socket, std::array<int, 2>& descriptors) {
  char byte = 0;
  iovec part{&byte, 1};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int) * 2)> room{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.data();
  message.msg_controllen = room.size();
  ssize_t received = 0;
  do received = ::recvmsg(socket, &message, 0);
  while (received < 0 && errno == EINTR);
  cmsghdr* const cargo = CMSG_FIRSTHDR(&message);  // not const: macOS has no CMSG_DATA for that
  if (received != 1 || cargo == nullptr || cargo->cmsg_len != CMSG_LEN(sizeof(int) * 2)) {
    return false;
  }
  std::memcpy(descriptors.data(), CMSG_DATA(cargo), sizeof(int) * 2);
  for (const int descriptor : descriptors) ::fcntl(descriptor, F_SETFD, FD_CLOEXEC);
  return true;
}

// posix_spawn with our choices. Returns errno, 0 for none.
int spawn_now(const std::vector<char*>& words, const std::vector<char*>& environment,
              const char* directory, int out, int err, pid_t& pid) {
  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
  if (const int error = ::posix_spawn_file_actions_init(&actions); error != 0) return error;
  if (const int error = ::posix_spawnattr_init(&attributes); error != 0) {
    ::posix_spawn_file_actions_destroy(&actions);
    return error;
  }
  int error = ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (error == 0) error = ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  if (error == 0) error = ::posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  if (error == 0 && *directory != '\0') {
    error = ::posix_spawn_file_actions_addchdir_np(&actions, directory);
  }
  sigset_t all{};
  sigset_t none{};
  sigfillset(&all);
  sigemptyset(&none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (error == 0) {
    error =
        ::posix_spawn(&pid, words.front(), &actions, &attributes, words.data(), environment.data());
  }
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

Usage usage_of(int status, const rusage& used) {
  return {.wait_status = status,
          .user_s = seconds_of(used.ru_utime),
          .system_s = seconds_of(used.ru_stime),
          .peak_rss_bytes =
              static_cast<std::uint64_t>(static_cast<double>(used.ru_maxrss) * kBytesPerKib)};
}

// Takes `count` NUL-ended texts off the front of `rest`, as an argument vector.
std::vector<char*> take_texts(char*& rest, std::uint32_t count) {
  std::vector<char*> texts;
  for (std::uint32_t i = 0; i < count; ++i) {
    texts.push_back(rest);
    rest += std::strlen(rest) + 1;
  }
  texts.push_back(nullptr);
  return texts;
}

// Serves one request to spawn: start, tell the pid, wait, tell the time, reap, tell the usage.
bool serve_spawn(int socket, const SpawnHeader& header) {
  if (header.text_bytes > kRequestBytesMax) return false;
  std::string text(header.text_bytes, '\0');
  std::array<int, 2> outputs{};
  if (!receive_all(socket, text.data(), text.size()) || !receive_descriptors(socket, outputs)) {
    return false;
  }
  char* rest = text.data();
  const std::vector<char*> words = take_texts(rest, header.words);
  const std::vector<char*> environment = take_texts(rest, header.environment);
  SpawnReply reply;
  pid_t pid = 0;
  const Clock::time_point begun = Clock::now();
  reply.error = spawn_now(words, environment, rest, outputs[0], outputs[1], pid);
  reply.pid = pid;
  for (const int output : outputs) ::close(output);
  if (!send_all(socket, &reply, sizeof reply)) return false;
  if (reply.error != 0) return true;

  siginfo_t ended{};
  while (::waitid(P_PID, static_cast<id_t>(pid), &ended, WEXITED | WNOWAIT) != 0) {
    if (errno != EINTR) return false;
  }
  const double wall_s = std::chrono::duration<double>(Clock::now() - begun).count();
  Request request = Request::kReap;
  if (!send_all(socket, &wall_s, sizeof wall_s) || !receive_all(socket, &request, sizeof request)) {
    return false;
  }
  int status = 0;
  rusage used{};
  while (::wait4(pid, &status, 0, &used) < 0) {
    if (errno != EINTR) return false;
  }
  const Usage usage = usage_of(status, used);
  return send_all(socket, &usage, sizeof usage);
}

[[noreturn]] void serve(int socket) {
  // A terminal's Ctrl-C is for the harness, which then ends what runs.
  ::setpgid(0, 0);
  for (int descriptor = STDERR_FILENO + 1; descriptor < kDescriptorsClosedMax; ++descriptor) {
    if (descriptor != socket) ::close(descriptor);
  }
  SpawnHeader header;
  while (receive_all(socket, &header, sizeof header) && header.request == Request::kSpawn) {
    if (!serve_spawn(socket, header)) break;
  }
  ::_exit(0);
}

// Ours, with the command's changes, as "NAME=value".
std::vector<std::string> environment_of(const Command& command) {
  std::vector<std::string> texts;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& added : command.environment) replaced = replaced || added.first == name;
    if (!replaced) texts.emplace_back(text);
  }
  for (const auto& [name, value] : command.environment) {
    std::string text = name;
    text.append("=").append(value);
    texts.push_back(std::move(text));
  }
  return texts;
}

// The whole command line, its program as a full path.
base::Result<std::vector<std::string>> words_of(const Command& command) {
  std::vector<std::string> words = command.prefix;
  words.insert(words.end(), command.words.begin(), command.words.end());
  if (words.empty()) return base::fail(base::make_error(base::ErrorKind::kUsage, "empty command"));
  const std::string program = find_program(words.front());
  if (program.empty()) {
    return base::fail(base::from_errno(ENOENT, "start " + words.front()));
  }
  words.front() = program;
  return words;
}

base::Error spawner_gone() {
  return base::make_error(base::ErrorKind::kIo, "the process that starts programs has ended");
}

}  // namespace

base::Result<std::unique_ptr<Spawner>> Spawner::start() {
  std::array<int, 2> sockets{};
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets.data()) != 0) {
    return base::fail(base::from_errno(errno, "make a socket pair"));
  }
  for (const int socket : sockets) ::fcntl(socket, F_SETFD, FD_CLOEXEC);
  const pid_t pid = ::fork();
  if (pid == 0) serve(sockets[1]);
  const int error = errno;
  ::close(sockets[1]);
  if (pid < 0) {
    ::close(sockets[0]);
    return base::fail(base::from_errno(error, "fork"));
  }
  return std::unique_ptr<Spawner>(new Spawner(sockets[0], pid));
}

Spawner::~Spawner() {
  ::close(socket_);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

base::Result<int> Spawner::spawn(const Command& command, int out, int err) {
  ROBOSYNC_ASSIGN(const std::vector<std::string> words, words_of(command));
  const std::vector<std::string> environment = environment_of(command);
  std::string text;
  for (const auto* list : {&words, &environment}) {
    for (const std::string& entry : *list) text.append(entry.c_str(), entry.size() + 1);
  }
  text.append(command.directory.c_str(), command.directory.size() + 1);
  if (text.size() > kRequestBytesMax) {
    return base::fail(base::make_error(base::ErrorKind::kLimit, "the command is too long"));
  }
  const SpawnHeader header{.request = Request::kSpawn,
                           .words = static_cast<std::uint32_t>(words.size()),
                           .environment = static_cast<std::uint32_t>(environment.size()),
                           .text_bytes = static_cast<std::uint32_t>(text.size())};
  SpawnReply reply;
  if (!send_all(socket_, &header, sizeof header) || !send_all(socket_, text.data(), text.size()) ||
      !send_descriptors(socket_, {out, err}) || !receive_all(socket_, &reply, sizeof reply)) {
    return base::fail(spawner_gone());
  }
  if (reply.error != 0) return base::fail(base::from_errno(reply.error, "start " + words.front()));
  return reply.pid;
}

base::Result<double> Spawner::wait_ended() {
  double wall_s = 0;
  if (!receive_all(socket_, &wall_s, sizeof wall_s)) return base::fail(spawner_gone());
  return wall_s;
}

base::Result<Usage> Spawner::reap() {
  const Request request = Request::kReap;
  Usage usage;
  if (!send_all(socket_, &request, sizeof request) || !receive_all(socket_, &usage, sizeof usage)) {
    return base::fail(spawner_gone());
  }
  return usage;
}

base::Result<int> spawn_directly(const Command& command, int out, int err) {
  ROBOSYNC_ASSIGN(std::vector<std::string> words, words_of(command));
  std::vector<std::string> environment = environment_of(command);
  std::vector<char*> word_pointers;
  word_pointers.reserve(words.size() + 1);
  for (std::string& word : words) word_pointers.push_back(word.data());
  word_pointers.push_back(nullptr);
  std::vector<char*> environment_pointers;
  environment_pointers.reserve(environment.size() + 1);
  for (std::string& entry : environment) environment_pointers.push_back(entry.data());
  environment_pointers.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      spawn_now(word_pointers, environment_pointers, command.directory.c_str(), out, err, pid);
  if (error != 0) return base::fail(base::from_errno(error, "start " + words.front()));
  return pid;
}

}  // namespace robosync::parity
