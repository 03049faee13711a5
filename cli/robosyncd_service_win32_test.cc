// The words of the service and whose its folder is; what else they do needs a service manager.
#include <windows.h>
#include <gtest/gtest.h>

#include <aclapi.h>
#include <sddl.h>

#include <filesystem>
#include <string>

#include "cli/robosyncd_command.h"
#include "cli/service_win32.h"
#include "engine/base/random.h"
#include "engine/net/private_file.h"

namespace robosync::cli {
namespace {

TEST(ServiceWords, EachIsAnAction) {
  for (const auto& [word, action] :
       {std::pair{"install", ServiceAction::kInstall},
        std::pair{"uninstall", ServiceAction::kUninstall},
        std::pair{"start", ServiceAction::kStart}, std::pair{"stop", ServiceAction::kStop},
        std::pair{"run", ServiceAction::kRun}}) {
    const auto command = parse_daemon_command({"service", word, "--config", "x.toml"});
    ASSERT_TRUE(command) << word;
    EXPECT_EQ(command->verb, DaemonCommand::Verb::kService);
    EXPECT_EQ(command->service, action);
    EXPECT_EQ(command->config_file, "x.toml");
  }
  EXPECT_FALSE(parse_daemon_command({"service"}));
  EXPECT_FALSE(parse_daemon_command({"service", "pause"}));
}

TEST(Service, SaysWithWhatItStopped) {
  EXPECT_NE(why_stopped(ERROR_SERVICE_SPECIFIC_ERROR, 23).message().find("code 23"),
            std::string::npos);
  EXPECT_NE(why_stopped(ERROR_SUCCESS, 7).message().find("code 0"), std::string::npos);
  const base::Error refused = why_stopped(ERROR_ACCESS_DENIED, 0);
  EXPECT_EQ(refused.kind, base::ErrorKind::kPermission);
  EXPECT_EQ(refused.message().find("code 0"), std::string::npos) << refused.message();
}

// A service's account that there is none of.
constexpr const wchar_t* kService = L"S-1-5-80-1-2-3-4-5";

class ServiceFolder : public testing::Test {
 protected:
  void SetUp() override {
    if (::GetProcAddress(::GetModuleHandleW(L"ntdll.dll"), "wine_get_version") != nullptr) {
      GTEST_SKIP() << "wine keeps modes, no access lists";
    }
  }
  ~ServiceFolder() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  // Owner and access list as text.
  static std::wstring access(const std::filesystem::path& what) {
    constexpr SECURITY_INFORMATION kBoth = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    PSECURITY_DESCRIPTOR found = nullptr;
    LPWSTR text = nullptr;
    EXPECT_EQ(GetNamedSecurityInfoW(what.c_str(), SE_FILE_OBJECT, kBoth, nullptr, nullptr, nullptr,
                                    nullptr, &found),
              static_cast<DWORD>(ERROR_SUCCESS));
    EXPECT_TRUE(ConvertSecurityDescriptorToStringSecurityDescriptorW(found, SDDL_REVISION_1, kBoth,
                                                                     &text, nullptr));
    const std::wstring out = text == nullptr ? L"" : text;
    LocalFree(text);
    LocalFree(found);
    return out;
  }

  std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) / ("service-" + std::to_string(base::random64()));
};

TEST_F(ServiceFolder, IsMadeForTheService) {
  ASSERT_TRUE(give_folder(folder_, kService));
  EXPECT_NE(access(folder_).find(kService), std::wstring::npos);
}

TEST_F(ServiceFolder, AnAdministratorsKeyBecomesTheServicesAndNoLongerHis) {
  ASSERT_TRUE(net::ensure_private_folder(folder_));
  ASSERT_TRUE(net::create_private_file(folder_ / "key.pem", "secret"));
  const auto given = give_folder(folder_, kService);
  ASSERT_TRUE(given) << given.error().message();
  for (const auto& what : {folder_, folder_ / "key.pem"}) {
    const std::wstring now = access(what);
    EXPECT_NE(now.find(kService), std::wstring::npos) << what;
    EXPECT_EQ(now.rfind(L"O:BA", 0), 0U) << what;
  }
  EXPECT_TRUE(give_folder(folder_, kService)) << "once more, as when it is started";
}

}  // namespace
}  // namespace robosync::cli
