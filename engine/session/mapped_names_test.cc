// Names that mean others at a server (--illegal-names=map), and what is hidden there.
#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

class HidingGate final : public Gatekeeper {
 public:
  HidingGate(fs::FileSystem& files, std::shared_ptr<const tree::FilterScope> hidden)
      : files_(files), hidden_(std::move(hidden)) {}
  base::Result<Grant> admit(const Opening&, const net::Stream&) override {
    Grant grant;
    grant.file_system = &files_;
    grant.hidden = hidden_;
    return grant;
  }
  [[nodiscard]] fs::Privileges system() const override { return files_.privileges(); }

 private:
  fs::FileSystem& files_;
  std::shared_ptr<const tree::FilterScope> hidden_;
};

// What a push of `tree` leaves at a server that hides what `rules` exclude.
std::string pushed(std::string_view tree, std::initializer_list<const char*> rules) {
  std::vector<tree::FilterArgument> arguments;
  for (const char* rule : rules) arguments.push_back({.text = rule});
  const auto hidden = tree::FilterScope::compile(arguments, {});
  EXPECT_TRUE(hidden);
  fs::MemoryFileSystem source;
  source.build("/src", tree);
  fs::MemoryFileSystem there;
  there.build("/dst", "");
  Request request;
  request.sources = {"/src/"};
  request.illegal_names = apply::IllegalNames::kMap;
  Opening opening;
  opening.role = ClientRole::kSource;
  opening.paths = {"/dst"};
  net::MemoryPair pair = net::memory_stream_pair();
  HidingGate gate(there, *hidden);
  const base::Cancellation never;
  std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
  apply::Observer observer;
  EXPECT_TRUE(run_client(std::move(pair.client), opening, request, source, observer, never));
  server.join();
  return there.dump("/dst", {.modes = false});
}

TEST(MappedNamesTest, WhatIsHiddenIsNotReachedByANameThatStandsForIt) {
  const char* const kTree =
      "\\xef\\x81\\xa1ux = 1\n\\xef\\x81\\xa3on/in = 2\nd\\xef\\x80\\xba/f = 3\n"
      "d\\xef\\x80\\xba/g = 4\nx = 5\n";
  EXPECT_EQ(pushed(kTree, {}), "aux = 1\ncon/\ncon/in = 2\nd:/\nd:/f = 3\nd:/g = 4\nx = 5\n");
  EXPECT_EQ(pushed(kTree, {"- aux", "- con/", "- /dst/d:/f"}), "d:/\nd:/g = 4\nx = 5\n");
}

}  // namespace
}  // namespace robosync::session
