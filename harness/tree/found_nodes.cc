#include "harness/tree/found_nodes.h"

#include <algorithm>
#include <iterator>
#include <map>

namespace robosync::parity {
namespace {

// REQUIRES: sorted by path. The first name met is the group's; a file with one name in the tree has
// none, whatever other names there are elsewhere.
void set_link_groups(std::vector<FoundNode>& all) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, FoundNode*> first;
  for (FoundNode& found : all) {
    if (found.identity.names < 2 || found.node.kind == NodeKind::kDirectory) continue;
    const auto [at, is_first] =
        first.try_emplace({found.identity.device, found.identity.inode}, &found);
    if (is_first) continue;
    at->second->node.link_group = at->second->path;
    found.node.link_group = at->second->path;
  }
}

// The first file that has more names than were found here.
std::string shared_outside(const std::vector<FoundNode>& all) {
  std::map<std::pair<std::uint64_t, std::uint64_t>, std::uint64_t> found;
  for (const FoundNode& one : all) {
    if (one.identity.names > 1) ++found[{one.identity.device, one.identity.inode}];
  }
  for (const FoundNode& one : all) {
    if (one.node.kind == NodeKind::kDirectory || one.identity.names < 2) continue;
    if (found[{one.identity.device, one.identity.inode}] < one.identity.names) return one.path;
  }
  return {};
}

}  // namespace

void FoundNodes::add(std::vector<FoundNode> batch) {
  const base::MutexLock lock(mutex_);
  batches_.push_back(std::move(batch));
}

void FoundNodes::fail(const std::string& path, base::Error error) {
  const base::MutexLock lock(mutex_);
  if (!fault_ || path < fault_->first) fault_.emplace(path, std::move(error));
  failed_ = true;
}

base::Result<TreeImage> FoundNodes::finish() {
  const base::MutexLock lock(mutex_);
  if (fault_) return base::fail(std::move(fault_->second));
  std::vector<FoundNode> all;
  std::size_t count = 0;
  for (const auto& batch : batches_) count += batch.size();
  all.reserve(count);
  for (auto& batch : batches_)
    all.insert(all.end(), std::make_move_iterator(batch.begin()),
               std::make_move_iterator(batch.end()));
  batches_.clear();
  std::ranges::sort(all, {}, &FoundNode::path);
  set_link_groups(all);
  TreeImage image;
  image.shared_outside = shared_outside(all);
  for (FoundNode& found : all) {
    if (found.node.kind == NodeKind::kDirectory && !found.path.empty()) ++image.directories;
    if (found.node.kind == NodeKind::kFile) {
      ++image.files;
      image.bytes += found.node.size;
    }
    image.nodes.emplace_hint(image.nodes.end(), std::move(found.path), std::move(found.node));
  }
  return image;
}

}  // namespace robosync::parity
