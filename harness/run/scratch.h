// Scratch: the folder in which a run works, removed when the run is over, whatever way it ends.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.h"

namespace robosync::parity {

// Removes a tree whatever its permissions and however deep; links are removed, not followed.
// Nothing there is no fault.
[[nodiscard]] base::Result<void> remove_tree(const std::string& path);

class Scratch {
 public:
  // Makes a folder of a name of its own below `parent`, which is made if need be; an empty
  // `parent` is /dev/shm where that has `bytes_wanted` free, else the system's temporary folder.
  [[nodiscard]] static base::Result<Scratch> make(const std::string& parent,
                                                  std::uint64_t bytes_wanted);
  ~Scratch();
  Scratch(Scratch&& other) noexcept;
  Scratch& operator=(Scratch&&) = delete;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  // Bytes that we may still write there.
  [[nodiscard]] base::Result<std::uint64_t> free_bytes() const;
  // Makes an empty folder below it that nobody has used before and returns its path.
  [[nodiscard]] base::Result<std::string> make_folder(const std::string& name);

 private:
  explicit Scratch(std::string path) : path_(std::move(path)) {}

  std::string path_;
  unsigned folders_made_ = 0;
};

}  // namespace robosync::parity
