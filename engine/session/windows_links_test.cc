// Links that arrive where links are Windows', at a server that takes none that lead out.
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <thread>

#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

class SafeGate final : public Gatekeeper {
 public:
  explicit SafeGate(fs::FileSystem& files) : files_(files) {}
  base::Result<Grant> admit(const Opening&, const net::Stream&) override {
    Grant grant;
    grant.file_system = &files_;
    grant.links = scan::LinkPolicy::kKeepSafe;
    return grant;
  }
  [[nodiscard]] fs::Privileges system() const override { return files_.privileges(); }

 private:
  fs::FileSystem& files_;
};

// What a push leaves of a link with this target, beside a directory "a".
std::optional<tree::Entry> pushed(const std::string& target, tree::LinkKind kind, bool windows) {
  fs::MemoryFileSystem source;
  source.build("/src", "a/b = content\n");
  EXPECT_TRUE((*source.open_root("/src"))->make_symlink("l", target, kind));
  fs::MemoryFileSystem there;
  fs::Privileges system = fs::privileged_user();
  system.windows_names = system.has_native_attributes = windows;
  there.set_privileges(system);
  there.build("/dst", "");
  Request request;
  request.sources = {"/src/"};
  Opening opening;
  opening.role = ClientRole::kSource;
  opening.paths = {"/dst"};
  net::MemoryPair pair = net::memory_stream_pair();
  SafeGate gate(there);
  const base::Cancellation never;
  std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
  apply::Observer observer;
  const auto report = run_client(std::move(pair.client), opening, request, source, observer, never);
  server.join();
  EXPECT_TRUE(report);
  const auto entry = (*there.open_root("/dst"))->stat_entry("l");
  return entry ? std::optional(*entry) : std::nullopt;
}

bool arrives(const std::string& target, tree::LinkKind kind, bool windows) {
  return pushed(target, kind, windows).has_value();
}

TEST(WindowsLinksTest, ThatLeadOutAreNotTaken) {
  using tree::LinkKind;
  for (const char* target : {"C:/Windows", "C:x", "..\\..\\x", "\\x", "a\\..\\..\\x"}) {
    EXPECT_FALSE(arrives(target, LinkKind::kUnknown, true)) << target;
    EXPECT_FALSE(arrives(target, LinkKind::kJunction, false)) << target;
    EXPECT_TRUE(arrives(target, LinkKind::kUnknown, false)) << target;
  }
  EXPECT_TRUE(arrives("a/b", LinkKind::kUnknown, true));
  EXPECT_TRUE(arrives("a/b", LinkKind::kDirectory, true));
}

TEST(WindowsLinksTest, OfAnotherSystemAreOfTheKindOfWhatTheyLeadTo) {
  using tree::LinkKind;
  EXPECT_EQ(pushed("a", LinkKind::kUnknown, true)->link_kind, LinkKind::kDirectory);
  EXPECT_EQ(pushed("a/b", LinkKind::kUnknown, true)->link_kind, LinkKind::kFile);
  EXPECT_EQ(pushed("missing", LinkKind::kUnknown, true)->link_kind, LinkKind::kUnknown);
  EXPECT_EQ(pushed("a", LinkKind::kUnknown, false)->link_kind, LinkKind::kUnknown);
}

}  // namespace
}  // namespace robosync::session
