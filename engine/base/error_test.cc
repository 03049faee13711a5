#include "engine/base/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cerrno>
#include <set>
#include <string>
#include <utility>

namespace robosync::base {
namespace {

constexpr std::array kAllKinds{
    ErrorKind::kNotFound,     ErrorKind::kExists,      ErrorKind::kPermission,
    ErrorKind::kNotDirectory, ErrorKind::kIsDirectory, ErrorKind::kNotEmpty,
    ErrorKind::kLink,         ErrorKind::kNoSpace,     ErrorKind::kReadOnly,
    ErrorKind::kCrossDevice,  ErrorKind::kUnsupported, ErrorKind::kInvalid,
    ErrorKind::kBusy,         ErrorKind::kTransient,   ErrorKind::kChanged,
    ErrorKind::kCancelled,    ErrorKind::kLimit,       ErrorKind::kDeviceGone,
    ErrorKind::kIo,           ErrorKind::kRefused,     ErrorKind::kUsage,
    ErrorKind::kCorrupt,      ErrorKind::kConnection,  ErrorKind::kConnectTimeout,
    ErrorKind::kTimeout,      ErrorKind::kProtocol,    ErrorKind::kNoLinks,
};

TEST(Error, EveryKindHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const ErrorKind kind : kAllKinds) {
    const std::string_view name = to_string(kind);
    EXPECT_NE(name, "unknown");
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos)
        << name;
    names.insert(name);
  }
  EXPECT_EQ(names.size(), kAllKinds.size());
  EXPECT_EQ(static_cast<std::size_t>(ErrorKind::kNoLinks) + 1, kAllKinds.size())
      << "a kind is missing in this test";
}

TEST(Error, ErrnoValuesMapToKinds) {
  for (const auto& [number, kind] : {
           std::pair{ENOENT, ErrorKind::kNotFound},
           {EEXIST, ErrorKind::kExists},
           {EACCES, ErrorKind::kPermission},
           {EPERM, ErrorKind::kPermission},
           {ENOTDIR, ErrorKind::kNotDirectory},
           {EISDIR, ErrorKind::kIsDirectory},
           {ENOTEMPTY, ErrorKind::kNotEmpty},
           {ELOOP, ErrorKind::kLink},
           {ENOSPC, ErrorKind::kNoSpace},
           {EROFS, ErrorKind::kReadOnly},
           {EXDEV, ErrorKind::kCrossDevice},
           {ENOSYS, ErrorKind::kUnsupported},
           {EOPNOTSUPP, ErrorKind::kUnsupported},
           {EINVAL, ErrorKind::kInvalid},
           {EBUSY, ErrorKind::kBusy},
           {ETXTBSY, ErrorKind::kBusy},
           {EAGAIN, ErrorKind::kTransient},
           {EINTR, ErrorKind::kTransient},
           {EMFILE, ErrorKind::kLimit},
           {ENFILE, ErrorKind::kLimit},
           {ENAMETOOLONG, ErrorKind::kLimit},
           {EMLINK, ErrorKind::kLimit},
           {EFBIG, ErrorKind::kLimit},
           {ENODEV, ErrorKind::kDeviceGone},
           {ENXIO, ErrorKind::kDeviceGone},
           {EIO, ErrorKind::kIo},
           {EBADF, ErrorKind::kIo},
           {0, ErrorKind::kIo},
           {99'999, ErrorKind::kIo},
           {-1, ErrorKind::kIo},
       }) {
    EXPECT_EQ(kind_of_errno(number), kind) << number;
  }
#ifdef EDQUOT
  EXPECT_EQ(kind_of_errno(EDQUOT), ErrorKind::kNoSpace);
#endif
#ifdef ESTALE
  EXPECT_EQ(kind_of_errno(ESTALE), ErrorKind::kTransient);
#endif
}

TEST(Error, AMessageIsWhatWasDoneAndWhy) {
  const Error system = from_errno(ENOENT, "open data/a.txt");
  EXPECT_EQ(system.kind, ErrorKind::kNotFound);
  EXPECT_EQ(system.code.value(), ENOENT);
  EXPECT_THAT(system.message(), testing::StartsWith("open data/a.txt: "));
  EXPECT_THAT(system.message(), testing::HasSubstr(system.code.message()));
  EXPECT_EQ(from_errno(ENOENT, "").message(), system.code.message());

  const Error ours = make_error(ErrorKind::kRefused, "the source is empty");
  EXPECT_FALSE(ours.code);
  EXPECT_EQ(ours.message(), "the source is empty");
  EXPECT_EQ(make_error(ErrorKind::kRefused, "").message(), "refused");
}

TEST(Error, RetryingHelpsOnlyAgainstWhatPasses) {
  const std::set<ErrorKind> transient{ErrorKind::kBusy, ErrorKind::kTransient, ErrorKind::kChanged};
  for (const ErrorKind kind : kAllKinds) {
    EXPECT_EQ(is_transient(kind), transient.contains(kind)) << to_string(kind);
  }
}

TEST(Error, OnlyFaultsOfTheVolumeEndARun) {
  const std::set<ErrorKind> volume{ErrorKind::kNoSpace, ErrorKind::kReadOnly,
                                   ErrorKind::kDeviceGone};
  for (const ErrorKind kind : kAllKinds) {
    EXPECT_EQ(is_volume_fault(kind), volume.contains(kind)) << to_string(kind);
  }
}

}  // namespace
}  // namespace robosync::base
