// What fs.h offers on top of any file system.
#include "engine/fs/fs.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "engine/fs/fault_fs_testing.h"
#include "engine/fs/fs_contract_testing.h"
#include "engine/fs/memory_fs_testing.h"

namespace robosync::fs {
namespace {

using base::ErrorKind;

TEST(ReadIfThere, ReadsASmallFileOrNothing) {
  MemoryFileSystem memory;
  memory.build("/", "f = text\nempty");
  const DirectoryPtr root = *memory.open_root("/");
  EXPECT_EQ(**read_if_there(*root, "f", 100), "text");
  EXPECT_EQ(**read_if_there(*root, "empty", 0), "");
  const auto none = read_if_there(*root, "none", 100);
  ASSERT_TRUE(succeeds(none));
  EXPECT_FALSE(none->has_value());
}

TEST(ReadIfThere, StopsAtItsLimit) {
  MemoryFileSystem memory;
  memory.build("/", "f = text\nhuge size=1000000000000");
  const DirectoryPtr root = *memory.open_root("/");
  EXPECT_EQ(**read_if_there(*root, "f", 4), "text");
  EXPECT_TRUE(fails(read_if_there(*root, "f", 3), ErrorKind::kInvalid));
  EXPECT_TRUE(fails(read_if_there(*root, "huge", 1 << 20), ErrorKind::kInvalid));
}

TEST(ReadIfThere, ReadsNothingButFiles) {
  MemoryFileSystem memory;
  memory.build("/", "f = text\nd/\np |\ns ~\nl -> f\ndangling -> none");
  const DirectoryPtr root = *memory.open_root("/");
  EXPECT_TRUE(fails(read_if_there(*root, "d", 100), ErrorKind::kInvalid));
  EXPECT_TRUE(fails(read_if_there(*root, "p", 100), ErrorKind::kInvalid));
  EXPECT_FALSE(read_if_there(*root, "s", 100));
  EXPECT_TRUE(fails(read_if_there(*root, "l", 100), ErrorKind::kLink));
  EXPECT_TRUE(fails(read_if_there(*root, "dangling", 100), ErrorKind::kLink));
}

TEST(ReadIfThere, AFaultIsNotAnEmptyFile) {
  MemoryFileSystem memory;
  memory.build("/", "f = text");
  FaultFileSystem faulty(memory);
  faulty.add({.operation = Operation::kRead, .path = "/f", .error = fault(EIO)});
  const DirectoryPtr root = *faulty.open_root("/");
  EXPECT_TRUE(fails(read_if_there(*root, "f", 100), ErrorKind::kIo));
  // One that shrinks while it is read gives what there was.
  faulty.add({.operation = Operation::kRead, .path = "/f", .cut_to = 2});
  EXPECT_EQ(**read_if_there(*root, "f", 100), "te");
  EXPECT_EQ(faulty.unused(), "");
}

}  // namespace
}  // namespace robosync::fs
