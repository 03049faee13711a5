#include "harness/run/adapters.h"

#include <algorithm>

namespace robosync::parity {

const std::vector<std::string>& adapter_names() {
  static const std::vector<std::string> kNames = {
      "robosync", "robosync-tls", "robosync-ssh", "rsync", "rsync-ssh", "robocopy", "cp", "rclone"};
  return kNames;
}

base::Result<std::unique_ptr<ToolAdapter>> make_adapter(std::string_view name,
                                                        const AdapterSettings& settings) {
  if (name == "robosync") return make_robosync_adapter(settings);
  if (name == "robosync-tls") return make_robosync_tls_adapter(settings);
  if (name == "robosync-ssh") return make_robosync_ssh_adapter(settings);
  if (name == "rsync") return make_rsync_adapter();
  if (name == "rsync-ssh") return make_rsync_ssh_adapter();
  if (name == "robocopy") return make_robocopy_adapter();
  if (name == "cp") return make_cp_adapter();
  if (name == "rclone") return make_rclone_adapter();
  std::string known;
  for (const std::string& one : adapter_names())
    known.append(known.empty() ? "" : ", ").append(one);
  return base::fail(base::make_error(base::ErrorKind::kUsage, "no such tool: " + std::string(name) +
                                                                  " (there are " + known + ")"));
}

}  // namespace robosync::parity
