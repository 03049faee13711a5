// Windows' attributes and alternate data streams over a connection: they arrive by every way that
// content takes, and those that cannot are neither lost in a move nor passed over in silence.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"
#include "engine/net/memory_stream_testing.h"
#include "engine/session/client.h"
#include "engine/session/serve.h"

namespace robosync::session {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr fs::TreeTextOptions kAll{.modes = false, .times = true, .xattrs = true};
constexpr std::string_view kLeftOut = "the target cannot keep alternate data streams";
constexpr std::string_view kKept = "has alternate data streams that the target cannot keep";

fs::Privileges windows() {
  fs::Privileges system = fs::privileged_user();
  system.has_native_attributes = true;
  return system;
}

class Told final : public apply::Observer {
 public:
  void on_problem(const tree::Problem& problem) override {
    problems += problem.path + ": " + problem.error.message() + "\n";
    kind = problem.error.kind;
  }
  void on_warning(const std::string& text) override { warnings += text + "\n"; }
  std::string problems;
  std::optional<base::ErrorKind> kind;  // of the last
  std::string warnings;
};

class NativeAttributes : public testing::TestWithParam<ClientRole> {
 protected:
  NativeAttributes() {
    source_.set_privileges(windows());
    target_.set_privileges(windows());
    source_.build("/src", "");
    target_.build("/dst", "");
    request_.sources = {"/src/"};
    request_.target = "/dst";
    request_.retry_wait = std::chrono::milliseconds(0);
  }
  Outcome run() {
    told_ = Told();
    Opening opening;
    opening.role = GetParam();
    opening.verb = request_.verb;
    const bool pushes = GetParam() == ClientRole::kSource;
    opening.paths = pushes ? std::vector{request_.target} : request_.sources;
    net::MemoryPair pair = net::memory_stream_pair();
    fs::FileSystem& at_client = pushes ? static_cast<fs::FileSystem&>(faulty_) : target_;
    fs::FileSystem& at_server = pushes ? static_cast<fs::FileSystem&>(target_) : faulty_;
    OpenGate gate(at_server);
    const base::Cancellation never;
    std::thread server([&] { (void)serve(std::move(pair.server), gate, never); });
    const auto report =
        run_client(std::move(pair.client), opening, request_, at_client, told_, never);
    server.join();
    EXPECT_TRUE(report) << report.error().message();
    return report ? report->outcome : Outcome::kAborted;
  }
  [[nodiscard]] std::string source() const { return source_.dump("/src", kAll); }
  [[nodiscard]] std::string target() const { return target_.dump("/dst", kAll); }

  fs::MemoryFileSystem source_;
  fs::FaultFileSystem faulty_{source_};
  fs::MemoryFileSystem target_;
  Request request_;
  Told told_;
  int runs_ = 0;
};

// Neither sent in a bundle nor too small for a delta.
const std::string kLarge(300'000, 'l');
constexpr std::string_view kNew =
    "x:windows.stream.s=new x:windows.attributes=H x:windows.creation_time=7 t=200.000000000";
// The same but for the stream and the time.
constexpr std::string_view kChanged =
    "x:windows.stream.s=old x:windows.attributes=H x:windows.creation_time=7 t=100.000000000";
constexpr std::string_view kOld = "x:windows.stream.s=old t=100.000000000";

struct Case {
  const char* way;
  std::string source;
  std::string target;  // before the run
  std::function<void(Request&)> change;
};

std::string line(std::string_view attributes, const std::string& content) {
  return "f " + std::string(attributes) + " = " + content + "\n";
}

std::vector<Case> cases() {
  const auto as_it_is = [](Request&) {};
  const auto with = [](auto field, auto value) {
    return [field, value](Request& r) { r.*field = value; };
  };
  const std::string directory = "d/ " + std::string(kNew) + "\n";
  return {
      {"in a bundle", line(kNew, "1"), "", as_it_is},
      {"on a stream", line(kNew, kLarge), "", as_it_is},
      {"as a delta", line(kNew, kLarge + "1"), line(kOld, kLarge), as_it_is},
      {"in place", line(kNew, "one"), line(kOld, "1"), with(&Request::in_place, true)},
      {"with a directory", directory, "", as_it_is},
      {"with a directory's time", directory, "d/ " + std::string(kChanged) + "\n", as_it_is},
      {"with equal content", line(kNew, "1"), line(kOld, "1"),
       with(&Request::comparison, Comparison::kDigest)},
      {"with an equal size", line(kNew, "1"), line(kOld, "1"),
       with(&Request::comparison, Comparison::kSizeOnly)},
      {"with an equal time", line(kNew, "1"), line("t=200.000000000", "1"),
       with(&Request::keep_xattrs, true)},
  };
}

TEST_P(NativeAttributes, ArriveByEveryWay) {
  for (const Case& one : cases()) {
    for (const Verb verb : {Verb::kCopy, Verb::kMove}) {
      SCOPED_TRACE(std::string(one.way) + (verb == Verb::kMove ? ", moved" : ""));
      request_.sources = {"/src" + std::to_string(++runs_) + "/"};
      request_.target = "/dst" + std::to_string(runs_);
      source_.build(request_.sources.front(), one.source);
      target_.build(request_.target, one.target);
      const std::string before = source_.dump(request_.sources.front(), kAll);
      Request plain = request_;
      one.change(request_);
      request_.verb = verb;
      EXPECT_EQ(run(), Outcome::kOk) << told_.problems;
      EXPECT_EQ(target_.dump(request_.target, kAll), before);
      if (verb == Verb::kMove) EXPECT_EQ(source_.dump(request_.sources.front()), "");
      request_ = plain;
    }
  }
}

// The target's file has them otherwise, or not at all.
TEST_P(NativeAttributes, VerifyComparesThemWithExtendedAttributes) {
  source_.build("/src", line(kNew, "1"));
  target_.build("/dst", line("x:windows.stream.s=old t=200.000000000", "1"));
  request_.verb = Verb::kVerify;
  EXPECT_EQ(run(), Outcome::kOk);
  request_.keep_xattrs = true;
  EXPECT_EQ(run(), Outcome::kDifferent);
}

TEST_P(NativeAttributes, AMoveGivesThemToWhatIsThereAlready) {
  source_.build("/src", line(kNew, "1") + "d/ " + std::string(kNew) + "\n");
  target_.build("/dst",
                line("t=200.000000000", "1") +
                    "d/ x:windows.attributes=H x:windows.creation_time=7 t=200.000000000\n");
  const std::string before = source();
  request_.verb = Verb::kMove;
  EXPECT_EQ(run(), Outcome::kOk) << told_.problems;
  EXPECT_EQ(target(), before);
  EXPECT_EQ(source(), "");
}

// On FAT, or on a system that is no Windows: what has none goes, what has some stays.
TEST_P(NativeAttributes, AreNotLostWhereTheTargetCannotKeepStreams) {
  const std::string some = line(kNew, "1") + "d/ " + std::string(kNew) + "\n";
  for (const bool fat : {true, false}) {
    SCOPED_TRACE(fat ? "FAT" : "another system");
    request_.target = fat ? "/fat" : "/other";
    target_.build(request_.target, "");
    if (fat) target_.mount(request_.target, {.has_streams = false});
    if (!fat) target_.set_privileges(fs::privileged_user());
    request_.sources = {fat ? "/src1/" : "/src2/"};
    source_.build(request_.sources.front(), some + "gone = 2\n");
    request_.verb = Verb::kCopy;
    EXPECT_EQ(run(), Outcome::kOk) << told_.problems;
    EXPECT_THAT(told_.warnings, HasSubstr(kLeftOut));
    EXPECT_EQ(told_.warnings.find(kLeftOut), told_.warnings.rfind(kLeftOut));
    request_.verb = Verb::kMove;
    EXPECT_EQ(run(), Outcome::kPartial);
    EXPECT_THAT(told_.problems, HasSubstr("f: kept at the source: it " + std::string(kKept)));
    EXPECT_THAT(told_.problems, HasSubstr("d: kept at the source: it " + std::string(kKept)));
    EXPECT_THAT(told_.warnings, IsEmpty());
    EXPECT_EQ(source_.dump(request_.sources.front(), {.modes = false}), "d/\nf = 1\n");
  }
}

// Between its listing and its transfer: not installed as if it were that of the new time.
TEST_P(NativeAttributes, AStreamThatChangesMeanwhileIsAProblem) {
  for (const std::string& content : {std::string("1"), kLarge}) {
    SCOPED_TRACE(content.size());
    request_.sources = {"/src" + std::to_string(++runs_) + "/"};
    request_.target = "/dst" + std::to_string(runs_);
    request_.retries = 1;
    const std::string file = "/src" + std::to_string(runs_) + "/f";
    source_.build(request_.sources.front(), line(kOld, content));
    // Opened for its attributes, then for its content.
    faulty_.add({.operation = fs::Operation::kOpenFile, .path = file, .nth = 2, .before = [&] {
                   const auto root = source_.open_root(request_.sources.front());
                   const fs::Xattr changed{"windows.stream.s", "changed"};
                   ASSERT_TRUE((*root)->set_entry_xattr("f", changed));
                 }});
    EXPECT_EQ(run(), Outcome::kPartial);
    EXPECT_EQ(faulty_.unused(), "");
    EXPECT_THAT(told_.problems, HasSubstr("streams changed"));
    EXPECT_EQ(run(), Outcome::kOk) << told_.problems;
    EXPECT_EQ(target_.dump(request_.target, kAll), source_.dump(request_.sources.front(), kAll));
  }
}

TEST_P(NativeAttributes, ADirectoryThatIsGivenAStreamMeanwhileIsNotMoved) {
  source_.build("/src", "d/f = 1\ngone/f = 1\n");
  request_.verb = Verb::kMove;
  faulty_.add({.operation = fs::Operation::kRemoveFile, .path = "/src/d/f", .before = [&] {
                 const auto root = source_.open_root("/src");
                 ASSERT_TRUE((*root)->set_entry_xattr("d", {"windows.stream.s", "late"}));
               }});
  EXPECT_EQ(run(), Outcome::kPartial);
  EXPECT_THAT(told_.problems, HasSubstr("d: kept at the source: it changed"));
  EXPECT_EQ(source_.dump("/src", {.modes = false}), "d/\n");
}

TEST_P(NativeAttributes, AFileInUseIsTriedAgainAndThenToldAsSuch) {
  source_.build("/src", line(kNew, "1"));
  request_.retries = 1;
  fs::FaultRule busy{
      .operation = fs::Operation::kXattrs, .path = "/src/f", .error = fs::fault(EBUSY)};
  busy.times = 2;
  faulty_.add(busy);
  EXPECT_EQ(run(), Outcome::kPartial);
  EXPECT_EQ(told_.kind, base::ErrorKind::kBusy);
  EXPECT_THAT(target(), IsEmpty());
  for (const fs::OperationRecord& record : faulty_.log().records()) {
    EXPECT_NE(record.operation, fs::Operation::kRead) << record.text();
  }
  busy.times = 1;
  faulty_.add(busy);
  EXPECT_EQ(run(), Outcome::kOk) << told_.problems;
  EXPECT_EQ(faulty_.unused(), "");
  EXPECT_EQ(target(), source());
}

TEST_P(NativeAttributes, AContentThatChangesMeanwhileIsCopiedWithThem) {
  source_.build("/src", line(kOld, "1"));
  faulty_.add({.operation = fs::Operation::kOpenFile, .path = "/src/f", .nth = 2, .before = [&] {
                 const auto root = source_.open_root("/src");
                 const auto file = (*root)->open_file("f", fs::Access::kReadWrite);
                 const std::string text = "more";
                 ASSERT_TRUE((*file)->write_at(std::as_bytes(std::span(text)), 0));
               }});
  EXPECT_EQ(run(), Outcome::kOk) << told_.problems;
  EXPECT_EQ(faulty_.unused(), "");
  EXPECT_EQ(target(), source());
}

INSTANTIATE_TEST_SUITE_P(Routes, NativeAttributes,
                         testing::Values(ClientRole::kSource, ClientRole::kTarget),
                         [](const auto& info) {
                           return std::string(info.param == ClientRole::kSource ? "push" : "pull");
                         });

}  // namespace
}  // namespace robosync::session
