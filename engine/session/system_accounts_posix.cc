#include <grp.h>
#include <pwd.h>

#include <array>

#include "engine/session/owner_names.h"

namespace robosync::session {
namespace {

// Of a group with many members; one that does not fit counts as not there.
constexpr std::size_t kEntryBytes = 256 * 1024;

class SystemAccounts final : public AccountTable {
 public:
  std::optional<std::string> user_name(std::uint32_t id) const override {
    const auto user = look_up<passwd>(&::getpwuid_r, id);
    return user ? std::optional(user->first) : std::nullopt;
  }
  std::optional<std::string> group_name(std::uint32_t id) const override {
    const auto group = look_up<::group>(&::getgrgid_r, id);
    return group ? std::optional(group->first) : std::nullopt;
  }
  std::optional<std::uint32_t> user_id(const std::string& name) const override {
    const auto user = look_up<passwd>(&::getpwnam_r, name.c_str());
    return user ? std::optional(user->second) : std::nullopt;
  }
  std::optional<std::uint32_t> group_id(const std::string& name) const override {
    const auto group = look_up<::group>(&::getgrnam_r, name.c_str());
    return group ? std::optional(group->second) : std::nullopt;
  }

 private:
  using NameAndId = std::pair<std::string, std::uint32_t>;

  static NameAndId name_and_id(const passwd& user) { return {user.pw_name, user.pw_uid}; }
  static NameAndId name_and_id(const ::group& group) { return {group.gr_name, group.gr_gid}; }

  template <typename Entry, typename Key>
  static std::optional<NameAndId> look_up(int (*function)(Key, Entry*, char*, std::size_t, Entry**),
                                          Key key) {
    std::vector<char> buffer(kEntryBytes);
    Entry entry{};
    Entry* found = nullptr;
    if (function(key, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) {
      return std::nullopt;
    }
    return name_and_id(*found);
  }
};

}  // namespace

const AccountTable& system_accounts() {
  static const SystemAccounts accounts;
  return accounts;
}

}  // namespace robosync::session
