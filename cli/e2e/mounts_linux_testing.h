// File systems of a test's own: full, read-only, another one inside the tree.
//
// They are mounted in a mount namespace of a child process and go with it. Works as root, and
// otherwise through a user namespace.
#pragma once

#include <functional>
#include <string>

namespace robosync::e2e {

// Runs `body`, expectations included, in a child process with private mounts; its failures become
// failures of the test. Returns false, having run nothing, where namespaces are not to be had.
[[nodiscard]] bool with_private_mounts(const std::function<void()>& body);

// These throw std::system_error. Only within with_private_mounts().
void mount_tmpfs(const std::string& directory, const std::string& options);
void mount_read_only_view(const std::string& from, const std::string& directory);
void unmount(const std::string& directory);

// Makes a file system of `type` ("xfs", "btrfs") in an image file and mounts it. False where this
// cannot be done (no root, no mkfs).
[[nodiscard]] bool mount_image(const std::string& type, const std::string& image,
                               const std::string& size, const std::string& directory);

}  // namespace robosync::e2e
