// NetworkLink: where client and server of a route run, and what lies between them. localhost is
// this machine; 1gbe, 10gbe and wan are pairs of network namespaces, joined by a virtual cable that
// the kernel slows down, made for this run and removed by the destructor; remote is another machine
// (remote_link.h).
//
// A link that cannot be made is not an error of the run: its record says why. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "harness/report/model.h"
#include "harness/run/process.h"
#include "harness/tree/tree_image.h"

namespace robosync::parity {

// The machine at the other end of a link, where that is not ours: what the arena needs done there.
class FarSide {
 public:
  FarSide() = default;
  virtual ~FarSide() = default;
  FarSide(const FarSide&) = delete;
  FarSide& operator=(const FarSide&) = delete;

  // The command that reaches it, as one word that tools split at spaces: "ssh -F file".
  [[nodiscard]] virtual std::string shell() const = 0;
  // The folder there with copies of robosync and robosync-parity.
  [[nodiscard]] virtual std::string programs() const = 0;
  // Makes an empty folder there that nobody has used before and returns its path.
  [[nodiscard]] virtual base::Result<std::string> make_folder(const std::string& name) = 0;
  // tree_digest() of a tree there, read by the harness's own reader.
  [[nodiscard]] virtual base::Result<std::string> digest(const std::string& path,
                                                         const Aspects& aspects) = 0;
  // Removes a tree below a folder that make_folder() made.
  [[nodiscard]] virtual base::Result<void> remove(const std::string& path) = 0;
};

class NetworkLink {
 public:
  virtual ~NetworkLink() = default;

  // What the report says of it.
  Link record;
  // Of Command: where a client and a server run. Empty on localhost.
  std::vector<std::string> client_prefix;
  std::vector<std::string> server_prefix;
  std::string server_host;

  // Null where both ends are this machine.
  [[nodiscard]] virtual FarSide* far_side() { return nullptr; }

  // Bytes that have passed so far, both directions, all headers included. kUnsupported where there
  // is no counter (localhost: its interface is everybody's).
  [[nodiscard]] virtual base::Result<std::uint64_t> wire_bytes();
};

// The names that make_link() knows, in the order of reports.
[[nodiscard]] const std::vector<std::string>& link_names();

// Always returns a link: one that could not be made has record.available == false and the reason.
// kUsage for an unknown name. The executor must outlive the link and must not obey a cancellation,
// since the link is also removed after one.
[[nodiscard]] base::Result<std::unique_ptr<NetworkLink>> make_link(std::string_view name,
                                                                   Executor& executor);

}  // namespace robosync::parity
