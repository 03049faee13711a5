#include "harness/tree/native_file_win32.h"

#include <gtest/gtest.h>

namespace robosync::parity {
namespace {

TEST(NativeFile, CountsTimeFromBothEpochs) {
  EXPECT_EQ(windows_time({}), 116'444'736'000'000'000U);
  for (const UnixTime time : {UnixTime{0, 0}, UnixTime{1, 100}, UnixTime{-1, 999'999'900},
                              UnixTime{-11'644'473'600, 0}, UnixTime{4'102'444'800, 500}}) {
    const UnixTime back = unix_time(windows_time(time));
    EXPECT_EQ(back.s, time.s);
    EXPECT_EQ(back.ns, time.ns);
  }
}

TEST(NativeFile, ReachesBelowAnExtendedRoot) {
  EXPECT_EQ(below(L"\\\\?\\C:\\r", ""), L"\\\\?\\C:\\r");
  EXPECT_EQ(below(L"\\\\?\\C:\\r", "a/b"), L"\\\\?\\C:\\r\\a\\b");
  EXPECT_EQ(extended_path("C:/r/x").value_or(L""), L"\\\\?\\C:\\r\\x");
  EXPECT_EQ(utf8_of(wide_of("gr\xc3\xbc\xc3\x9f")), "gr\xc3\xbc\xc3\x9f");
}

}  // namespace
}  // namespace robosync::parity
