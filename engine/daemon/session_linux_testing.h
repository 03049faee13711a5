// Whole sessions against the daemon's real workers: the fixture of the session_*_linux_test.cc
// files.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "engine/daemon/load.h"
#include "engine/daemon/server_linux_testing.h"
#include "engine/session/opening.h"
#include "engine/session/report.h"

namespace robosync::daemon {

[[nodiscard]] std::string content(const std::filesystem::path& path);
void write(const std::filesystem::path& path, const std::string& text);
// Why it failed; empty when it did not.
[[nodiscard]] std::string message_of(const base::Result<Report>& result);

// Has a folder of the module "m" with a.txt and b.tmp, one of the client's with c.txt, and one that
// nobody should come to.
class SessionTest : public testing::Test {
 protected:
  SessionTest();

  [[nodiscard]] std::filesystem::path path(const std::string& name) const {
    return folder_.path() / name;
  }

  // `top`, `module` and `limits` are lines of the file; memory is unlimited for sanitizers' sake.
  [[nodiscard]] LoadPlan plan(const std::string& module, const std::string& top = "",
                              const std::string& limits = "") const;
  [[nodiscard]] static std::string plaintext() { return "plaintext = true"; }

  struct Asked {
    session::ClientRole role = session::ClientRole::kTarget;
    Verb verb = Verb::kCopy;
    std::string module = "m";
    std::string remote = "/";
    std::string token = {};
    bool tls = false;
    LinkPolicy links = LinkPolicy::kKeep;
    std::vector<tree::FilterArgument> filters = {};
    std::function<void(Request&)> more = {};
  };
  [[nodiscard]] base::Result<Report> run(const TestServer& server, const Asked& asked);

  std::string seen_fingerprint_;

 private:
  TestFolder folder_;
};

}  // namespace robosync::daemon
