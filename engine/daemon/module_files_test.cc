#include "engine/daemon/module_files.h"

#include <gtest/gtest.h>

#include "engine/daemon/module_gate.h"
#include "engine/fs/memory_fs_testing.h"

namespace robosync::daemon {
namespace {

class ModuleFilesTest : public testing::Test {
 protected:
  ModuleFilesTest() {
    auto top = system_.open_root("/").value();
    for (const char* name : {"module", "outside"}) {
      EXPECT_TRUE(top->make_directory(name, 0755));
    }
    auto module = top->open_directory("module").value();
    EXPECT_TRUE(module->make_directory("sub", 0755));
    EXPECT_TRUE(module->make_symlink("out", "/outside"));
    EXPECT_TRUE(module->make_symlink("up", ".."));
    EXPECT_TRUE(module->create_file("file", 0644));
  }

  [[nodiscard]] ModuleFiles files(ModuleFiles::LastLink last_link) const {
    return {system_.open_root("/module").value(), system_, false, last_link};
  }

  fs::MemoryFileSystem system_;
};

TEST_F(ModuleFilesTest, every_spelling_begins_at_the_folder) {
  const ModuleFiles read = files(ModuleFiles::LastLink::kKeep);
  const auto module = system_.open_root("/module").value()->stat()->identity;
  const auto sub = system_.open_root("/module/sub").value()->stat()->identity;
  for (const char* path : {"", "/", ".", "//", "/./"}) {
    EXPECT_EQ(read.open_root(path).value()->stat()->identity, module) << path;
    EXPECT_EQ(read.locate(path)->name, "") << path;
  }
  for (const char* path : {"sub", "/sub", "sub/", "./sub/."}) {
    EXPECT_EQ(read.open_root(path).value()->stat()->identity, sub) << path;
    EXPECT_EQ(read.locate(path)->name, "sub") << path;
  }
}

TEST_F(ModuleFilesTest, nothing_leads_out) {
  const ModuleFiles read = files(ModuleFiles::LastLink::kKeep);
  for (const char* path : {"..", "../outside", "sub/..", "sub/../..", "/..", "out", "out/", "up",
                           "up/outside", "out/x"}) {
    EXPECT_FALSE(read.open_root(path)) << path;
  }
  for (const char* path : {"..", "../outside", "sub/..", "up/outside", "out/x"}) {
    EXPECT_FALSE(read.locate(path)) << path;
  }
}

TEST_F(ModuleFilesTest, who_writes_cannot_name_a_link) {
  EXPECT_TRUE(files(ModuleFiles::LastLink::kKeep).locate("out"));
  EXPECT_EQ(files(ModuleFiles::LastLink::kRefuse).locate("out").error().kind,
            base::ErrorKind::kLink);
  EXPECT_TRUE(files(ModuleFiles::LastLink::kRefuse).locate("file"));
  EXPECT_TRUE(files(ModuleFiles::LastLink::kRefuse).locate("new"));
}

TEST_F(ModuleFilesTest, paths_have_a_limit) {
  const ModuleFiles read = files(ModuleFiles::LastLink::kKeep);
  EXPECT_TRUE(read.locate(std::string(tree::kPathBytesMax, '/')));
  EXPECT_EQ(read.locate(std::string(tree::kPathBytesMax + 1, '/')).error().kind,
            base::ErrorKind::kLimit);
  EXPECT_FALSE(read.locate(std::string("a\0b", 3)));
}

TEST_F(ModuleFilesTest, owners_are_the_modules_to_keep) {
  EXPECT_FALSE(files(ModuleFiles::LastLink::kKeep).privileges().owns_everything);
  const ModuleFiles keeping(system_.open_root("/module").value(), system_, true,
                            ModuleFiles::LastLink::kKeep);
  EXPECT_TRUE(keeping.privileges().owns_everything);
}

TEST(ModuleGateTest, what_a_session_wants) {
  using session::ClientRole;
  const auto wishes = [](ClientRole role, Verb verb) {
    session::Opening opening;
    opening.role = role;
    opening.verb = verb;
    const Wishes out = wishes_of(opening);
    return std::string(out.write ? "w" : "") + (out.erase ? "d" : "");
  };
  EXPECT_EQ(wishes(ClientRole::kSource, Verb::kCopy), "w");
  EXPECT_EQ(wishes(ClientRole::kSource, Verb::kMirror), "wd");
  EXPECT_EQ(wishes(ClientRole::kSource, Verb::kMove), "w");
  EXPECT_EQ(wishes(ClientRole::kSource, Verb::kVerify), "");
  EXPECT_EQ(wishes(ClientRole::kTarget, Verb::kCopy), "");
  EXPECT_EQ(wishes(ClientRole::kTarget, Verb::kMirror), "");
  EXPECT_EQ(wishes(ClientRole::kTarget, Verb::kMove), "wd");
  EXPECT_EQ(wishes(ClientRole::kTarget, Verb::kVerify), "");
}

TEST(ModuleGateTest, a_request_becomes_what_the_module_allows) {
  Module module;
  Request request;
  request.threads = 1000;
  request.retries = kRetriesMax + 1;
  request.retry_wait = kRetryWaitMax + std::chrono::milliseconds(1);
  ASSERT_TRUE(adjust_request(module, session::ClientRole::kSource, request));
  EXPECT_EQ(request.threads, 0U);
  EXPECT_EQ(request.retries, kRetriesMax);
  EXPECT_EQ(request.retry_wait, kRetryWaitMax);
  EXPECT_FALSE(request.keep_owner || request.keep_group || request.keep_devices);
  EXPECT_EQ(request.links, LinkPolicy::kKeepSafe);

  module.keep_owners = true;
  module.chmod = "F600";
  module.symlinks = SymlinkPolicy::kKeep;
  Request owners;
  ASSERT_TRUE(adjust_request(module, session::ClientRole::kSource, owners));
  EXPECT_TRUE(owners.keep_owner && owners.keep_group);
  EXPECT_FALSE(owners.keep_devices);
  EXPECT_EQ(owners.chmod.apply(0755, false, 0), 0600U);
  EXPECT_EQ(owners.links, LinkPolicy::kKeep);
}

TEST(ModuleGateTest, links_of_the_module_are_never_followed) {
  Module module;
  for (const LinkPolicy policy : {LinkPolicy::kFollow, LinkPolicy::kFollowUnsafe}) {
    Request request;
    request.links = policy;
    EXPECT_FALSE(adjust_request(module, session::ClientRole::kTarget, request));
    EXPECT_TRUE(adjust_request(module, session::ClientRole::kSource, request));
  }
  Request request;
  request.junctions = JunctionPolicy::kFollow;
  EXPECT_FALSE(adjust_request(module, session::ClientRole::kTarget, request));
  EXPECT_TRUE(adjust_request(module, session::ClientRole::kSource, request));
}

}  // namespace
}  // namespace robosync::daemon
