#include "engine/fs/fault_fs_testing.h"

#include <utility>

#include "engine/fs/fault_injector_testing.h"

namespace robosync::fs {
namespace {

using base::Result;
using faults::Visit;

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  return path;
}

}  // namespace

base::Error fault(int number) { return base::from_errno(number, "injected fault"); }

FaultFileSystem::FaultFileSystem(FileSystem& inner)
    : inner_(inner), injector_(std::make_shared<faults::Injector>()) {}

FaultFileSystem::~FaultFileSystem() = default;

void FaultFileSystem::add(FaultRule rule) { injector_->add(std::move(rule)); }

void FaultFileSystem::clear() { injector_->clear(); }

std::string FaultFileSystem::unused() const { return injector_->unused(); }

Result<Located> FaultFileSystem::locate(const std::string& path) const {
  const Visit visit(*injector_, Operation::kLocate, path);
  ROBOSYNC_TRY(visit.begin());
  ROBOSYNC_ASSIGN(Located located, inner_.locate(path));
  std::string parent = without_trailing_slashes(path);
  if (!located.name.empty()) {
    parent.resize(parent.size() - located.name.size());
    parent = parent.empty() ? "." : without_trailing_slashes(std::move(parent));
  }
  located.parent = faults::wrap(injector_, std::move(located.parent), std::move(parent));
  return located;
}

Result<DirectoryPtr> FaultFileSystem::open_root(const std::string& path) const {
  const Visit visit(*injector_, Operation::kOpenRoot, path);
  ROBOSYNC_TRY(visit.begin());
  ROBOSYNC_ASSIGN(DirectoryPtr opened, inner_.open_root(path));
  return faults::wrap(injector_, std::move(opened), without_trailing_slashes(path));
}

Result<std::vector<tree::Identity>> FaultFileSystem::ancestry(const DirectoryPtr& directory) const {
  const Visit visit(*injector_, Operation::kAncestry, "");
  ROBOSYNC_TRY(visit.begin());
  return inner_.ancestry(faults::unwrapped(directory));
}

const Privileges& FaultFileSystem::privileges() const { return inner_.privileges(); }

std::size_t FaultFileSystem::open_handles_max() const { return inner_.open_handles_max(); }

OperationLog& FaultFileSystem::log() { return injector_->log; }

}  // namespace robosync::fs
