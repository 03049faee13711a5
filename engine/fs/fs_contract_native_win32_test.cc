// The contract suite on the machine's own file systems. What Windows, or wine, does not have is
// told by the traits and by kMissing, whose entries stand in ci/windows/skips.txt too.
#include <windows.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <string>

#include "engine/base/check.h"
#include "engine/base/wide_text.h"
#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/fs_contract_testing.h"

namespace robosync::fs {
namespace {

std::string narrow(const std::wstring& text) {
  std::string out = base::wtf8_of(std::u16string(text.begin(), text.end()));
  std::ranges::replace(out, '\\', '/');
  return out;
}

// A fresh directory, removed with all below it, by the system's calls: what is under test must not
// clean up after itself.
class TemporaryDirectory {
 public:
  explicit TemporaryDirectory(const std::wstring& in) {
    static int made = 0;
    path_ = in + L"\\robosync-contract-" + std::to_wstring(::GetCurrentProcessId()) + L"-" +
            std::to_wstring(made++);
    ROBOSYNC_CHECK(::CreateDirectoryW(path_.c_str(), nullptr) != 0);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory() { remove(L"\\\\?\\" + path_); }

  [[nodiscard]] std::string path() const { return narrow(path_); }

 private:
  static void remove(const std::wstring& directory) {
    WIN32_FIND_DATAW found;
    const HANDLE search = ::FindFirstFileW((directory + L"\\*").c_str(), &found);
    if (search != INVALID_HANDLE_VALUE) {
      do {
        const std::wstring name = found.cFileName;
        if (name == L"." || name == L"..") continue;
        const std::wstring full = directory + L"\\" + name;
        ::SetFileAttributesW(full.c_str(), FILE_ATTRIBUTE_NORMAL);
        const bool is_directory = (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
        const bool is_link = (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
        if (!is_directory) {
          ::DeleteFileW(full.c_str());
        } else if (is_link) {
          ::RemoveDirectoryW(full.c_str());
        } else {
          remove(full);
        }
      } while (::FindNextFileW(search, &found) != 0);
      ::FindClose(search);
    }
    ::RemoveDirectoryW(directory.c_str());
  }

  std::wstring path_;
};

std::wstring temporary_path() {
  std::array<wchar_t, MAX_PATH + 1> text;
  const DWORD length = ::GetTempPathW(static_cast<DWORD>(text.size()), text.data());
  std::wstring path(text.data(), length);
  while (path.ends_with(L'\\')) path.pop_back();
  std::array<wchar_t, 32768> full;  // not the alias of the user's directory
  const DWORD full_length =
      ::GetLongPathNameW(path.c_str(), full.data(), static_cast<DWORD>(full.size()));
  return {full.data(), full_length};
}

class NativeVolume : public ContractVolume {
 public:
  NativeVolume() : directory_(temporary_path()) {
    ::SetCurrentDirectoryW(temporary_path().c_str());  // "/" is the drive that this one is on
  }

  FileSystem& file_system() override { return native_file_system(); }
  std::string path() const override { return directory_.path(); }

  // There need not be one: under wine, what Linux keeps in memory.
  std::string other_device_path() override {
    if (!other_) other_ = std::make_unique<TemporaryDirectory>(L"Z:\\dev\\shm");
    return other_->path();
  }

  void as_ordinary_user(const std::function<void()>& body) override { body(); }

 private:
  TemporaryDirectory directory_;
  std::unique_ptr<TemporaryDirectory> other_;
};

class DecoratedNativeVolume final : public NativeVolume {
 public:
  FileSystem& file_system() override { return faulty_; }

 private:
  FaultFileSystem faulty_{native_file_system()};
};

constexpr ContractTraits kTraits{.clone = Support::kEither,
                                 .copy_range = Support::kNo,
                                 .preallocate = Support::kEither,
                                 .holes = Support::kEither,
                                 .xattrs = Support::kNo,
                                 .locks = Support::kEither,
                                 .exchange = Support::kNo,
                                 .case_sensitive = Support::kNo,
                                 .time_granularity_ns = 100};

constexpr char kNoNodes[] = "Windows has no fifos, sockets and device nodes";
constexpr char kNoModes[] = "permissions of Windows are no modes, its owners no numbers";
constexpr char kNoBytes[] =
    "names and link targets of Windows are UTF-16, and not all of them legal";
constexpr char kNoLinks[] = "wine makes no symbolic links";
constexpr char kNoPosix[] = "wine does not remove or replace what is open";
constexpr char kNoCase[] = "wine does not change the case of a name";
constexpr char kOneVolume[] = "no second volume is known of";

bool under_wine() {
  const HMODULE ntdll = ::GetModuleHandleW(L"ntdll.dll");
  return ntdll != nullptr && ::GetProcAddress(ntdll, "wine_get_version") != nullptr;
}

// What is said elsewhere about Windows itself is in fs_native_win32_test.cc.
std::map<std::string, std::string> missing() {
  std::map<std::string, std::string> out{
      {"RenamesWithinAndAcrossDirectories", kNoNodes},
      {"ReplacesNonDirectoriesByEachOther", kNoNodes},
      {"ListsEveryKindWithMetadataAndTargets", kNoNodes},
      {"AFilterSeesEachNameAndItsKindAndDecides", kNoNodes},
      {"OpensOnlyDirectoriesAsDirectories", kNoNodes},
      {"OpeningWhatIsNoFileNeitherBlocksNorReadsNorEndsTheRun", kNoNodes},
      {"CreatingOverAnyEntryFails", kNoNodes},
      {"RemovesEntriesOfTheRightKindOnly", kNoNodes},
      {"HardLinksAreOneFile", kNoNodes},
      {"SetsMetadataOfEveryKindOfEntryByName", kNoNodes},
      {"WhatChangesNamesChangesTheTimeOfTheDirectory", kNoNodes},
      {"DeviceNodesAreMadeByThePrivilegedOnly", kNoNodes},
      {"UnreadableThingsAreNotRead", kNoModes},
      {"AHandleOutlivesThePermissionToOpen", kNoModes},
      {"WhatCannotBeLookedAtIsAProblemOfTheListing", kNoModes},
      {"AReadOnlyDirectoryKeepsItsNames", kNoModes},
      {"ADirectoryMovesOnlyIfItCanBeWritten", kNoModes},
      {"AnOrdinaryUserGivesNothingAwayAndMakesNoDevice", kNoModes},
      {"ARefusedChangeOfOwnerChangesNothingElse", kNoModes},
      {"AbsentFieldsStayAsTheyAre", kNoModes},
      {"SetsAllAtOnceAndTheModeAfterTheOwner", kNoModes},
      {"OnlyThePrivilegedGiveFilesAway", kNoModes},
      {"ChangingTheOwnerClearsSetIdBits", kNoModes},
      {"ModesAreExactWhateverTheUmask", kNoModes},
      {"ModesAreExactInASetGroupIdDirectory", kNoModes},
      {"ModesWithoutPermissionsCanBeCreatedByTheOrdinaryUserToo", kNoModes},
      {"OddNamesAreListedByteForByte", kNoBytes},
      {"OddNamesWorkInEveryCallThatTakesOne", kNoBytes},
      {"LinkTargetsAreKeptByteForByte", kNoBytes},
      {"ALinkTargetThatIsTooLongIsALimit", kNoBytes},
  };
  if (under_wine()) {
    out.insert({
        {"LocatesTheDirectoryThatHoldsAPath", kNoLinks},
        {"OpensRootsThroughLinks", kNoLinks},
        {"AncestryNamesEveryDirectoryUpToTheTop", kNoLinks},
        {"NoLinkLeadsOutOfADirectoryThatIsHeld", kNoLinks},
        {"WithoutReplaceATakenNameIsLeftAlone", kNoLinks},
        {"FilesAndDirectoriesDoNotReplaceEachOther", kNoLinks},
        {"LooksAtALinkOrAtWhatItLeadsTo", kNoLinks},
        {"OpensFilesAndNotLinksToThem", kNoLinks},
        {"ExtendedAttributesOfALinkAreItsOwn", kNoLinks},
        {"ExchangesAnyTwoEntries", kNoLinks},
        {"OpenHandlesOutliveReplacementAndRemoval", kNoPosix},
        {"ARemovedDirectoryTakesNothingNew", kNoPosix},
        {"CaseIsKeptAndComparedAsTheVolumeDoes", kNoCase},
    });
  } else {
    out.insert({{"NothingMovesToAnotherDevice", kOneVolume},
                {"CopiesInsideTheKernelMayRefuseAnotherDevice", kOneVolume}});
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(
    Native, FsContract,
    testing::Values(ContractBackend{"disk", [] { return std::make_unique<NativeVolume>(); },
                                    kTraits, missing()},
                    ContractBackend{"decorated",
                                    [] { return std::make_unique<DecoratedNativeVolume>(); },
                                    kTraits, missing()}),
    backend_name);

}  // namespace
}  // namespace robosync::fs
