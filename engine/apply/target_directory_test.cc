// A directory that is staged whole: at its final name it is complete, or it is not there at all.
#include "engine/apply/target_directory.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/memory_fs_testing.h"

namespace robosync::apply {
namespace {

using base::ErrorKind;
using fs::Operation;

class Target : public testing::Test {
 protected:
  Target() {
    memory.build("/d", "file = old\n");
    parent = *faulty.open_root("/d");
  }
  std::unique_ptr<TargetDirectory> make(const std::string& name) {
    auto target = std::make_unique<TargetDirectory>(*tree::RelPath::parse(name), name);
    target->set_parent(parent);
    return target;
  }
  void fill(TargetDirectory& target) {
    ASSERT_TRUE(fs::write_whole(*target.spot().directory, "inner", "1"));
  }
  [[nodiscard]] std::string names() const { return memory.dump("/d", {.modes = false}); }

  fs::MemoryFileSystem memory;
  fs::FaultFileSystem faulty{memory};
  fs::DirectoryPtr parent;
};

TEST_F(Target, StagedThenLanded) {
  {
    const auto target = make("new");
    ASSERT_TRUE(target->create(TargetDirectory::Make::kStaged, nullptr, nullptr));
    fill(*target);
    EXPECT_FALSE(parent->stat_entry("new"));
    ASSERT_TRUE(target->land(nullptr));
    EXPECT_FALSE(target->spot().staged);
  }
  EXPECT_EQ(names(), "file = old\nnew/\nnew/inner = 1\n");
}

TEST_F(Target, NotLandedLeavesNothing) {
  {
    const auto target = make("new");
    ASSERT_TRUE(target->create(TargetDirectory::Make::kStaged, nullptr, nullptr));
    fill(*target);
  }
  EXPECT_EQ(names(), "file = old\n");
}

TEST_F(Target, NotLandedBecauseTheNameIsTaken) {
  {
    const auto target = make("file");
    ASSERT_TRUE(target->create(TargetDirectory::Make::kStaged, nullptr, nullptr));
    fill(*target);
    const auto landed = target->land(nullptr);
    ASSERT_FALSE(landed);
    EXPECT_EQ(landed.error().kind, ErrorKind::kExists);
  }
  EXPECT_EQ(names(), "file = old\n");
}

// Whatever call fails while a file makes way for a directory: afterwards one of the two is there,
// whole.
TEST_F(Target, AFileMakesWayOrStays) {
  for (const bool can_exchange : {true, false}) {
    const std::vector<Operation> calls{Operation::kExchange, Operation::kRename,
                                       Operation::kRemoveFile, Operation::kMakeLink,
                                       Operation::kRemoveDirectory};
    for (const Operation operation : calls) {
      for (const std::size_t nth : {1U, 2U}) {
        fs::MemoryFileSystem fresh({.can_exchange = can_exchange});
        fresh.build("/d", "file = old\n");
        fs::FaultFileSystem breaking(fresh);
        const auto root = *breaking.open_root("/d");
        const auto before = *root->stat_entry("file");
        {
          TargetDirectory target(*tree::RelPath::parse("file"), "file");
          target.set_parent(root);
          ASSERT_TRUE(target.create(TargetDirectory::Make::kStaged, &before, nullptr));
          fill(target);
          breaking.add({.operation = operation, .nth = nth, .error = fs::fault(EIO)});
          (void)target.land(nullptr);
          breaking.clear();
        }
        const std::string after = fresh.dump("/d", {.modes = false});
        EXPECT_TRUE(after.find("file = old\n") != after.npos ||
                    after.find("file/\nfile/inner = 1\n") != after.npos)
            << fs::to_string(operation) << " " << nth << (can_exchange ? "" : ", no exchange")
            << ":\n"
            << after;
      }
    }
  }
}

TEST_F(Target, MakesClosedDirectoriesAccessibleForTheTimeBeing) {
  memory.build("/d", "closed/ mode=0\nclosed/inner\n");
  const fs::Privileges user = fs::ordinary_user(0);
  memory.set_privileges(user);
  const auto target = make("closed");
  const tree::Metadata metadata = parent->stat_entry("closed")->metadata;
  EXPECT_FALSE(make("closed")->open_existing(metadata, nullptr)) << "only looking";
  ASSERT_TRUE(target->open_existing(metadata, &user));
  EXPECT_TRUE(target->is_open());
  EXPECT_FALSE(target->created());
}

}  // namespace
}  // namespace robosync::apply
