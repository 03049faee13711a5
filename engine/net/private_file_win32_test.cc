#include "engine/net/private_file.h"

#include <windows.h>
#include <gtest/gtest.h>

#include <aclapi.h>
#include <sddl.h>

#include "engine/net/folder_testing.h"
#include "engine/net/stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;
using std::filesystem::path;

// Adds an entry for everybody with these rights ("FR", "FW").
void give_everybody(const path& file, const std::wstring& rights) {
  PSECURITY_DESCRIPTOR descriptor = nullptr;
  PACL before = nullptr;
  ASSERT_EQ(GetNamedSecurityInfoW(file.c_str(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr,
                                  nullptr, &before, nullptr, &descriptor),
            static_cast<DWORD>(ERROR_SUCCESS));
  EXPLICIT_ACCESSW entry{};
  entry.grfAccessPermissions = rights == L"FR" ? FILE_GENERIC_READ : FILE_GENERIC_WRITE;
  entry.grfAccessMode = GRANT_ACCESS;
  PSID everybody = nullptr;
  ASSERT_TRUE(ConvertStringSidToSidW(L"S-1-1-0", &everybody));
  entry.Trustee = {.TrusteeForm = TRUSTEE_IS_SID, .ptstrName = static_cast<LPWSTR>(everybody)};
  PACL after = nullptr;
  ASSERT_EQ(SetEntriesInAclW(1, &entry, before, &after), static_cast<DWORD>(ERROR_SUCCESS));
  std::wstring name = file.wstring();
  ASSERT_EQ(SetNamedSecurityInfoW(name.data(), SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, nullptr,
                                  nullptr, after, nullptr),
            static_cast<DWORD>(ERROR_SUCCESS));
  LocalFree(after);
  LocalFree(everybody);
  LocalFree(descriptor);
}

TEST(PrivateFile, IsReadBackAndReplacedWhole) {
  const TestFolder folder;
  const path file = folder.path() / L"n\u00e4me";
  ASSERT_TRUE(write_private_file(file, "one"));
  EXPECT_EQ(read_private_file(file).value_or(""), "one");
  ASSERT_TRUE(write_private_file(file, "two"));
  EXPECT_EQ(kind_of(create_private_file(file, "three")), ErrorKind::kExists);
  EXPECT_EQ(read_private_file(file).value_or(""), "two");
  EXPECT_EQ(kind_of(read_private_file(folder.path() / "none")), ErrorKind::kNotFound);
  EXPECT_EQ(kind_of(read_private_file(folder.path())), ErrorKind::kPermission);
}

TEST(PrivateFile, OneThatOthersMayReadIsRefused) {
  const TestFolder folder;
  const path file = folder.path() / "file";
  ASSERT_TRUE(write_private_file(file, "secret"));
  give_everybody(file, L"FR");
  const auto read = read_private_file(file);
  ASSERT_EQ(kind_of(read), ErrorKind::kPermission);
  EXPECT_NE(read.error().message().find("icacls"), std::string::npos);
  EXPECT_EQ(read_guarded_file(file, 100).value_or(""), "secret");
}

TEST(GuardedFile, OneThatOthersMayWriteIsRefused) {
  const TestFolder folder;
  const path file = folder.path() / "file";
  ASSERT_TRUE(write_private_file(file, "config"));
  EXPECT_EQ(kind_of(read_guarded_file(file, 5)), ErrorKind::kLimit);
  give_everybody(file, L"FW");
  EXPECT_EQ(kind_of(read_guarded_file(file, 100)), ErrorKind::kPermission);
}

TEST(PrivateFolder, IsMadeAndOneThatOthersMayWriteToIsRefused) {
  const TestFolder folder;
  const path own = folder.path() / "own";
  ASSERT_TRUE(ensure_private_folder(own));
  ASSERT_TRUE(ensure_private_folder(own));
  give_everybody(own, L"FW");
  EXPECT_EQ(kind_of(ensure_private_folder(own)), ErrorKind::kPermission);
}

}  // namespace
}  // namespace robosync::net
