// The contract of fs.h as tests: FsContract is the fixture of the fs_contract_*_test.cc files,
// which run once for every backend given to INSTANTIATE_TEST_SUITE_P.
//
// A backend makes volumes: a file system and an empty directory in it. What a file system may or
// may not be able to do is stated by its traits, so that a test never skips: where something is
// unsupported, the test is that it says so.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fs/fs.h"
#include "engine/fs/tree_text_testing.h"

namespace robosync::fs {

enum class Support : std::uint8_t {
  kYes,
  kNo,
  kEither,  // depends on the machine
};

struct ContractTraits {
  Support clone = Support::kYes;
  Support copy_range = Support::kYes;
  Support preallocate = Support::kYes;
  Support holes = Support::kYes;
  Support xattrs = Support::kYes;
  Support locks = Support::kYes;
  Support exchange = Support::kYes;
  Support case_sensitive = Support::kYes;
  std::int64_t time_granularity_ns = 1;
};

// One test's share of a backend; what it created is gone when it goes.
class ContractVolume {
 public:
  virtual ~ContractVolume() = default;
  [[nodiscard]] virtual FileSystem& file_system() = 0;
  // An empty directory of this test's own: an absolute path without links and trailing slash.
  [[nodiscard]] virtual std::string path() const = 0;
  // Likewise, on another device.
  [[nodiscard]] virtual std::string other_device_path() = 0;
  // Runs `body` as a user who may not do everything, and who owns path(). Failures in it fail the
  // test. What `body` changes in this process may be lost (it may be another process).
  virtual void as_ordinary_user(const std::function<void()>& body) = 0;
};

struct ContractBackend {
  std::string name;
  std::function<std::unique_ptr<ContractVolume>()> make_volume;
  ContractTraits traits;
  // Tests that cannot run here, by name, and why.
  std::map<std::string, std::string> missing = {};
};

// How GoogleTest shows a backend.
void PrintTo(const ContractBackend& backend, std::ostream* out);
[[nodiscard]] std::string backend_name(const testing::TestParamInfo<ContractBackend>& info);

// Assertions on results: EXPECT_TRUE(succeeds(r)), EXPECT_TRUE(fails(r, ErrorKind::kExists)).
template <typename T>
testing::AssertionResult succeeds(const base::Result<T>& result) {
  if (result) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << base::to_string(result.error().kind) << ": " << result.error().message();
}

template <typename T>
testing::AssertionResult fails(const base::Result<T>& result, base::ErrorKind kind) {
  if (result) return testing::AssertionFailure() << "succeeded";
  if (result.error().kind == kind) {
    if (!result.error().message().empty()) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "an error without a message";
  }
  return succeeds(result);
}

class FsContract : public testing::TestWithParam<ContractBackend> {
 protected:
  void SetUp() override;
  // The root handle goes before the volume does.
  void TearDown() override;

  [[nodiscard]] FileSystem& file_system() { return volume_->file_system(); }
  [[nodiscard]] const ContractTraits& traits() const { return GetParam().traits; }
  [[nodiscard]] bool privileged() { return file_system().privileges().owns_everything; }
  [[nodiscard]] ContractVolume& volume() { return *volume_; }
  // The volume's empty directory. In a test, build("a = x\nd/") fills it.
  [[nodiscard]] Directory& root() { return *root_; }
  [[nodiscard]] const DirectoryPtr& root_ptr() { return root_; }

  void build(std::string_view spec);
  // All below the root as text, without modes.
  [[nodiscard]] std::string dump();

  // These fail the test when they cannot do it, and then return something empty.
  [[nodiscard]] tree::Metadata metadata(std::string_view name);
  [[nodiscard]] std::string content(std::string_view name);
  [[nodiscard]] DirectoryPtr directory(std::string_view name);
  [[nodiscard]] FilePtr file(std::string_view name, Access access = Access::kRead);
  [[nodiscard]] FilePtr new_file(std::string_view name);
  [[nodiscard]] std::vector<std::string> names(const Directory& in);  // sorted

  // Whether to go on with a feature that the backend may lack: true when `result` is a success;
  // checks that it is allowed to be what it is, and that a failure says kUnsupported (or, for
  // copies inside the kernel, kCrossDevice).
  template <typename T>
  [[nodiscard]] bool supported(const base::Result<T>& result, Support expected) {
    if (result) {
      EXPECT_NE(expected, Support::kNo) << "worked, although it cannot";
      return true;
    }
    EXPECT_NE(expected, Support::kYes) << result.error().message();
    EXPECT_TRUE(fails(result, base::ErrorKind::kUnsupported));
    return false;
  }

  // `time` as this backend keeps it.
  [[nodiscard]] tree::Time kept(tree::Time time) const;
  // Gives the entry a time long gone, to see whether what follows changes it.
  void make_old(Directory& in, std::string_view name);
  void make_old(Node& node);
  [[nodiscard]] bool is_old(const tree::Metadata& metadata) const;

 private:
  std::unique_ptr<ContractVolume> volume_;
  DirectoryPtr root_;
};

[[nodiscard]] std::span<const std::byte> bytes_of(std::string_view text);
// What read_at() gives, as text.
[[nodiscard]] base::Result<std::string> read_text(const File& file, std::uint64_t offset,
                                                  std::size_t size);

}  // namespace robosync::fs
