// What Windows does its own way: read-only files, names without case, aliases, devices, streams,
// sharing.
#include <windows.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <winioctl.h>

#include <array>
#include <chrono>
#include <cstring>
#include <string>
#include <thread>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "engine/base/wide_text.h"
#include "engine/fs/directory_win32.h"
#include "engine/fs/fs_contract_testing.h"
#include "engine/fs/handle_win32.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

std::wstring wide(const std::string& text) {
  const std::u16string units = base::utf16_of(text).text;
  return {units.begin(), units.end()};
}

class NativeWin32 : public testing::Test {
 protected:
  void SetUp() override {
    std::array<wchar_t, MAX_PATH + 1> temporary;
    const DWORD length = ::GetTempPathW(static_cast<DWORD>(temporary.size()), temporary.data());
    path_ = std::wstring(temporary.data(), length) + L"robosync-native-" +
            std::to_wstring(base::random64());
    ASSERT_NE(::CreateDirectoryW(path_.c_str(), nullptr), 0);
    auto opened =
        native_file_system().open_root(base::wtf8_of(std::u16string(path_.begin(), path_.end())));
    ASSERT_TRUE(succeeds(opened));
    root_ = std::move(*opened);
  }
  void TearDown() override {
    Listing listing;
    if (root_ && root_->list({}, listing)) {
      for (const tree::Entry& entry : listing.entries) {
        ::SetFileAttributesW(at(entry.name).c_str(), FILE_ATTRIBUTE_NORMAL);
        if (entry.metadata.is_directory()) {
          ::RemoveDirectoryW(at(entry.name).c_str());
        } else {
          ::DeleteFileW(at(entry.name).c_str());
        }
      }
    }
    root_.reset();
    ::RemoveDirectoryW(path_.c_str());
  }

  [[nodiscard]] std::wstring at(const std::string& name) const {
    return L"\\\\?\\" + path_ + L"\\" + wide(name);
  }
  void write(const std::string& name, const std::string& text) {
    ASSERT_TRUE(succeeds(write_whole(*root_, name, text)));
  }
  [[nodiscard]] DWORD attributes(const std::string& name) const {
    return ::GetFileAttributesW(at(name).c_str());
  }
  std::vector<std::string> names() {
    Listing listing;
    EXPECT_TRUE(succeeds(root_->list({}, listing)));
    std::vector<std::string> out;
    for (const tree::Entry& entry : listing.entries) out.push_back(entry.name);
    return out;
  }
  bool is_read_only(const std::string& name) {
    return (attributes(name) & FILE_ATTRIBUTE_READONLY) != 0;
  }

  std::wstring path_;
  DirectoryPtr root_;
};

TEST_F(NativeWin32, AModeWithoutWritingIsTheReadOnlyAttribute) {
  const auto made = root_->create_file("f", 0444);
  ASSERT_TRUE(succeeds(made));
  EXPECT_TRUE(succeeds((*made)->write_at(bytes_of("x"), 0))) << "the handle that made it writes";
  EXPECT_TRUE(is_read_only("f"));
  EXPECT_EQ(root_->stat_entry("f")->metadata.mode, 0444U);
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("f", {.mode = 0640})));
  EXPECT_FALSE(is_read_only("f"));
  EXPECT_EQ(root_->stat_entry("f")->metadata.mode, 0644U);
  ASSERT_TRUE(succeeds((*made)->set_metadata({.mode = 0400})));
  EXPECT_TRUE(is_read_only("f"));
}

TEST_F(NativeWin32, OtherAttributesStayWhenTheModeChanges) {
  write("f", "x");
  ::SetFileAttributesW(at("f").c_str(), FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("f", {.mode = 0444})));
  EXPECT_TRUE(is_read_only("f"));
  EXPECT_NE(attributes("f") & FILE_ATTRIBUTE_HIDDEN, 0U);
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("f", {.mode = 0644})));
  EXPECT_FALSE(is_read_only("f"));
  EXPECT_NE(attributes("f") & FILE_ATTRIBUTE_SYSTEM, 0U);
}

TEST_F(NativeWin32, ReadOnlyFilesAreReplacedAndRemoved) {
  write("old", "old");
  write("new", "new");
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("old", {.mode = 0444})));
  ASSERT_TRUE(succeeds(root_->rename("new", *root_, "old", Replace::kYes)));
  EXPECT_EQ(*read_whole(*root_, "old"), "new");
  EXPECT_FALSE(is_read_only("old")) << "it has the attribute of what replaced it";
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("old", {.mode = 0444})));
  EXPECT_TRUE(succeeds(root_->rename("old", *root_, "moved", Replace::kNo)));
  EXPECT_TRUE(is_read_only("moved"));
  EXPECT_TRUE(succeeds(root_->remove_file("moved")));
  EXPECT_THAT(names(), ElementsAre());
}

TEST_F(NativeWin32, OtherNamesOfAReadOnlyFileStayReadOnly) {
  write("removed", "old");
  ASSERT_TRUE(succeeds(root_->make_link(*root_, "removed", "replaced")));
  ASSERT_TRUE(succeeds(root_->make_link(*root_, "removed", "stays")));
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("stays", {.mode = 0444})));
  ASSERT_TRUE(succeeds(root_->remove_file("removed")));
  EXPECT_TRUE(is_read_only("stays"));
  write("new", "new");
  ASSERT_TRUE(succeeds(root_->rename("new", *root_, "replaced", Replace::kYes)));
  EXPECT_TRUE(is_read_only("stays"));
  EXPECT_FALSE(is_read_only("replaced"));
}

TEST_F(NativeWin32, AReadOnlyFileThatCannotBeReplacedStaysReadOnly) {
  write("old", "old");
  ASSERT_TRUE(succeeds(root_->make_directory("d", 0755)));
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("old", {.mode = 0444})));
  EXPECT_TRUE(fails(root_->rename("d", *root_, "old", Replace::kYes), ErrorKind::kNotDirectory));
  EXPECT_TRUE(is_read_only("old"));
}

// wine replaces nothing that is open, as Windows does not without its POSIX ways.
TEST_F(NativeWin32, WhatIsOpenIsReplacedOrInUse) {
  for (const std::uint32_t mode : {0644U, 0444U}) {
    write("old", "old");
    ASSERT_TRUE(succeeds(root_->make_link(*root_, "old", "other name")));
    ASSERT_TRUE(succeeds(root_->set_entry_metadata("old", {.mode = mode})));
    const auto held = root_->open_file("old");
    ASSERT_TRUE(succeeds(held));
    write("new", "new");
    const auto replaced = root_->rename("new", *root_, "old", Replace::kYes);
    EXPECT_EQ(is_read_only("other name"), mode == 0444U);
    if (!replaced) {
      EXPECT_EQ(replaced.error().kind, ErrorKind::kBusy) << replaced.error().message();
      EXPECT_EQ(is_read_only("old"), mode == 0444U);
      ASSERT_TRUE(succeeds(root_->remove_file("new")));
    }
    ASSERT_TRUE(
        succeeds(root_->rename("old", *root_, "old " + std::to_string(mode), Replace::kYes)));
    ASSERT_TRUE(succeeds(root_->remove_file("other name")));
  }
}

TEST_F(NativeWin32, NamesHaveNoCaseAndKeepTheirs) {
  write("Name", "x");
  EXPECT_TRUE(root_->stat_entry("nAME").has_value());
  EXPECT_TRUE(fails(root_->create_file("NAME", 0644), ErrorKind::kExists));
  EXPECT_THAT(names(), ElementsAre("Name"));
}

TEST_F(NativeWin32, OtherNamesThanTheLongOneAreNone) {
  write("a long name that has an alias.text", "x");
  std::array<wchar_t, 1024> text;
  const DWORD length = ::GetShortPathNameW(at("a long name that has an alias.text").c_str(),
                                           text.data(), static_cast<DWORD>(text.size()));
  const std::wstring path(text.data(), length);
  const std::wstring last = path.substr(path.rfind(L'\\') + 1);
  const std::string alias = base::wtf8_of(std::u16string(last.begin(), last.end()));
  if (alias.find('~') == std::string::npos) return;  // a volume without aliases
  EXPECT_TRUE(fails(root_->stat_entry(alias), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root_->open_file(alias), ErrorKind::kNotFound));
  EXPECT_TRUE(fails(root_->remove_file(alias), ErrorKind::kNotFound));
  write("other", "y");
  EXPECT_FALSE(root_->rename("other", *root_, alias, Replace::kYes).has_value());
  EXPECT_THAT(names(), UnorderedElementsAre("a long name that has an alias.text", "other"));
  write("real~1", "z");
  EXPECT_EQ(*read_whole(*root_, "real~1"), "z");
}

// What mount points are on other systems: in use.
TEST_F(NativeWin32, WhereAVolumeIsMountedNothingIsRemovedOrReplaced) {
  ASSERT_TRUE(succeeds(root_->make_directory("m", 0755)));
  const HANDLE m = ::CreateFileW(
      at("m").c_str(), GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
      nullptr, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, nullptr);
  ASSERT_NE(m, INVALID_HANDLE_VALUE);
  const std::u16string volume = u"\\??\\Volume{5e9d1f6c-0000-4000-8000-5e9d1f6c0001}\\";
  const auto volume_bytes = static_cast<WORD>(volume.size() * sizeof(char16_t));
  // Two names, each with a zero: of the volume, and none for people.
  const std::array<WORD, 4> places{0, volume_bytes, static_cast<WORD>(volume_bytes + 2), 0};
  const DWORD tag = IO_REPARSE_TAG_MOUNT_POINT;
  const std::array<WORD, 2> lengths{static_cast<WORD>(sizeof(places) + volume_bytes + 4), 0};
  std::string point(8 + lengths[0], '\0');
  std::memcpy(point.data(), &tag, sizeof(tag));
  std::memcpy(point.data() + 4, lengths.data(), sizeof(lengths));
  std::memcpy(point.data() + 8, places.data(), sizeof(places));
  std::memcpy(point.data() + 8 + sizeof(places), volume.data(), volume_bytes);
  DWORD done = 0;
  const bool made =
      ::DeviceIoControl(m, FSCTL_SET_REPARSE_POINT, point.data(), static_cast<DWORD>(point.size()),
                        nullptr, 0, &done, nullptr) != 0;
  if (made) {  // wine makes none
    write("f", "x");
    EXPECT_EQ(root_->stat_entry("m")->link_kind, tree::LinkKind::kMountPoint);
    EXPECT_TRUE(fails(root_->open_directory("m"), ErrorKind::kLink));
    EXPECT_TRUE(fails(root_->remove_file("m"), ErrorKind::kBusy));
    EXPECT_FALSE(root_->remove_directory("m").has_value());
    EXPECT_TRUE(fails(root_->rename("m", *root_, "n", Replace::kNo), ErrorKind::kBusy));
    EXPECT_FALSE(root_->rename("f", *root_, "m", Replace::kYes).has_value());
    EXPECT_THAT(names(), UnorderedElementsAre("f", "m"));
    std::memset(point.data() + 4, 0, sizeof(lengths));
    EXPECT_NE(::DeviceIoControl(m, FSCTL_DELETE_REPARSE_POINT, point.data(), 8, nullptr, 0, &done,
                                nullptr),
              0);
  }
  ::CloseHandle(m);
}

TEST_F(NativeWin32, JunctionsAreRemovedAndReplacedAsThemselves) {
  ASSERT_TRUE(succeeds(root_->make_directory("d", 0755)));
  ASSERT_TRUE(succeeds(write_whole(**root_->open_directory("d"), "f", "x")));
  const std::string d = base::wtf8_of(std::u16string(path_.begin(), path_.end())) + "/d";
  if (!root_->make_symlink("j", d, tree::LinkKind::kJunction)) return;  // wine makes none
  EXPECT_TRUE(fails(root_->open_directory("j"), ErrorKind::kLink));
  EXPECT_TRUE(fails(root_->remove_directory("j"), ErrorKind::kNotDirectory));
  EXPECT_TRUE(succeeds(root_->remove_file("j")));
  EXPECT_THAT(names(), ElementsAre("d"));
  EXPECT_EQ(*read_whole(**root_->open_directory("d"), "f"), "x");
  EXPECT_TRUE(succeeds((*root_->open_directory("d"))->remove_file("f")));
}

TEST_F(NativeWin32, WhatIsNoNameOnWindowsIsRefusedByItsCharacter) {
  write("f", "x");
  for (const char* name : {"f:stream", "a\\b", "what?", "a*", "\"q\"", "<x>", "p|q", "\t"}) {
    EXPECT_TRUE(fails(root_->create_file(name, 0644), ErrorKind::kInvalid)) << name;
    EXPECT_TRUE(fails(root_->stat_entry(name), ErrorKind::kInvalid)) << name;
    EXPECT_TRUE(fails(root_->rename("f", *root_, name, Replace::kNo), ErrorKind::kInvalid)) << name;
    EXPECT_TRUE(fails(root_->make_link(*root_, "f", name), ErrorKind::kInvalid)) << name;
  }
  for (const char* name : {"nul", "CON.txt", "dot.", "space "}) {
    EXPECT_TRUE(fails(root_->create_file(name, 0644), ErrorKind::kInvalid)) << name;
    EXPECT_TRUE(fails(root_->make_directory(name, 0755), ErrorKind::kInvalid)) << name;
    EXPECT_TRUE(fails(root_->stat_entry(name), ErrorKind::kNotFound)) << name;
  }
  EXPECT_EQ(root_->create_file("a:b", 0644).error().message(),
            "a:b: illegal name on Windows: ':' at position 2");
  EXPECT_THAT(names(), ElementsAre("f"));
}

TEST_F(NativeWin32, NamesOfEveryScriptAreListedAsTheyWereMade) {
  const std::vector<std::string> made{
      "Gr\xC3\xBC\xC3\x9F"
      "e",
      "\xE4\xB8\xAD\xE6\x96\x87",
      "\xF0\x9F\x98\x80.txt",
      ".hidden",
      " leading",
      "a~b"};
  for (const std::string& name : made) write(name, name);
  EXPECT_THAT(names(), testing::UnorderedElementsAreArray(made));
  for (const std::string& name : made) EXPECT_EQ(*read_whole(*root_, name), name);
}

TEST_F(NativeWin32, PathsLongerThanTheOldLimitWork) {
  DirectoryPtr at = root_;
  const std::string name(100, 'd');
  std::vector<DirectoryPtr> line{root_};
  for (int depth = 0; depth < 6; ++depth) {
    ASSERT_TRUE(succeeds(line.back()->make_directory(name, 0755)));
    line.push_back(*line.back()->open_directory(name));
  }
  ASSERT_TRUE(succeeds(write_whole(*line.back(), "f", "deep")));
  std::string path = base::wtf8_of(std::u16string(path_.begin(), path_.end()));
  for (int depth = 0; depth < 6; ++depth) path += "/" + name;
  auto opened = native_file_system().open_root(path);
  ASSERT_TRUE(succeeds(opened));
  EXPECT_EQ(*read_whole(**opened, "f"), "deep");
  ASSERT_TRUE(succeeds((*opened)->remove_file("f")));
  opened->reset();
  for (std::size_t depth = 6; depth-- > 0;) {
    line.resize(depth + 1);
    EXPECT_TRUE(succeeds(line.back()->remove_directory(name)));
  }
}

TEST_F(NativeWin32, WhatAnotherProcessHoldsIsBusyAndSaysSo) {
  write("held", "x");
  const HANDLE held =
      ::CreateFileW(at("held").c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
  ASSERT_NE(held, INVALID_HANDLE_VALUE);
  const auto opened = root_->open_file("held");
  ASSERT_TRUE(fails(opened, ErrorKind::kBusy));
  EXPECT_TRUE(base::is_transient(opened.error().kind)) << "it is tried again";
  EXPECT_EQ(opened.error().message(), "open held: in use by another process");
  EXPECT_TRUE(fails(root_->remove_file("held"), ErrorKind::kBusy));
  EXPECT_TRUE(root_->stat_entry("held").has_value()) << "it can be looked at";
  ::CloseHandle(held);
  EXPECT_TRUE(succeeds(root_->open_file("held")));
}

// As while a virus scanner looks at it.
TEST_F(NativeWin32, WhatIsHeldForAMomentIsWaitedFor) {
  for (const bool replaced : {false, true}) {
    write("held", "x");
    write("new", "y");
    const HANDLE held =
        ::CreateFileW(at("held").c_str(), GENERIC_READ, 0, nullptr, OPEN_EXISTING, 0, nullptr);
    ASSERT_NE(held, INVALID_HANDLE_VALUE);
    std::jthread soon([held] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      ::CloseHandle(held);
    });
    EXPECT_TRUE(succeeds(replaced ? root_->rename("new", *root_, "held", Replace::kYes)
                                  : root_->remove_file("held")));
  }
}

// Windows gives it that of the old one for some seconds.
TEST_F(NativeWin32, ANameThatIsGivenAgainHasTheCreationTimeOfWhatHasIt) {
  write("f", "old");
  write("new", "new");
  const Xattr created{"windows.creation_time", "130000000000000000"};
  ASSERT_TRUE(succeeds(root_->set_entry_xattr("new", created)));
  const auto before = root_->entry_xattrs("new");
  ASSERT_TRUE(succeeds(root_->remove_file("f")));
  ASSERT_TRUE(succeeds(root_->rename("new", *root_, "f", Replace::kNo)));
  const auto after = root_->entry_xattrs("f");
  ASSERT_TRUE(succeeds(before) && succeeds(after));
  EXPECT_EQ(after->at(1), before->at(1));
}

// wine lets no directory be read-only.
TEST_F(NativeWin32, BeingReadOnlyIsALetterOfDirectoriesAlone) {
  write("f", "x");
  ASSERT_TRUE(succeeds(root_->make_directory("d", 0755)));
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("f", {.mode = 0444})));
  ASSERT_TRUE(succeeds(root_->set_entry_xattr("d", {"windows.attributes", "RH"})));
  EXPECT_NE(attributes("d") & FILE_ATTRIBUTE_HIDDEN, 0U);
  const auto has_letter = [this](const char* name) {
    return (*root_->entry_xattrs(name))[0].value.find('R') != std::string::npos;
  };
  EXPECT_FALSE(has_letter("f"));
  EXPECT_EQ(has_letter("d"), is_read_only("d"));
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("f", {.mode = 0644})));
  ASSERT_TRUE(succeeds(root_->set_entry_xattr("f", {"windows.attributes", "R"})));
  EXPECT_FALSE(is_read_only("f")) << "that is the mode's";
}

TEST_F(NativeWin32, WhatOnlyWindowsKnowsIsAmongTheAttributes) {
  write("f", "x");
  ::SetFileAttributesW(at("f").c_str(), FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM);
  auto attributes_of_f = root_->entry_xattrs("f");
  ASSERT_TRUE(succeeds(attributes_of_f));
  ASSERT_GE(attributes_of_f->size(), 2U);
  // Under wine every file is to be archived, whatever it was told.
  const auto without_archive = [](std::string letters) {
    std::erase(letters, 'A');
    return letters;
  };
  EXPECT_EQ((*attributes_of_f)[0].name, "windows.attributes");
  EXPECT_EQ(without_archive((*attributes_of_f)[0].value), "HS");
  EXPECT_EQ((*attributes_of_f)[1].name, "windows.creation_time");
  ASSERT_TRUE(succeeds(root_->set_entry_metadata("f", {.mode = 0444})));
  ASSERT_TRUE(succeeds(root_->set_entry_xattr("f", {"windows.attributes", "H"})));
  EXPECT_TRUE(is_read_only("f")) << "that is the mode's";
  EXPECT_NE(attributes("f") & FILE_ATTRIBUTE_HIDDEN, 0U);
  EXPECT_EQ(attributes("f") & FILE_ATTRIBUTE_SYSTEM, 0U);
  const auto again = (*root_->open_file("f"))->xattrs();
  ASSERT_TRUE(succeeds(again));
  EXPECT_EQ(without_archive((*again)[0].value), "H");
  EXPECT_TRUE(fails(root_->set_entry_xattr("f", {"windows.attributes", "Z"}), ErrorKind::kInvalid));
  EXPECT_TRUE(
      fails(root_->set_entry_xattr("f", {"windows.creation_time", "soon"}), ErrorKind::kInvalid));
  EXPECT_TRUE(succeeds(root_->set_entry_xattr("f", {"windows.creation_time", "0"})))
      << "no time is none to set";
  for (const char* name : {"windows.stream.a:b", "windows.stream.", "windows.stream...\\x"}) {
    EXPECT_FALSE(root_->set_entry_xattr("f", {name, "v"}).has_value()) << name;
  }
  EXPECT_TRUE(fails(root_->set_entry_xattr("f", {"user.x", "v"}), ErrorKind::kUnsupported));
  EXPECT_TRUE(succeeds(root_->remove_entry_xattr("f", "windows.attributes"))) << "they stay";
  EXPECT_THAT(names(), ElementsAre("f"));
}

// What Windows marks its own roots with is no attribute of what is copied.
TEST_F(NativeWin32, TheRootOfAVolumeIsNotHidden) {
  const auto drive = native_file_system().open_root("C:\\");
  ASSERT_TRUE(succeeds(drive));
  EXPECT_TRUE(is_volume_root(handle_of(**drive)));
  EXPECT_FALSE(is_volume_root(handle_of(*root_)));
  const auto attributes_of_root = (*drive)->xattrs();
  ASSERT_TRUE(succeeds(attributes_of_root));
  EXPECT_EQ((*attributes_of_root)[0].value.find_first_of("HS"), std::string::npos);
}

TEST_F(NativeWin32, CaseIsFoldedAsWindowsDoesIt) {
  ASSERT_TRUE(root_->ignores_case());
  EXPECT_EQ(root_->folded("stra\xC3\x9F"
                          "e \xC3\xBC"),
            root_->folded("STRA\xC3\x9F"
                          "E \xC3\x9C"));
  EXPECT_NE(root_->folded("ss"), root_->folded("\xC3\x9F"));
  EXPECT_NE(root_->folded("i"), root_->folded("\xC4\xB0")) << "no language has a say";
}

TEST_F(NativeWin32, WhatBecomesOfALinkIsTold) {
  const auto made = root_->make_symlink("l", "f");
  if (!made) {
    // Not allowed, or wine, which says that it made one.
    EXPECT_EQ(made.error().kind, ErrorKind::kNoLinks) << made.error().message();
    EXPECT_THAT(names(), ElementsAre());
    return;
  }
  EXPECT_EQ(root_->stat_entry("l")->link_target, "f");
  EXPECT_EQ(root_->stat_entry("l")->link_kind, tree::LinkKind::kFile);
  EXPECT_TRUE(fails(root_->open_file("l"), ErrorKind::kLink));
  EXPECT_TRUE(succeeds(root_->remove_file("l")));
}

TEST_F(NativeWin32, TimesOfThisVolumeAreToldToTheTick) {
  EXPECT_EQ(root_->time_granularity_ns(), 100);
}

TEST_F(NativeWin32, HardLinksCountAndAreOneFile) {
  write("f", "x");
  ASSERT_TRUE(succeeds(root_->make_link(*root_, "f", "g")));
  EXPECT_EQ(root_->stat_entry("g")->metadata.link_count, 2U);
  EXPECT_EQ(root_->stat_entry("g")->metadata.identity, root_->stat_entry("f")->metadata.identity);
  EXPECT_TRUE(fails(root_->make_link(*root_, "f", "g"), ErrorKind::kExists));
  EXPECT_TRUE(fails(root_->make_link(*root_, "none", "n"), ErrorKind::kNotFound));
  ASSERT_TRUE(succeeds(root_->remove_file("f")));
  EXPECT_EQ(root_->stat_entry("g")->metadata.link_count, 1U);
}

TEST_F(NativeWin32, RootsAreFoundByEveryFormOfTheirPath) {
  ASSERT_TRUE(succeeds(root_->make_directory("d", 0755)));
  const std::string path = base::wtf8_of(std::u16string(path_.begin(), path_.end()));
  std::string slashes = path;
  std::ranges::replace(slashes, '\\', '/');
  const tree::Identity d = root_->stat_entry("d")->metadata.identity;
  const std::string without_drive = path.substr(2);
  ::SetCurrentDirectoryW(path_.c_str());
  for (const std::string& form :
       {path + "\\d", slashes + "/d/", slashes + "/./x/../d", "\\\\?\\" + path + "\\d",
        without_drive + "\\d", std::string("d"), std::string(".\\d\\."), path.substr(0, 2) + "d"}) {
    const auto opened = native_file_system().open_root(form);
    ASSERT_TRUE(succeeds(opened)) << form;
    EXPECT_EQ((*opened)->stat()->identity, d) << form;
  }
  const auto located = native_file_system().locate(path + "\\new name");
  ASSERT_TRUE(succeeds(located));
  EXPECT_EQ(located->name, "new name");
  EXPECT_EQ(native_file_system().locate("C:\\")->name, "");
  EXPECT_TRUE(fails(native_file_system().open_root(path + "\\d:stream"), ErrorKind::kInvalid));
  EXPECT_TRUE(fails(native_file_system().open_root(path + "\\none"), ErrorKind::kNotFound));
  ::SetCurrentDirectoryW(L"C:\\");
}

}  // namespace
}  // namespace robosync::fs
