#include "cli/output_stream.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <string>
#include <thread>

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
    close_writer();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::FILE* writer() { return writer_; }
  std::string read() {
    std::array<char, 4096> buffer{};
    const ssize_t count = ::read(ends_[0], buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(count > 0 ? count : 0)};
  }
  void close_writer() {
    if (writer_ != nullptr) std::fclose(writer_);
    writer_ = nullptr;
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

TEST(StdioStream, AReaderThatDoesNotReadIsGivenUpOnceTheRunIsToStop) {
  Pipe pipe;
  base::Cancellation stop;
  StdioStream stream(pipe.writer(), "out", Buffering::kBlock, &stop);
  stop.request();
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < 3; ++i) stream.write(std::string(100'000, 'x'));
  stream.flush();
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::milliseconds(700));
  EXPECT_TRUE(stream.status()) << "that is the reader's affair";
  EXPECT_EQ(pipe.read().substr(0, 2), "xx") << "what it had room for is there";
}

TEST(StdioStream, AReaderThatTakesItsTimeIsWaitedFor) {
  Pipe pipe;
  base::Cancellation stop;
  StdioStream stream(pipe.writer(), "out", Buffering::kBlock, &stop);
  std::size_t count = 0;
  std::thread reader([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    for (std::string part = pipe.read(); !part.empty(); part = pipe.read()) count += part.size();
  });
  stream.write(std::string(200'000, 'x'));
  stream.write("end\n");
  stream.flush();
  pipe.close_writer();
  reader.join();
  EXPECT_EQ(count, 200'004);
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
