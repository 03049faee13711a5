// The adapters that exist: robosync, rsync, robocopy, cp and rclone.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "harness/run/tool.h"

namespace robosync::parity {

// How much a peer may use when it can choose: the same number for every tool that takes one.
inline constexpr unsigned kPeerThreads = 8;

// Where programs are that are not simply found in PATH.
struct AdapterSettings {
  std::string robosync = "robosync";  // the program; its robosyncd is looked for beside it
};

[[nodiscard]] std::unique_ptr<ToolAdapter> make_robosync_adapter(const AdapterSettings& settings);
// With TLS, and over ssh through a private sshd or another machine's own; push and pull only.
[[nodiscard]] std::unique_ptr<ToolAdapter> make_robosync_tls_adapter(
    const AdapterSettings& settings);
[[nodiscard]] std::unique_ptr<ToolAdapter> make_robosync_ssh_adapter(
    const AdapterSettings& settings);
[[nodiscard]] std::unique_ptr<ToolAdapter> make_rsync_adapter();
// rsync through a private sshd: its daemon's rival where the transport is encrypted.
[[nodiscard]] std::unique_ptr<ToolAdapter> make_rsync_ssh_adapter();
[[nodiscard]] std::unique_ptr<ToolAdapter> make_robocopy_adapter();
[[nodiscard]] std::unique_ptr<ToolAdapter> make_cp_adapter();
[[nodiscard]] std::unique_ptr<ToolAdapter> make_rclone_adapter();

// The names that make_adapter() knows, in the order of reports.
[[nodiscard]] const std::vector<std::string>& adapter_names();

// kUsage, naming those there are, for a name that is not among adapter_names().
[[nodiscard]] base::Result<std::unique_ptr<ToolAdapter>> make_adapter(
    std::string_view name, const AdapterSettings& settings);

}  // namespace robosync::parity
