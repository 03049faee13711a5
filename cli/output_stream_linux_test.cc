#include "cli/output_stream.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <string>

namespace robosync::cli {
namespace {

class Pipe {
 public:
  Pipe() {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    writer_ = ::fdopen(ends_[1], "w");
    std::setvbuf(writer_, nullptr, _IONBF, 0);
  }
  ~Pipe() {
    close_reader();
    std::fclose(writer_);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::FILE* writer() { return writer_; }
  std::string read() {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(ends_[0], buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
  }
  void close_reader() {
    if (ends_[0] >= 0) ::close(ends_[0]);
    ends_[0] = -1;
  }

 private:
  std::array<int, 2> ends_{};
  std::FILE* writer_ = nullptr;
};

TEST(StdioStream, BuffersUntilFlushed) {
  Pipe pipe;
  StdioStream stream(pipe.writer(), "out", Buffering::kBlock);
  stream.write("a");
  stream.write("b\n");
  stream.flush();
  EXPECT_EQ(pipe.read(), "ab\n");
  StdioStream direct(pipe.writer(), "err", Buffering::kNone);
  direct.write("c");
  EXPECT_EQ(pipe.read(), "c");
}

TEST(StdioStream, AReaderThatWentAwayIsNoFault) {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe pipe;
  pipe.close_reader();
  StdioStream stream(pipe.writer(), "out", Buffering::kBlock);
  for (int i = 0; i < 3; ++i) {
    stream.write("a\n");
    stream.flush();
  }
  EXPECT_TRUE(stream.status());
}

TEST(StdioStream, AFullDiskIsAFault) {
  std::FILE* full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  StdioStream stream(full, "standard output", Buffering::kBlock);
  stream.write("a\n");
  EXPECT_TRUE(stream.status()) << "nothing was tried yet";
  stream.flush();
  ASSERT_FALSE(stream.status());
  EXPECT_EQ(stream.status().error().kind, base::ErrorKind::kNoSpace);
  EXPECT_EQ(stream.status().error().context, "write standard output");
  std::fclose(full);
}

}  // namespace
}  // namespace robosync::cli
