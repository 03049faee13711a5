#include "engine/session/owner_names.h"

namespace robosync::session {
namespace {

// Owners are no numbers here.
class NoAccounts final : public AccountTable {
 public:
  std::optional<std::string> user_name(std::uint32_t) const override { return std::nullopt; }
  std::optional<std::string> group_name(std::uint32_t) const override { return std::nullopt; }
  std::optional<std::uint32_t> user_id(const std::string&) const override { return std::nullopt; }
  std::optional<std::uint32_t> group_id(const std::string&) const override { return std::nullopt; }
};

}  // namespace

const AccountTable& system_accounts() {
  static const NoAccounts accounts;
  return accounts;
}

}  // namespace robosync::session
