// Owners by name between two systems: SOURCE tells what it calls the numbers in its manifest, and
// TARGET takes its own numbers for those names. A name that TARGET does not have leaves the number
// as it is; 0 is the superuser everywhere. As rsync does it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "engine/session/channel.h"
#include "engine/tree/entry.h"
#include "engine/wire/message.h"

namespace robosync::session {

// Users and groups of a system. Any thread.
class AccountTable {
 public:
  AccountTable() = default;
  virtual ~AccountTable() = default;
  AccountTable(const AccountTable&) = delete;
  AccountTable& operator=(const AccountTable&) = delete;

  // Nothing where there is none, or it cannot be looked up.
  [[nodiscard]] virtual std::optional<std::string> user_name(std::uint32_t id) const = 0;
  [[nodiscard]] virtual std::optional<std::string> group_name(std::uint32_t id) const = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> user_id(const std::string& name) const = 0;
  [[nodiscard]] virtual std::optional<std::uint32_t> group_id(const std::string& name) const = 0;
};

// Of the system that this runs on; empty where owners are no numbers.
[[nodiscard]] const AccountTable& system_accounts();

// SOURCE's side. Any thread.
class OwnerNames {
 public:
  // Without a table, or for a peer that does not understand it, nothing is told. Both must outlive
  // this.
  OwnerNames(const AccountTable* accounts, Channel& channel)
      : accounts_(accounts), channel_(channel) {}

  // Before frames in which these owners occur.
  void tell(const tree::Metadata& metadata) ROBOSYNC_EXCLUDES(mutex_);
  void tell(const std::vector<tree::Entry>& entries) ROBOSYNC_EXCLUDES(mutex_);

 private:
  [[nodiscard]] bool is_wanted() const;
  void add(const tree::Metadata& metadata, wire::Owners& owners) ROBOSYNC_REQUIRES(mutex_);
  void post(const wire::Owners& owners);

  const AccountTable* const accounts_;
  Channel& channel_;
  base::Mutex mutex_;
  std::unordered_set<std::uint32_t> users_ ROBOSYNC_GUARDED_BY(mutex_);
  std::unordered_set<std::uint32_t> groups_ ROBOSYNC_GUARDED_BY(mutex_);
};

// TARGET's side. Any thread.
class OwnerIds {
 public:
  // Without a table numbers stay as they are.
  explicit OwnerIds(const AccountTable* accounts) : accounts_(accounts) {}

  // kProtocol for more than wire::kOwnersMax, or a number that was told before.
  [[nodiscard]] base::Result<void> learn(const wire::Owners& owners) ROBOSYNC_EXCLUDES(mutex_);
  // From the source's numbers to ours.
  void translate(tree::Metadata& metadata) const ROBOSYNC_EXCLUDES(mutex_);
  void translate(std::vector<tree::Entry>& entries) const ROBOSYNC_EXCLUDES(mutex_);

 private:
  using Ids = std::unordered_map<std::uint32_t, std::uint32_t>;
  void translate_one(tree::Metadata& metadata) const ROBOSYNC_REQUIRES(mutex_);

  const AccountTable* const accounts_;
  mutable base::Mutex mutex_;
  Ids users_ ROBOSYNC_GUARDED_BY(mutex_);
  Ids groups_ ROBOSYNC_GUARDED_BY(mutex_);
};

}  // namespace robosync::session
