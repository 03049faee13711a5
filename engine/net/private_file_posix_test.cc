#include "engine/net/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "engine/net/folder_testing.h"
#include "engine/net/known_hosts.h"
#include "engine/net/stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::filesystem::perms;

unsigned mode_of(const std::filesystem::path& path) {
  struct stat status{};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 0777U;
}

TEST(PrivateFile, MustBeOursAlone) {
  const TestFolder folder;
  const std::string text = "secret";
  const auto file = folder.path() / "token";
  std::ofstream(file) << text;
  std::filesystem::permissions(file, perms::owner_read | perms::owner_write);
  EXPECT_EQ(read_private_file(file).value_or(""), text);
  std::filesystem::permissions(file, perms::owner_read);
  EXPECT_TRUE(read_private_file(file));
  std::filesystem::permissions(file, perms::owner_read | perms::group_read);
  EXPECT_EQ(kind_of(read_private_file(file)), ErrorKind::kPermission);
  std::filesystem::permissions(file, perms::owner_read | perms::others_read);
  EXPECT_EQ(kind_of(read_private_file(file)), ErrorKind::kPermission);
  std::filesystem::permissions(file, perms::owner_read);
  std::filesystem::create_symlink(file, folder.path() / "link");
  EXPECT_EQ(kind_of(read_private_file(folder.path() / "link")), ErrorKind::kPermission);
  EXPECT_EQ(kind_of(read_private_file(folder.path())), ErrorKind::kPermission);
  EXPECT_EQ(kind_of(read_private_file(folder.path() / "none")), ErrorKind::kNotFound);
}

TEST(PrivateFile, IsMadeForUsAlone) {
  const TestFolder folder;
  const auto own = folder.path() / "own";
  ASSERT_TRUE(ensure_private_folder(own));
  EXPECT_EQ(mode_of(own), 0700U);
  ASSERT_TRUE(write_private_file(own / "file", "one"));
  EXPECT_EQ(mode_of(own / "file"), 0600U);
  EXPECT_EQ(kind_of(create_private_file(own / "file", "two")), ErrorKind::kExists);
  EXPECT_EQ(read_private_file(own / "file").value_or(""), "one");
  std::filesystem::permissions(own, perms::all);
  EXPECT_EQ(kind_of(ensure_private_folder(own)), ErrorKind::kPermission);
}

TEST(GuardedFile, MayBeReadButNotWrittenByOthers) {
  const TestFolder folder;
  const auto file = folder.path() / "config";
  std::ofstream(file) << "x";
  std::filesystem::permissions(file, perms::owner_read | perms::others_read);
  EXPECT_EQ(read_guarded_file(file, 1).value_or(""), "x");
  EXPECT_EQ(kind_of(read_guarded_file(file, 0)), ErrorKind::kLimit);
  std::filesystem::permissions(file, perms::owner_read | perms::group_write);
  EXPECT_EQ(kind_of(read_guarded_file(file, 1)), ErrorKind::kPermission);
  EXPECT_EQ(kind_of(read_guarded_file(folder.path(), 1)), ErrorKind::kInvalid);
}

// The known hosts decide about trust.
TEST(PrivateFile, KnownHostsThatOthersMayTouchAreNotTrusted) {
  const TestFolder folder;
  const auto file = folder.path() / "new" / "known_hosts";
  KnownHosts hosts(file);
  const Address server{.host = "backup.example"};
  const std::string key = "SHA256:" + std::string(43, 'a');
  const FirstUse yes = [](const std::string&, const std::string&) { return base::Result<void>(); };
  ASSERT_TRUE(hosts.check(server, key, yes));
  std::filesystem::permissions(file, perms::group_write, std::filesystem::perm_options::add);
  EXPECT_EQ(kind_of(hosts.check(server, key, yes)), ErrorKind::kPermission);
  std::filesystem::permissions(file, perms::owner_read);
  EXPECT_TRUE(hosts.check(server, key, {}));
  std::filesystem::permissions(file.parent_path(), perms::all);
  EXPECT_EQ(kind_of(hosts.check(server, key, yes)), ErrorKind::kPermission);
}

}  // namespace
}  // namespace robosync::net
