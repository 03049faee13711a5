// What a module hides, and clients that try to get at it.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <utility>

#include "engine/daemon/session_linux_testing.h"

namespace robosync::daemon {
namespace {

using session::ClientRole;

// What a module hides is neither written, replaced, deleted, listed nor looked into by a client
// that may do anything else, and that asks in every way there is.
class HiddenTest : public SessionTest {
 protected:
  HiddenTest() {
    for (const char* const folder : {"module/private", "module/d", "local/private", "local/d"}) {
      std::filesystem::create_directories(path(folder));
    }
    for (const char* const name : {"module/private/p", "module/x.key", "module/d/y.key"}) {
      write(path(name), "theirs");
    }
    for (const char* const name : {"local/private/p", "local/private/q", "local/x.key",
                                   "local/z.key", "local/d/y.key", "local/d/f"}) {
      write(path(name), "from here");
    }
  }
  [[nodiscard]] LoadPlan hiding() const {
    return plan("read_only = false\nallow_delete = true\nexclude = ['/private/', '*.key']",
                plaintext());
  }
  void expect_untouched() {
    for (const char* const name : {"module/private/p", "module/x.key", "module/d/y.key"}) {
      EXPECT_EQ(content(path(name)), "theirs") << name;
    }
    for (const char* const name : {"module/private/q", "module/z.key", "module/a.txt.key"}) {
      EXPECT_FALSE(std::filesystem::exists(path(name))) << name;
    }
  }
};

TEST_F(HiddenTest, what_a_module_hides_is_not_written_or_deleted) {
  TestServer server(hiding());
  for (const Verb verb : {Verb::kCopy, Verb::kMirror, Verb::kMove}) {
    const auto report = run(server, {.role = ClientRole::kSource, .verb = verb});
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_EQ(report->counters.skipped.total(), 4U) << "each is told";
    EXPECT_TRUE(std::filesystem::exists(path("local/z.key"))) << "a move keeps what did not land";
    expect_untouched();
  }
  EXPECT_EQ(content(path("module/d/f")), "from here");
  EXPECT_FALSE(std::filesystem::exists(path("module/a.txt"))) << "mirrored";
}

TEST_F(HiddenTest, no_wish_of_the_clients_changes_that) {
  TestServer server(hiding());
  std::filesystem::remove_all(path("local/d"));
  const auto report = run(server, {.role = ClientRole::kSource,
                                   .verb = Verb::kMirror,
                                   .filters = {{.text = "!"}, {.text = "+ *"}},
                                   .more = [](Request& request) {
                                     request.delete_excluded = true;
                                     request.comparison = Comparison::kAlways;
                                     request.in_place = true;
                                   }});
  ASSERT_TRUE(report) << report.error().message();
  expect_untouched();
}

// Neither a path nor the name of a backup leads there.
TEST_F(HiddenTest, no_other_way_leads_there) {
  TestServer server(hiding());
  for (const char* const remote : {"private/", "private", "private/p", "x.key", "/d/y.key"}) {
    for (const ClientRole role : {ClientRole::kSource, ClientRole::kTarget}) {
      EXPECT_NE(message_of(run(server, {.role = role, .remote = remote})), "") << remote;
    }
  }
  write(path("local/a.txt"), "newer content");
  for (const auto& [folder, suffix] : {std::pair{"", ".key"}, {"private", ""}, {"/private", ""}}) {
    const auto report = run(server, {.role = ClientRole::kSource, .more = [&](Request& request) {
                                       request.backup = true;
                                       request.backup_dir = folder;
                                       request.backup_suffix = suffix;
                                     }});
    EXPECT_TRUE(!report || report->problem_count > 0) << folder << suffix;
    EXPECT_EQ(content(path("module/a.txt")), "from the module");
    EXPECT_FALSE(std::filesystem::exists(path("module/private/a.txt")));
    expect_untouched();
  }
}

// The name of something hidden, for something that would not be.
TEST_F(HiddenTest, another_kind_of_entry_does_not_take_its_place) {
  std::filesystem::remove_all(path("local/private"));
  write(path("local/private"), "a file");
  std::filesystem::remove(path("local/d/y.key"));
  std::filesystem::remove_all(path("local/d"));
  write(path("local/d"), "a file, too");
  TestServer server(hiding());
  for (const Verb verb : {Verb::kCopy, Verb::kMirror}) {
    const auto report = run(server, {.role = ClientRole::kSource, .verb = verb});
    ASSERT_TRUE(report) << report.error().message();
    EXPECT_GE(report->problem_count, 2U);
    expect_untouched();
  }
  std::filesystem::remove(path("module/private/p"));  // an empty one gives way to files
  EXPECT_TRUE(run(server, {.role = ClientRole::kSource}));
  EXPECT_TRUE(std::filesystem::is_directory(path("module/private")));
}

// verify hashes nothing of it, and does not tell that it is there.
TEST_F(HiddenTest, nothing_of_it_is_told) {
  TestServer server(hiding());
  const auto report = run(
      server, {.role = ClientRole::kSource, .verb = Verb::kVerify, .more = [](Request& request) {
                 request.comparison = Comparison::kDigest;
               }});
  ASSERT_TRUE(report) << report.error().message();
  EXPECT_EQ(report->counters.only_target, 2U) << "a.txt and b.tmp";
  EXPECT_EQ(report->counters.different, 0U);
  EXPECT_EQ(report->counters.read_bytes, 0U);
}

}  // namespace
}  // namespace robosync::daemon
