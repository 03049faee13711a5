// Staging: an entry is written under a name of its own and only renamed to its final name when it
// is complete.
//
// A StagedFile locks what it writes, so that another run can tell it from the leftover of a dead
// one (the lock ends with the process). Destructors remove what was not committed; they never
// commit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/fs/fs.h"

namespace robosync::apply {

class StagedFile {
 public:
  // A new file under a fresh staging name in `directory`, which must outlive this.
  [[nodiscard]] static base::Result<StagedFile> create(fs::Directory& directory,
                                                       std::uint32_t mode);
  // The staging file called `name` (tree::partial_name) when it is there and nobody else's, else a
  // new one of that name; `resumed` tells which. kBusy when another run is writing it.
  [[nodiscard]] static base::Result<StagedFile> create_or_resume(fs::Directory& directory,
                                                                 const std::string& name,
                                                                 std::uint32_t mode);
  // A new file at its final name: in a directory that is itself staged, or for --inplace.
  [[nodiscard]] static base::Result<StagedFile> create_at(fs::Directory& directory,
                                                          std::string_view name,
                                                          std::uint32_t mode);

  StagedFile(StagedFile&& other) noexcept;
  StagedFile& operator=(StagedFile&&) = delete;
  ~StagedFile();

  [[nodiscard]] fs::File& file() { return *file_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool resumed() const { return resumed_; }

  // Renames to the final name. kExists when the name must be free and is not.
  [[nodiscard]] base::Result<void> commit(std::string_view final_name, fs::Replace replace);
  // The file already has its final name.
  void commit_in_place() { owned_ = false; }
  // Leaves the staging file for a later run.
  void keep() { owned_ = false; }

 private:
  StagedFile(fs::Directory& directory, std::string name, fs::FilePtr file)
      : directory_(&directory), name_(std::move(name)), file_(std::move(file)) {}

  fs::Directory* directory_;
  std::string name_;
  fs::FilePtr file_;
  bool owned_ = true;
  bool resumed_ = false;
};

// A fresh staging name, and one for what makes way.
[[nodiscard]] std::string new_staging_name();
[[nodiscard]] std::string new_aside_name();

// Whether symbolic links can be made in `directory`: kNoLinks where none can. Makes one, and
// removes it. Any other fault is left to whoever makes the first.
[[nodiscard]] base::Result<void> probe_links(fs::Directory& directory);

enum class Leftover : std::uint8_t {
  kRemoved,
  kAlive,  // its run is still going on (or its file system cannot tell)
  kKept,   // something old that made way for a mirror, or not as a run leaves it
};

// Removes the staging entry `name` if the run that made it is dead.
[[nodiscard]] base::Result<Leftover> remove_leftover(fs::Directory& directory,
                                                     const tree::Entry& entry);

}  // namespace robosync::apply
