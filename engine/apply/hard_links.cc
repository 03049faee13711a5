#include "engine/apply/hard_links.h"

namespace robosync::apply {

HardLinks::Role HardLinks::join(const tree::Metadata& source, Waiter waiter) {
  if (!source.identity.is_known()) return Role::kLeads;
  std::optional<LinkLeader> leader;
  {
    const base::MutexLock lock(mutex_);
    auto [at, is_new] = groups_.try_emplace(source.identity);
    Group& group = at->second;
    if (is_new) {
      group.names_left = source.link_count - 1;
      return Role::kLeads;
    }
    if (group.names_left > 0) --group.names_left;
    if (!group.known) {
      group.waiters.push_back(std::move(waiter));
      return Role::kFollows;
    }
    leader = group.leader;
    if (group.names_left == 0) groups_.erase(at);
  }
  waiter(leader);
  return Role::kFollows;
}

bool HardLinks::knows(const tree::Identity& identity) {
  const base::MutexLock lock(mutex_);
  return groups_.contains(identity);
}

void HardLinks::landed(const tree::Metadata& source, const std::optional<LinkLeader>& leader) {
  std::vector<Waiter> waiters;
  {
    const base::MutexLock lock(mutex_);
    const auto at = groups_.find(source.identity);
    if (at == groups_.end()) return;
    Group& group = at->second;
    group.known = true;
    group.leader = leader;
    waiters.swap(group.waiters);
    if (group.names_left == 0) groups_.erase(at);
  }
  for (Waiter& waiter : waiters) waiter(leader);
}

}  // namespace robosync::apply
