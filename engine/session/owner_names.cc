#include "engine/session/owner_names.h"

#include <utility>

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

bool OwnerNames::is_wanted() const {
  return accounts_ != nullptr && channel_.agreed_on_owner_names();
}

void OwnerNames::add(const tree::Metadata& metadata, wire::Owners& owners) {
  const auto add_one = [](std::uint32_t id, std::unordered_set<std::uint32_t>& told, auto name_of,
                          std::vector<wire::Owners::Named>& list) {
    // Whoever has more owners than that gets the rest by number.
    if (id == 0 || told.size() == wire::kOwnersMax || !told.insert(id).second) return;
    std::optional<std::string> name = name_of(id);
    if (name && !name->empty() && name->size() <= wire::kOwnerNameBytesMax) {
      list.push_back({id, std::move(*name)});
    }
  };
  add_one(
      metadata.uid, users_, [&](std::uint32_t id) { return accounts_->user_name(id); },
      owners.users);
  add_one(
      metadata.gid, groups_, [&](std::uint32_t id) { return accounts_->group_name(id); },
      owners.groups);
}

void OwnerNames::post(const wire::Owners& owners) {
  if (owners.users.empty() && owners.groups.empty()) return;
  channel_.post(wire::Type::kOwners, wire::encode(owners));
}

// Posted before another thread can take them for told.
void OwnerNames::tell(const tree::Metadata& metadata) {
  if (!is_wanted()) return;
  const base::MutexLock lock(mutex_);
  wire::Owners owners;
  add(metadata, owners);
  post(owners);
}

void OwnerNames::tell(const std::vector<tree::Entry>& entries) {
  if (!is_wanted()) return;
  const base::MutexLock lock(mutex_);
  wire::Owners owners;
  for (const tree::Entry& entry : entries) add(entry.metadata, owners);
  post(owners);
}

Result<void> OwnerIds::learn(const wire::Owners& owners) {
  const base::MutexLock lock(mutex_);
  const auto learn_list = [](const std::vector<wire::Owners::Named>& list, Ids& ids,
                             auto id_of) -> Result<void> {
    for (const wire::Owners::Named& named : list) {
      if (ids.size() == wire::kOwnersMax || named.id == 0 ||
          !ids.try_emplace(named.id, id_of(named)).second) {
        return fail(make_error(ErrorKind::kProtocol, "owners beyond what was agreed"));
      }
    }
    return {};
  };
  ROBOSYNC_TRY(learn_list(owners.users, users_, [&](const wire::Owners::Named& named) {
    return accounts_ == nullptr ? named.id : accounts_->user_id(named.name).value_or(named.id);
  }));
  return learn_list(owners.groups, groups_, [&](const wire::Owners::Named& named) {
    return accounts_ == nullptr ? named.id : accounts_->group_id(named.name).value_or(named.id);
  });
}

void OwnerIds::translate_one(tree::Metadata& metadata) const {
  if (const auto user = users_.find(metadata.uid); user != users_.end()) {
    metadata.uid = user->second;
  }
  if (const auto group = groups_.find(metadata.gid); group != groups_.end()) {
    metadata.gid = group->second;
  }
}

void OwnerIds::translate(tree::Metadata& metadata) const {
  const base::MutexLock lock(mutex_);
  translate_one(metadata);
}

void OwnerIds::translate(std::vector<tree::Entry>& entries) const {
  const base::MutexLock lock(mutex_);
  for (tree::Entry& entry : entries) translate_one(entry.metadata);
}

}  // namespace robosync::session
