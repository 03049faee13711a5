// The rules of a FaultFileSystem and their effect on one call. Private to fault_*_testing.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/fs/fault_fs_testing.h"

namespace robosync::fs::faults {

// Any thread.
class Injector {
 public:
  void add(FaultRule rule);
  void clear();
  [[nodiscard]] std::string unused() const;
  // The rules that this call hits, by now counted as hit.
  [[nodiscard]] std::vector<FaultRule> hit(Operation operation, std::string_view path,
                                           std::string_view to_path);

  OperationLog log;

 private:
  struct Counted {
    FaultRule rule;
    std::size_t calls = 0;
    std::size_t hits = 0;
  };
  mutable std::mutex mutex_;
  std::vector<Counted> rules_;
};

// One call on its way: made before it is passed on, gone after it returned.
class Visit {
 public:
  // `directory` and `name` are what may vanish, where there is an entry.
  Visit(Injector& injector, Operation operation, std::string_view path,
        std::string_view to_path = {}, Directory* directory = nullptr, std::string_view name = {});
  Visit(const Visit&) = delete;
  Visit& operator=(const Visit&) = delete;
  ~Visit();

  // Fails where the call is not to be made at all.
  [[nodiscard]] base::Result<void> begin() const;
  // To be returned in place of success, when the part up to cut_to() was done.
  [[nodiscard]] base::Result<void> end() const;
  [[nodiscard]] std::optional<std::uint64_t> cut_to() const { return cut_to_; }
  [[nodiscard]] bool corrupt() const { return corrupt_; }
  [[nodiscard]] bool vanished() const { return vanished_; }

 private:
  std::vector<FaultRule> rules_;
  std::optional<base::Error> error_;
  std::optional<std::uint64_t> cut_to_;
  bool corrupt_ = false;
  bool vanished_ = false;
};

// Wraps handles of the decorated file system.
[[nodiscard]] DirectoryPtr wrap(std::shared_ptr<Injector> injector, DirectoryPtr inner,
                                std::string path);
[[nodiscard]] FilePtr wrap(std::shared_ptr<Injector> injector, FilePtr inner, std::string path);
// The handle inside, or the handle itself where it is not one of ours.
[[nodiscard]] const DirectoryPtr& unwrapped(const DirectoryPtr& directory);
[[nodiscard]] Directory& unwrapped(Directory& directory);
[[nodiscard]] const Directory& unwrapped(const Directory& directory);
[[nodiscard]] const File& unwrapped(const File& file);

[[nodiscard]] std::string joined(std::string_view path, std::string_view name);

}  // namespace robosync::fs::faults
