// Whole runs on the disk of Windows.
#include <windows.h>
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "engine/base/wide_text.h"
#include "engine/fs/fs_contract_testing.h"
#include "engine/fs/tree_text_testing.h"
#include "engine/sync.h"

namespace robosync {
namespace {

class NoObserver final : public Observer {};

class LocalWin32 : public testing::Test {
 protected:
  void SetUp() override {
    std::array<wchar_t, MAX_PATH + 1> temporary;
    const DWORD length = ::GetTempPathW(static_cast<DWORD>(temporary.size()), temporary.data());
    static int made = 0;
    wide_ = std::wstring(temporary.data(), length) + L"robosync-local-" +
            std::to_wstring(::GetCurrentProcessId()) + L"-" + std::to_wstring(made++);
    for (const wchar_t* below : {L"", L"\\src", L"\\dst"}) {
      ASSERT_NE(::CreateDirectoryW((wide_ + below).c_str(), nullptr), 0);
    }
    path_ = base::wtf8_of(std::u16string(wide_.begin(), wide_.end()));
    source_ = *fs::native_file_system().open_root(path_ + "\\src");
    target_ = *fs::native_file_system().open_root(path_ + "\\dst");
  }
  void TearDown() override {
    // An empty source empties the target; then both go.
    source_.reset();
    target_.reset();
    Request request = this->request(Verb::kMirror);
    request.sources = {path_ + "\\none\\"};
    ::CreateDirectoryW((wide_ + L"\\none").c_str(), nullptr);
    request.allow_empty_source = true;
    for (const char* below : {"\\dst", "\\src"}) {
      request.target = path_ + below;
      NoObserver observer;
      (void)sync(request, observer, Cancellation());
    }
    for (const wchar_t* below : {L"\\none", L"\\src", L"\\dst", L""}) {
      ::RemoveDirectoryW((wide_ + below).c_str());
    }
  }

  Request request(Verb verb) {
    Request request;
    request.verb = verb;
    request.sources = {path_ + "\\src\\"};
    request.target = path_ + "\\dst";
    return request;
  }
  Report run(Verb verb) { return run(request(verb)); }
  static Report run(const Request& request) {
    NoObserver observer;
    auto report = sync(request, observer, Cancellation());
    EXPECT_TRUE(report) << report.error().message();
    if (!report) return {};
    for (const tree::Problem& problem : report->problems) {
      ADD_FAILURE() << problem.path << ": " << problem.error.message();
    }
    return std::move(*report);
  }
  DWORD attributes(const std::wstring& name) {
    return ::GetFileAttributesW((wide_ + L"\\" + name).c_str());
  }

  std::wstring wide_;
  std::string path_;
  fs::DirectoryPtr source_;
  fs::DirectoryPtr target_;
};

TEST_F(LocalWin32, AMirrorIsExactAndASecondOneDoesNothing) {
  ASSERT_TRUE(fs::build_tree(source_,
                             "a = one\nd/b = two\nd/e/\nGr\xC3\xBC\xC3\x9F"
                             "e = x"));
  ASSERT_TRUE(fs::build_tree(target_, "gone/x = y\nd/extra = z"));
  EXPECT_EQ(run(Verb::kMirror).outcome, Outcome::kOk);
  EXPECT_EQ(fs::dump_tree(target_), fs::dump_tree(source_));
  const Report again = run(Verb::kMirror);
  EXPECT_EQ(again.counters.updated.total() + again.counters.created.total() +
                again.counters.metadata_updated.total() + again.counters.deleted.total(),
            0U);
  EXPECT_EQ(run(Verb::kVerify).outcome, Outcome::kOk);
}

TEST_F(LocalWin32, ReadOnlyTargetsAreReplacedAndDeletedAndEndAsTheSource) {
  ASSERT_TRUE(fs::build_tree(source_, "stays_writable = new\nbecomes_read_only = longer content"));
  ASSERT_TRUE(
      fs::build_tree(target_, "stays_writable = old text\nbecomes_read_only = x\ngone = y"));
  ASSERT_TRUE(source_->set_entry_metadata("becomes_read_only", {.mode = 0444}));
  for (const char* name : {"stays_writable", "gone"}) {
    ASSERT_TRUE(target_->set_entry_metadata(name, {.mode = 0444}));
  }
  EXPECT_EQ(run(Verb::kMirror).outcome, Outcome::kOk);
  EXPECT_EQ(fs::dump_tree(target_), fs::dump_tree(source_));
  EXPECT_EQ(attributes(L"dst\\stays_writable") & FILE_ATTRIBUTE_READONLY, 0U);
  EXPECT_NE(attributes(L"dst\\becomes_read_only") & FILE_ATTRIBUTE_READONLY, 0U);
}

TEST_F(LocalWin32, HiddenAndSystemStayHiddenAndSystem) {
  ASSERT_TRUE(fs::build_tree(source_, "f = x\nd/"));
  ::SetFileAttributesW((wide_ + L"\\src\\f").c_str(),
                       FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_READONLY);
  ::SetFileAttributesW((wide_ + L"\\src\\d").c_str(), FILE_ATTRIBUTE_HIDDEN);
  EXPECT_EQ(run(Verb::kCopy).outcome, Outcome::kOk);
  constexpr DWORD kAsked = FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM | FILE_ATTRIBUTE_READONLY;
  EXPECT_EQ(attributes(L"dst\\f") & kAsked, kAsked);
  EXPECT_EQ(attributes(L"dst\\d") & kAsked, DWORD{FILE_ATTRIBUTE_HIDDEN});
}

TEST_F(LocalWin32, AnotherSpellingAtTheTargetIsTheSameFile) {
  ASSERT_TRUE(fs::build_tree(source_, "README.txt = new text\nDir/f = x"));
  ASSERT_TRUE(fs::build_tree(target_, "readme.TXT = old\nDIR/F = before"));
  const Report report = run(Verb::kMirror);
  EXPECT_EQ(report.outcome, Outcome::kOk);
  EXPECT_EQ(report.counters.deleted.total(), 0U);
  EXPECT_EQ(*fs::read_whole(*target_, "README.txt"), "new text");
  EXPECT_EQ(*fs::read_whole(**target_->open_directory("Dir"), "f"), "x");
}

TEST_F(LocalWin32, AMoveLeavesAnEmptySource) {
  ASSERT_TRUE(fs::build_tree(source_, "a = one\nd/b = two"));
  ASSERT_TRUE(source_->set_entry_metadata("a", {.mode = 0444}));
  EXPECT_EQ(run(Verb::kMove).outcome, Outcome::kOk);
  EXPECT_EQ(fs::dump_tree(source_), "");
  EXPECT_NE(attributes(L"dst\\a") & FILE_ATTRIBUTE_READONLY, 0U);
}

TEST_F(LocalWin32, HardLinksStayOneFile) {
  ASSERT_TRUE(fs::build_tree(source_, "a = one\nd/\nd/b => a"));
  Request request = this->request(Verb::kCopy);
  request.keep_hard_links = true;
  EXPECT_EQ(run(request).outcome, Outcome::kOk);
  EXPECT_EQ(target_->stat_entry("a")->metadata.link_count, 2U);
}

TEST_F(LocalWin32, AFileInUseIsReportedAsThat) {
  ASSERT_TRUE(fs::build_tree(source_, "free = x\nheld = y"));
  const HANDLE held = ::CreateFileW((wide_ + L"\\src\\held").c_str(), GENERIC_READ, 0, nullptr,
                                    OPEN_EXISTING, 0, nullptr);
  ASSERT_NE(held, INVALID_HANDLE_VALUE);
  Request request = this->request(Verb::kCopy);
  request.retry_wait = std::chrono::milliseconds(1);
  NoObserver observer;
  const auto report = sync(request, observer, Cancellation());
  ::CloseHandle(held);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->outcome, Outcome::kPartial);
  ASSERT_EQ(report->problems.size(), 1U);
  EXPECT_NE(report->problems[0].error.message().find("in use by another process"),
            std::string::npos);
  EXPECT_TRUE(target_->stat_entry("free").has_value());
}

}  // namespace
}  // namespace robosync
