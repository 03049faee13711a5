#include "engine/net/known_hosts.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "engine/net/folder_testing.h"
#include "engine/net/private_file.h"
#include "engine/net/stream_testing.h"

namespace robosync::net {
namespace {

using base::ErrorKind;

const std::string kOne = "SHA256:" + std::string(43, 'a');
const std::string kTwo = "SHA256:" + std::string(43, 'b');
const Address kServer{.host = "Backup.example", .port = 9031};

base::Result<void> yes(const std::string& /*host*/, const std::string& /*fingerprint*/) {
  return {};
}
base::Result<void> no(const std::string& /*host*/, const std::string& /*fingerprint*/) {
  return base::fail(base::make_error(ErrorKind::kRefused, "no terminal to ask on"));
}

class KnownHostsFile : public testing::Test {
 protected:
  void write(const std::string& content) {
    ASSERT_TRUE(ensure_private_folder(file_.parent_path()));
    ASSERT_TRUE(write_private_file(file_, content));
  }
  std::string content() {
    std::ostringstream out;
    out << std::ifstream(file_).rdbuf();
    return out.str();
  }

  TestFolder folder_;
  std::filesystem::path file_ = folder_.path() / "new" / "known_hosts";
  KnownHosts hosts_{file_};
};

TEST_F(KnownHostsFile, TheFirstKeyIsWrittenDownWhenAgreedAndAskedOnlyOnce) {
  EXPECT_EQ(kind_of(hosts_.check(kServer, kOne, no)), ErrorKind::kRefused);
  EXPECT_EQ(kind_of(hosts_.check(kServer, kOne, {})), ErrorKind::kRefused);
  EXPECT_FALSE(std::filesystem::exists(file_));
  ASSERT_TRUE(hosts_.check(kServer, kOne, yes));
  EXPECT_EQ(content(), "backup.example:9031 " + kOne + "\n");
  EXPECT_TRUE(hosts_.check(kServer, kOne, no));
  EXPECT_EQ(kind_of(hosts_.check({.host = "backup.example", .port = 1}, kOne, no)),
            ErrorKind::kRefused);
}

TEST_F(KnownHostsFile, AChangedKeyIsRefusedNamingFileAndLine) {
  write("# known\n[::1]:9031 " + kTwo + "\nbackup.example:9031 " + kOne);
  const auto result = hosts_.check(kServer, kTwo, yes);
  ASSERT_EQ(kind_of(result), ErrorKind::kRefused);
  EXPECT_NE(result.error().message().find(file_.string() + ":3"), std::string::npos);
  EXPECT_TRUE(hosts_.check({.host = "::1"}, kTwo, no));
  ASSERT_TRUE(hosts_.check({.host = "third"}, kTwo, yes));
  EXPECT_TRUE(content().ends_with(kOne + "\nthird:9031 " + kTwo + "\n"));
}

TEST_F(KnownHostsFile, HostileLinesAreErrorsWithTheirNumbers) {
  for (const std::string& line :
       {std::string("nonsense"), "backup.example:9031  " + kOne, "backup.example " + kOne,
        "backup.example:9031 " + kOne + " ", "BACKUP.example:9031 " + kOne, "a/b:1 " + kOne,
        "backup.example:9031 " + kOne.substr(1), std::string("\0x", 2), " " + kOne,
        "backup.example:9031 " + kOne + "\r"}) {
    write("other:1 " + kOne + "\n" + line + "\n");
    const auto result = hosts_.check(kServer, kOne, yes);
    ASSERT_EQ(kind_of(result), ErrorKind::kInvalid) << line;
    EXPECT_NE(result.error().message().find("known_hosts:2"), std::string::npos);
  }
}

TEST_F(KnownHostsFile, LinesHaveALimit) {
  write(std::string(kKnownHostsMax - 1, '\n'));
  EXPECT_TRUE(hosts_.check(kServer, kOne, yes));
  EXPECT_EQ(kind_of(hosts_.check({.host = "one-more"}, kOne, yes)), ErrorKind::kLimit);
}

TEST_F(KnownHostsFile, ManyAtOnceLoseNothing) {
  std::vector<std::thread> threads;
  for (std::uint16_t port = 1; port <= 8; ++port) {
    threads.emplace_back([this, port] {
      KnownHosts own(file_);
      EXPECT_TRUE(own.check({.host = "h", .port = port}, kOne, yes));
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::uint16_t port = 1; port <= 8; ++port) {
    EXPECT_TRUE(hosts_.check({.host = "h", .port = port}, kOne, no)) << port;
  }
}

}  // namespace
}  // namespace robosync::net
