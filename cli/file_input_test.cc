#include "cli/file_input.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "cli/file_output.h"

namespace robosync::cli {
namespace {

std::string scratch(const std::string& name) {
  return (std::filesystem::path(testing::TempDir()) /
          (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) + name))
      .string();
}

TEST(FileInput, BytesAsTheyAre) {
  std::istringstream stream(std::string("a\r\n\0\xff\n", 6));
  EXPECT_EQ(read_stream(stream, "s", 100), std::string("a\r\n\0\xff\n", 6));
}

TEST(FileInput, UpToTheLimitAndNotOnePast) {
  for (const std::size_t size : {0U, 1U, 65535U, 65536U, 65537U, 200000U}) {
    const std::string content(size, 'x');
    std::istringstream enough(content);
    EXPECT_EQ(read_stream(enough, "s", size), content);
    if (size == 0) continue;
    std::istringstream short_of(content);
    const auto refused = read_stream(short_of, "list", size - 1);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, base::ErrorKind::kLimit);
    EXPECT_EQ(refused.error().message(), "list: more than " + std::to_string(size - 1) + " bytes");
  }
}

TEST(FileInput, WhatIsNotThereIsNamed) {
  const auto missing = read_input(scratch("-missing"), 100);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, base::ErrorKind::kNotFound);
  EXPECT_NE(missing.error().message().find(scratch("-missing")), std::string::npos);
}

TEST(FileInput, ADirectoryIsNoFile) {
  const auto directory = read_input(testing::TempDir(), 100);
  ASSERT_FALSE(directory);
  EXPECT_EQ(directory.error().kind, base::ErrorKind::kIsDirectory);
}

TEST(FileOutput, Appends) {
  const std::string path = scratch("-ä.log");
  std::filesystem::remove(std::filesystem::path(std::u8string(path.begin(), path.end())));
  for (const char* line : {"one\n", "two\n"}) {
    auto log = open_output(path, Opening::kAppend);
    ASSERT_TRUE(log);
    (*log)->write(line);
    (*log)->flush();
    EXPECT_TRUE((*log)->status());
  }
  EXPECT_EQ(read_input(path, 100), "one\ntwo\n");
  std::filesystem::remove(std::filesystem::path(std::u8string(path.begin(), path.end())));
}

TEST(FileOutput, WhatCannotBeOpenedIsNamed) {
  const auto refused = open_output(scratch("-missing") + "/log", Opening::kAppend);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("-missing/log"), std::string::npos);
}

}  // namespace
}  // namespace robosync::cli
