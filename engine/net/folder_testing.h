// A folder (0700) for one test, removed with all that is in it.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <system_error>

#include "engine/base/random.h"

namespace robosync::net {

class TestFolder {
 public:
  TestFolder() {
    path_ = std::filesystem::temp_directory_path() /
            ("robosync-net-" + std::to_string(base::random64()));
    EXPECT_TRUE(std::filesystem::create_directory(path_));
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace robosync::net
