// The contract suite on file systems in memory: capable, poor, and behind a FaultFileSystem that
// has no rules.
#include <gtest/gtest.h>

#include <memory>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/fs_contract_testing.h"
#include "engine/fs/memory_fs_testing.h"

namespace robosync::fs {
namespace {

class MemoryVolume : public ContractVolume {
 public:
  explicit MemoryVolume(const VolumeOptions& options) : memory_(options) {
    memory_.build("/", "parent/work/\nother/");
    memory_.mount("/other", options);
  }

  FileSystem& file_system() override { return memory_; }
  std::string path() const override { return "/parent/work"; }
  std::string other_device_path() override { return "/other"; }

  void as_ordinary_user(const std::function<void()>& body) override {
    const Privileges before = memory_.privileges();
    const Privileges user = ordinary_user(1000);
    const DirectoryPtr parent = *memory_.open_root("/parent");
    ASSERT_TRUE(parent->set_entry_metadata("work", {.uid = user.uid, .gid = user.gid}));
    memory_.set_privileges(user);
    body();
    memory_.set_privileges(before);
  }

 private:
  MemoryFileSystem memory_;
};

class DecoratedVolume final : public MemoryVolume {
 public:
  using MemoryVolume::MemoryVolume;
  FileSystem& file_system() override { return faulty_; }

 private:
  FaultFileSystem faulty_{MemoryVolume::file_system()};
};

VolumeOptions poor_options() {
  VolumeOptions options;
  options.name_case = NameCase::kInsensitive;
  options.time_granularity_ns = 2'000'000'000;
  options.can_clone = false;
  options.can_copy_range = false;
  options.can_preallocate = false;
  options.can_exchange = false;
  options.can_lock = false;
  options.has_xattrs = false;
  options.has_holes = false;
  return options;
}

constexpr ContractTraits kPoorTraits{.clone = Support::kNo,
                                     .copy_range = Support::kNo,
                                     .preallocate = Support::kNo,
                                     .holes = Support::kNo,
                                     .xattrs = Support::kNo,
                                     .locks = Support::kNo,
                                     .exchange = Support::kNo,
                                     .case_sensitive = Support::kNo,
                                     .time_granularity_ns = 2'000'000'000};

INSTANTIATE_TEST_SUITE_P(
    Memory, FsContract,
    testing::Values(
        ContractBackend{"capable", [] { return std::make_unique<MemoryVolume>(VolumeOptions{}); },
                        ContractTraits{}},
        ContractBackend{"poor", [] { return std::make_unique<MemoryVolume>(poor_options()); },
                        kPoorTraits},
        ContractBackend{"decorated",
                        [] { return std::make_unique<DecoratedVolume>(VolumeOptions{}); },
                        ContractTraits{}}),
    backend_name);

}  // namespace
}  // namespace robosync::fs
