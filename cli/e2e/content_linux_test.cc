// Requirements 5, 10 and 22: every byte arrives, whatever the size, the path through the kernel and
// the company; a file that changes while it is read is noticed.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "cli/e2e/end_to_end_linux_testing.h"
#include "cli/e2e/rivals_linux_testing.h"

namespace robosync::e2e {
namespace {

constexpr std::uint64_t kGibibyte = std::uint64_t{1} << 30;

Aspects with_holes() {
  Aspects aspects;
  aspects.holes = true;
  return aspects;
}

TEST_F(DataSafety, Row05_TwoGibibytesAndOneByteArriveSparse) {
  source().sparse("big", 2 * kGibibyte + 1,
                  {{0, noise(5000, 1)}, {kGibibyte - 10, noise(100, 2)}, {2 * kGibibyte, "!"}});
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_holes());
}

TEST_F(DataSafety, Row05_FiveGibibytesArriveSparse) {
  source().sparse("big", 5 * kGibibyte, {{4 * kGibibyte + 4096, noise(70000, 3)}});
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy());
  ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path(), with_holes());
}

TEST_F(DataSafety, Row05_LargeDenseFileArrives) {
  const std::string block = noise(4 << 20, 9);
  source().file("dense", block);
  const std::uint64_t size = full_run() ? 2 * kGibibyte + 1 : 96'000'001;
  while (read_tree(source().root()).at("dense").size < static_cast<std::int64_t>(size) / 2) {
    source().append("dense", block);
    if (full_run()) {
      for (int i = 0; i < 30; ++i) source().append("dense", block);
    }
  }
  source().append("dense", "tail").time("dense", kOldTime);
  for (const char* path : {"none", "copy-range", "parallel", "holes", "all"}) {
    Arguments options = {"--ignore-times"};
    if (std::string(path) != "none") options.push_back(std::string("--no-fast-path=") + path);
    ROBOSYNC_ASSERT_EXIT(kExitOk, copy(options));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
}

TEST_F(DataSafety, Row05_SizesAroundEveryBoundaryArrive) {
  for (const std::int64_t base : std::initializer_list<std::int64_t>{
           0, 1, 512, 4096, 8192, 65536, 131072, 262144, 1048576, 4194304}) {
    for (const std::int64_t delta : std::initializer_list<std::int64_t>{-1, 0, 1}) {
      if (base + delta < 0) continue;
      const auto size = static_cast<std::size_t>(base + delta);
      source().file("size" + std::to_string(size), noise(size, size));
    }
  }
  for (const char* path : {"clone", "copy-range", "staged-dirs", "holes", "all"}) {
    ROBOSYNC_ASSERT_EXIT(kExitOk, copy({"-I", std::string("--no-fast-path=") + path}));
    ROBOSYNC_EXPECT_SAME_TREE(source().root(), target_path());
  }
}

// What a run may do when the kernel copies short: copy all the same, or fail that file.
class ShortCopies : public DataSafety {
 protected:
  void expect_whole_or_failed(const Tampering& tampering, const Arguments& options) {
    const std::string content = noise(3'000'000, 7);
    source().file("sub/file", content).file("other", "o");
    Arguments arguments = {"copy"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    arguments.push_back(source_slash());
    arguments.push_back(target_path());
    const Finished finished = run(with_tampering(robosync_command(arguments), tampering));
    const std::string landed = target().at("sub/file");
    if (exists(landed)) {
      EXPECT_TRUE(content == read_file(landed)) << "damaged\n" << finished.describe();
    } else {
      EXPECT_NE(0, finished.exit_code) << finished.describe();
    }
    if (finished.exit_code == 0) {
      EXPECT_TRUE(exists(landed)) << finished.describe();
    }
    EXPECT_TRUE(staging_names_in(target_path()).empty()) << finished.describe();
  }
};

TEST_F(ShortCopies, Row05_KernelCopyThatEndsEarly) {
  expect_whole_or_failed({.injections = {"copy_file_range:retval=0:when=2+"}}, {});
  expect_whole_or_failed({.injections = {"copy_file_range:retval=0"}}, {"-I"});
}

TEST_F(ShortCopies, Row05_KernelCopyThatIsNotSupported) {
  for (const char* error : {"EXDEV", "ENOSYS", "EOPNOTSUPP", "EINVAL", "EPERM"}) {
    expect_whole_or_failed({.injections = {std::string("copy_file_range:error=") + error}}, {"-I"});
    EXPECT_EQ(noise(3'000'000, 7), read_file(target().at("sub/file"))) << error;
    target().remove("sub");
  }
}

TEST_F(ShortCopies, Row05_KernelCopyThatFailsHalfWay) {
  expect_whole_or_failed({.injections = {"copy_file_range:error=EIO:when=2+"}}, {});
  expect_whole_or_failed({.injections = {"copy_file_range:error=EINTR:when=1"}}, {"-I"});
}

TEST_F(ShortCopies, Row05_ReadThatEndsEarly) {
  source().directory("sub");
  expect_whole_or_failed({.injections = {"pread64:retval=0:when=2+", "read:retval=0:when=2+"},
                          .paths = {source().at("sub/file")}},
                         {"--no-fast-path=all", "--reflink=never"});
}

TEST_F(ShortCopies, Row05_ReadThatFails) {
  source().directory("sub");
  expect_whole_or_failed({.injections = {"pread64:error=EIO:when=2+", "read:error=EIO:when=2+"},
                          .paths = {source().at("sub/file")}},
                         {"--no-fast-path=all", "--reflink=never"});
}

TEST_F(ShortCopies, Row05_WriteThatFails) {
  expect_whole_or_failed({.injections = {"pwrite64:error=EIO:when=2+"}},
                         {"--no-fast-path=all", "--reflink=never"});
}

TEST_F(ShortCopies, Row05_AFailedCopyKeepsTheOldFile) {
  target().file("sub/file", "old and complete");
  source().file("sub/file", noise(3'000'000, 7));
  const Command command = robosync_command(
      {"copy", "--no-fast-path=all", "--reflink=never", source_slash(), target_path()});
  const Finished finished =
      run(with_tampering(command, {.injections = {"pread64:error=EIO", "read:error=EIO"},
                                   .paths = {source().at("sub/file")}}));
  ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  EXPECT_EQ("old and complete", read_file(target().at("sub/file")));
  EXPECT_TRUE(staging_names_in(target_path()).empty());
}

TEST_F(DataSafety, Row10_AFileIsTheSameAloneAndInCompany) {
  const auto dress = [](TreeBuilder& tree, const std::string& name) {
    tree.file(name, noise(10000, 1)).xattr(name, "user.mark", "yes");
    if (is_root()) tree.owner(name, 1234, 2345);
    tree.mode(name, 06751).time(name, timespec{.tv_sec = -5, .tv_nsec = 7});
  };
  TreeBuilder alone(at("alone"));
  dress(alone, "subject");
  dress(source(), "subject");
  for (int i = 0; i < 100; ++i) source().file("sibling" + std::to_string(i), "s");
  ROBOSYNC_ASSERT_EXIT(kExitOk, copy({"-X"}));
  ROBOSYNC_ASSERT_EXIT(kExitOk, robosync({"copy", "-X", at("alone/subject"), at("single")}));
  ROBOSYNC_ASSERT_EXIT(kExitOk, robosync({"copy", "-X", at("alone/"), at("lone")}));
  Aspects aspects;
  aspects.xattrs = true;
  ROBOSYNC_EXPECT_SAME_TREE(source().at("subject"), target().at("subject"), aspects);
  ROBOSYNC_EXPECT_SAME_TREE(source().at("subject"), at("single"), aspects);
  ROBOSYNC_EXPECT_SAME_TREE(source().at("subject"), at("lone/subject"), aspects);
}

TEST_F(DataSafety, Row22_AFileThatGrowsArrivesAsSomeMomentOfItOrFails) {
  const std::string block = noise(4096, 1);
  source().file("log", block).file("quiet", "q");
  const std::string path = source().at("log");
  Rival writer([path, block] {
    const int fd = open(path.c_str(), O_WRONLY | O_APPEND);
    if (fd >= 0 && lseek(fd, 0, SEEK_END) < (64 << 20)) (void)!write(fd, block.data(), 4096);
    close(fd);
  });
  for (int round = 0; round < (full_run() ? 50 : 6); ++round) {
    const Finished finished = copy({"--retries=1", "--retry-wait=0.01"});
    EXPECT_TRUE(finished.exit_code == kExitOk || finished.exit_code == kExitPartial)
        << finished.describe();
    if (exists(target().at("log"))) {
      const std::string landed = read_file(target().at("log"));
      EXPECT_EQ(0U, landed.size() % 4096) << "half a record";
      for (std::size_t i = 0; i + 4096 <= landed.size(); i += 4096) {
        ASSERT_EQ(0, landed.compare(i, 4096, block)) << "damaged at " << i;
      }
    }
    EXPECT_EQ("q", read_file(target().at("quiet")));
  }
}

TEST_F(DataSafety, Row22_AFileThatShrinksIsNeverPaddedSilently) {
  const std::string whole = noise(900'000, 5);
  source().file("shrinking", whole);
  Process process(robosync_command({"copy", "--bwlimit=600K", "--retries=0", "--no-fast-path=all",
                                    source_slash(), target_path()}));
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  source().file("shrinking", whole.substr(0, 1000), 0644, kNewTime);
  const Finished finished = process.wait();
  EXPECT_FALSE(finished.timed_out) << finished.describe();
  if (finished.exit_code == 0) {
    const std::string landed = read_file(target().at("shrinking"));
    EXPECT_TRUE(landed == whole || landed == whole.substr(0, 1000)) << landed.size();
  } else {
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
    EXPECT_FALSE(exists(target().at("shrinking")));
  }
}

TEST_F(DataSafety, Row22_ARewriteInTheMiddleIsNoticed) {
  const std::string whole = noise(900'000, 5);
  source().file("busy", whole);
  Process process(robosync_command({"copy", "--bwlimit=600K", "--retries=0", "--no-fast-path=all",
                                    source_slash(), target_path()}));
  std::this_thread::sleep_for(std::chrono::milliseconds(400));
  const std::string other = noise(900'000, 6);
  source().file("busy", other, 0644, kNewTime);
  const Finished finished = process.wait();
  if (exists(target().at("busy"))) {
    const std::string landed = read_file(target().at("busy"));
    EXPECT_TRUE(landed == whole || landed == other) << "a mixture\n" << finished.describe();
  } else {
    ROBOSYNC_EXPECT_EXIT(kExitPartial, finished);
  }
}

}  // namespace
}  // namespace robosync::e2e
