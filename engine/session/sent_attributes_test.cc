// Extended attributes over a connection: what does not fit is told, and neither lost nor removed.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/limits.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

using ::testing::HasSubstr;

class Problems final : public apply::Observer {
 public:
  void on_problem(const tree::Problem& problem) override {
    text += problem.path + ": " + problem.error.message() + "\n";
  }
  std::string text;
};

class SentAttributes : public testing::TestWithParam<ClientRole> {
 protected:
  SentAttributes() {
    memory_.build("/src", "d/\nf = content\n");
    memory_.build("/dst", "");
  }
  void give(const std::string& directory, const std::string& name, unsigned attributes,
            std::size_t bytes) {
    const auto open = memory_.open_root(directory);
    for (unsigned i = 0; i < attributes; ++i) {
      const fs::Xattr one{"user.a" + std::to_string(i), std::string(bytes, 'v')};
      ASSERT_TRUE((*open)->set_entry_xattr(name, one));
    }
  }
  Report run() {
    Request request;
    request.sources = {"/src/"};
    request.target = "/dst";
    request.keep_xattrs = true;
    request.retries = 0;
    Opening opening;
    opening.role = GetParam();
    opening.paths =
        GetParam() == ClientRole::kSource ? std::vector{request.target} : request.sources;
    net::MemoryPair pair = net::memory_stream_pair();
    OpenGate gate(memory_);
    const base::Cancellation never;
    std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
    auto report = run_client(std::move(pair.client), opening, request, memory_, problems_, never);
    server.join();
    EXPECT_TRUE(report) << report.error().message();
    return report.value_or(Report());
  }
  [[nodiscard]] std::string target() const {
    return memory_.dump("/dst", {.modes = false, .xattrs = true});
  }

  fs::MemoryFileSystem memory_;
  Problems problems_;
};

TEST_P(SentAttributes, AsManyAsFit) {
  give("/src", "f", 8, std::size_t{60} * 1024);
  give("/src", "d", 8, std::size_t{60} * 1024);
  EXPECT_EQ(run().outcome, Outcome::kOk) << problems_.text;
  EXPECT_THAT(target(), HasSubstr("user.a7"));
}

TEST_P(SentAttributes, TooManyBytesOfAFile) {
  give("/src", "f", 9, std::size_t{60} * 1024);
  EXPECT_EQ(run().outcome, Outcome::kPartial);
  EXPECT_THAT(problems_.text, HasSubstr("f: "));
  EXPECT_THAT(problems_.text, HasSubstr("512 KiB"));
}

TEST_P(SentAttributes, TooManyBytesOfADirectory) {
  give("/src", "d", 9, std::size_t{60} * 1024);
  EXPECT_EQ(run().outcome, Outcome::kPartial);
  EXPECT_THAT(problems_.text, HasSubstr("d: "));
  EXPECT_THAT(target(), HasSubstr("f = content"));
}

TEST_P(SentAttributes, TooMany) {
  give("/src", "f", wire::kAttributesMax + 1, 1);
  EXPECT_EQ(run().outcome, Outcome::kPartial);
  EXPECT_THAT(problems_.text, HasSubstr("1,024"));
}

INSTANTIATE_TEST_SUITE_P(Routes, SentAttributes,
                         testing::Values(ClientRole::kSource, ClientRole::kTarget),
                         [](const auto& info) {
                           return std::string(info.param == ClientRole::kSource ? "push" : "pull");
                         });

}  // namespace
}  // namespace robosync::session
