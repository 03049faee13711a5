#include "cli/error_text.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

namespace robosync::cli {
namespace {

using base::ErrorKind;

TEST(ErrorText, SaysWhatWhyAndWhatToDo) {
  EXPECT_EQ(error_text(base::make_error(ErrorKind::kUsage, "--x: no such option")),
            "--x: no such option");
  const base::Error full = base::from_errno(ENOSPC, "write /t/a");
  EXPECT_EQ(error_text(full),
            "write /t/a: " + full.code.message() + " (make room, then run again)");
  EXPECT_EQ(error_text(base::make_error(ErrorKind::kIo, "a\x1b\nb")), "a\\#033\\#012b");
}

TEST(ProblemText, NamesThePathOnce) {
  const base::Error denied = base::from_errno(EACCES, "");
  const auto text = [](const std::string& path, const std::string& context) {
    return problem_text({path, base::make_error(ErrorKind::kIo, context)});
  };
  EXPECT_EQ(text("d/a", "bad block"), "d/a: bad block");
  EXPECT_EQ(text("a", "bad"), "a: bad");
  EXPECT_EQ(text("d/a", "read d/a"), "d/a: read");
  EXPECT_EQ(text("d/a", "read a"), "d/a: read");
  EXPECT_EQ(text("d/a", "read ba"), "d/a: read ba");
  EXPECT_EQ(text("d/a", "d/a"), "d/a");
  EXPECT_EQ(text("", "bad block"), ".: bad block");
  EXPECT_EQ(problem_text({"d/a", base::from_errno(EACCES, "open a")}),
            "d/a: open: " + denied.code.message() +
                " (run as a user who may, or change its permissions)");
  EXPECT_EQ(problem_text({"o\nx\xff", base::make_error(ErrorKind::kChanged, "it grew")}),
            "o\\#012x\\#377: it grew (it changed while it was read; run again)");
}

}  // namespace
}  // namespace robosync::cli
