// Until Windows is supported, every way in says so, in words for the person who tried.
#include <gtest/gtest.h>

#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

TEST(Win32FileSystem, SaysThatItIsNotSupportedYet) {
  FileSystem& native = native_file_system();
  const auto located = native.locate("C:\\data\\file");
  ASSERT_TRUE(fails(located, base::ErrorKind::kUnsupported));
  EXPECT_EQ(located.error().message(), "open 'C:\\data\\file': not supported on Windows yet");
  EXPECT_TRUE(fails(native.open_root("C:\\"), base::ErrorKind::kUnsupported));
  EXPECT_TRUE(fails(native.ancestry(nullptr), base::ErrorKind::kUnsupported));
  EXPECT_FALSE(native.privileges().owns_everything);
  EXPECT_GE(native.open_handles_max(), 64U);
}

}  // namespace
}  // namespace robosync::fs
