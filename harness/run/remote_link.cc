#include "harness/run/remote_link.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/run/version_probe.h"

namespace robosync::parity {
namespace {

constexpr double kStepTimeoutS = 120;
constexpr std::string_view kFolderStem = "/robosync-parity-";

struct AspectWord {
  std::string_view word;
  bool Aspects::* field;
};

constexpr auto kAspectWords =
    std::to_array<AspectWord>({{"modes", &Aspects::modes},
                               {"file-times", &Aspects::file_times},
                               {"directory-times", &Aspects::directory_times},
                               {"symlink-times", &Aspects::symlink_times},
                               {"hard-links", &Aspects::hard_links}});

// For the shell at the other end, which takes words apart once more.
std::string quoted(std::string_view word) {
  std::string text = "'";
  for (const char c : word) text.append(c == '\'' ? "'\\''" : std::string(1, c));
  return text + "'";
}

// Whatever the other side answered, only such a folder is ever removed.
bool is_our_folder(std::string_view path) {
  const std::size_t at = path.rfind(kFolderStem);
  if (at == std::string_view::npos || !path.starts_with('/')) return false;
  const std::string_view rest = path.substr(at + kFolderStem.size());
  return rest.size() >= 6 && rest.find_first_not_of(
                                 "abcdefghijklmnopqrstuvwxyz"
                                 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == std::string_view::npos;
}

class RemoteLink final : public NetworkLink, public FarSide {
 public:
  RemoteLink(RemoteHost host, Executor& executor) : host_(std::move(host)), executor_(executor) {
    record = {.name = std::string(kRemoteLink), .available = false};
    server_host = host_.name;
  }

  ~RemoteLink() override {
    if (!folder_.empty()) (void)remove(folder_);
  }

  RemoteLink(const RemoteLink&) = delete;
  RemoteLink& operator=(const RemoteLink&) = delete;

  base::Result<void> make() {
    // Memory rather than a disk, as here.
    ROBOSYNC_ASSIGN(const std::string folder,
                    run_there("d=/dev/shm; [ -w $d ] || d=${TMPDIR:-/tmp}; "
                              "mktemp -d $d/robosync-parity-XXXXXXXXXX"));
    if (!is_our_folder(folder)) {
      return base::fail(base::make_error(
          base::ErrorKind::kUnsupported,
          "mktemp at " + host_.name + " answered \"" + folder + "\": a POSIX shell is needed"));
    }
    folder_ = folder;
    ROBOSYNC_TRY(copy({host_.parity, host_.robosync}));
    ROBOSYNC_ASSIGN(const std::string version, run_there(parity_there() + " --version"));
    record.available = true;
    record.description =
        fmt::format("{} over ssh, in {}; trees there are read by {}", host_.name, folder_, version);
    return {};
  }

  FarSide* far_side() override { return this; }

  [[nodiscard]] std::string shell() const override {
    std::string text;
    for (const std::string& word : ssh_words("ssh")) text.append(text.empty() ? "" : " ") += word;
    return text;
  }

  [[nodiscard]] std::string programs() const override { return folder_; }

  base::Result<std::string> make_folder(const std::string& name) override {
    std::string path = fmt::format("{}/{}-{}", folder_, name, ++folders_made_);
    ROBOSYNC_TRY(run_there("mkdir " + quoted(path)));
    return path;
  }

  base::Result<std::string> digest(const std::string& path, const Aspects& aspects) override {
    return run_there(fmt::format("{} digest {} --aspects {}", parity_there(), quoted(path),
                                 quoted(aspects_text(aspects))));
  }

  base::Result<void> remove(const std::string& path) override {
    const bool ours = path == folder_ || path.starts_with(folder_ + "/");
    if (folder_.empty() || !ours) {
      return base::fail(base::make_error(base::ErrorKind::kRefused, "not of this run: " + path));
    }
    // A read-only folder would keep what is in it.
    const std::string at = quoted(path);
    ROBOSYNC_TRY(run_there(fmt::format(
        "[ ! -e {0} ] || {{ find {0} -type d ! -perm -700 -exec chmod u+rwx {{}} \\; ; rm -rf {0}; "
        "}}",
        at)));
    return {};
  }

 private:
  [[nodiscard]] std::vector<std::string> ssh_words(const std::string& program) const {
    std::vector<std::string> words = {program};
    if (!host_.ssh_config.empty()) words.insert(words.end(), {"-F", host_.ssh_config});
    // Nobody is there to be asked.
    words.insert(words.end(), {"-o", "BatchMode=yes", "-o", "ConnectTimeout=10"});
    return words;
  }

  [[nodiscard]] std::string parity_there() const { return quoted(folder_ + "/robosync-parity"); }

  base::Result<std::string> run(std::vector<std::string> words) {
    Command command{.words = std::move(words)};
    command.timeout_s = kStepTimeoutS;
    ROBOSYNC_ASSIGN(const Finished finished, executor_.run(command));
    if (finished.exit_code == 0) return first_line(finished.out);
    return base::fail(base::make_error(
        base::ErrorKind::kUnsupported,
        fmt::format("{}: {}", command.words.front(),
                    finished.timed_out ? "no answer in time" : first_line(finished.err))));
  }

  base::Result<std::string> run_there(const std::string& line) {
    std::vector<std::string> words = ssh_words("ssh");
    words.insert(words.end(), {"--", host_.name, line});
    return run(std::move(words));
  }

  base::Result<void> copy(const std::vector<std::string>& programs) {
    std::vector<std::string> words = ssh_words("scp");
    words.insert(words.end(), {"-q", "--"});
    for (const std::string& program : programs) {
      words.push_back(find_program(program));
      if (!words.back().empty()) continue;
      return base::fail(
          base::make_error(base::ErrorKind::kNotFound, "there is no " + program + " to copy"));
    }
    words.push_back(host_.name + ":" + folder_ + "/");
    ROBOSYNC_TRY(run(std::move(words)));
    return {};
  }

  RemoteHost host_;
  Executor& executor_;
  std::string folder_;  // "" before there is one
  unsigned folders_made_ = 0;
};

}  // namespace

std::unique_ptr<NetworkLink> make_remote_link(const RemoteHost& host, Executor& executor) {
  auto link = std::make_unique<RemoteLink>(host, executor);
  if (const base::Result<void> made = link->make(); !made) {
    link->record.reason = made.error().message();
  }
  return link;
}

std::string aspects_text(const Aspects& aspects) {
  std::string text;
  for (const AspectWord& one : kAspectWords) {
    if (aspects.*one.field) text.append(text.empty() ? "" : ",").append(one.word);
  }
  return text;
}

base::Result<Aspects> aspects_of(std::string_view text) {
  Aspects aspects;
  for (const AspectWord& one : kAspectWords) aspects.*one.field = false;
  while (!text.empty()) {
    const std::string_view word = text.substr(0, text.find(','));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    bool known = false;
    for (const AspectWord& one : kAspectWords) {
      if (one.word == word) known = aspects.*one.field = true;
    }
    if (known) continue;
    return base::fail(
        base::make_error(base::ErrorKind::kUsage, "no such aspect: " + std::string(word)));
  }
  return aspects;
}

}  // namespace robosync::parity
