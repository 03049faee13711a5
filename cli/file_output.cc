#include "cli/file_output.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <utility>

namespace robosync::cli {
namespace {

class FileStream final : public TextStream {
 public:
  FileStream(std::ofstream file, std::string path)
      : file_(std::move(file)), path_(std::move(path)) {}

  void write(std::string_view text) override {
    file_.write(text.data(), static_cast<std::streamsize>(text.size()));
    note_fault();
  }
  void flush() override {
    file_.flush();
    note_fault();
  }
  [[nodiscard]] base::Result<void> status() const override { return status_; }

 private:
  void note_fault() {
    if (file_.good() || !status_) return;
    status_ = base::fail(base::from_errno(errno != 0 ? errno : EIO, "write " + path_));
  }

  std::ofstream file_;
  std::string path_;
  base::Result<void> status_;
};

}  // namespace

base::Result<std::unique_ptr<TextStream>> open_output(const std::string& path, Opening opening) {
  // On Windows a narrow path would go through the code page; UTF-8 goes through unharmed.
  const std::filesystem::path native(std::u8string(path.begin(), path.end()));
  errno = 0;
  std::ofstream file(
      native, std::ios::binary | (opening == Opening::kAppend ? std::ios::app : std::ios::trunc));
  if (!file) return base::fail(base::from_errno(errno != 0 ? errno : EIO, "open " + path));
  return std::make_unique<FileStream>(std::move(file), path);
}

}  // namespace robosync::cli
