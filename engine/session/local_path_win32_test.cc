#include <gtest/gtest.h>

#include "engine/session/local_path.h"
#include "engine/session/location.h"

namespace robosync::session {
namespace {

TEST(LocalPathWin32, DrivesAreNoHosts) {
  for (const char* text :
       {"C:/x", "c:\\x", "C:", "d:x/y", "D:\\", "\\\\server\\share\\x", "\\\\?\\C:\\x", "a\\b:c"}) {
    const auto location = parse_location(text);
    ASSERT_TRUE(location) << text;
    EXPECT_TRUE(location->is_local()) << text;
    EXPECT_EQ(location->path, local_path(text)) << text;
  }
  EXPECT_FALSE(parse_location("host:/x")->is_local());
  EXPECT_FALSE(parse_location("me@c:/x")->is_local()) << "a host of one letter";
}

TEST(LocalPathWin32, BackslashesAreSlashes) {
  EXPECT_EQ(local_path("C:\\a\\b\\"), "C:/a/b/");
  EXPECT_EQ(local_path("a/b\\c"), "a/b/c");
}

}  // namespace
}  // namespace robosync::session
