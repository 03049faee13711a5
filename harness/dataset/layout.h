// Layout: what a spec becomes for one seed, scale and profile. Folders are listed; a file is
// computed from its group and number when it is needed.
//
// A value that refers to its spec, which must outlive it; any thread may read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/dataset/content.h"
#include "harness/dataset/disk.h"
#include "harness/dataset/spec.h"

namespace robosync::parity {

struct LayoutFile {
  std::size_t directory = 0;  // in the group's list
  std::string name;
  std::uint64_t size = 0;
  Attributes attributes;
  ContentSource content;
};

struct LayoutSymlink {
  std::string path;
  std::string target;
  DiskTime mtime;
};

struct LayoutHardLink {
  std::string path;
  std::string existing;
  std::uint64_t bytes = 0;
};

struct LayoutSparseFile {
  std::string path;
  std::uint64_t size = 0;
  std::vector<std::uint64_t> extents;  // offsets
  std::uint64_t extent_bytes = 0;
  Attributes attributes;
  ContentSource content;
};

class Layout {
 public:
  Layout(const DatasetSpec& spec, std::uint64_t seed, double scale, Profile profile);

  struct Group {
    std::size_t index = 0;  // in the spec
    std::uint64_t files = 0;
    std::uint64_t files_per_directory = 0;
    std::vector<std::string> directories;
  };

  // Without the groups that the profile cannot hold.
  [[nodiscard]] const std::vector<Group>& groups() const { return groups_; }
  // All folders but the root, parents before children.
  [[nodiscard]] const std::vector<std::string>& directories() const { return directories_; }
  [[nodiscard]] const std::vector<LayoutSymlink>& symlinks() const { return symlinks_; }
  [[nodiscard]] const std::vector<LayoutHardLink>& hard_links() const { return hard_links_; }
  [[nodiscard]] const std::vector<LayoutSparseFile>& sparse_files() const { return sparse_files_; }

  [[nodiscard]] LayoutFile file(const Group& group, std::uint64_t number) const;
  [[nodiscard]] std::string path_of(const Group& group, std::uint64_t number) const;
  // Of a folder; "" is the root.
  [[nodiscard]] Attributes attributes_of(const std::string& directory) const;
  // Sizes of all files of a group; what hard links and sparse files add is not in it.
  [[nodiscard]] std::uint64_t bytes_of(const Group& group) const;

 private:
  void add_group(std::size_t index);
  void add_symlinks();
  void add_hard_links();
  void add_sparse_files();
  void add_directories();
  [[nodiscard]] std::uint64_t size_of_file(const Group& group, std::uint64_t number) const;
  [[nodiscard]] DiskTime time(std::uint64_t seed) const;
  [[nodiscard]] const FileGroup& spec_of(const Group& group) const {
    return spec_->groups[group.index];
  }

  const DatasetSpec* spec_;
  std::uint64_t seed_;
  double scale_;
  Profile profile_;
  std::vector<Group> groups_;
  std::vector<std::string> directories_;
  std::vector<LayoutSymlink> symlinks_;
  std::vector<LayoutHardLink> hard_links_;
  std::vector<LayoutSparseFile> sparse_files_;
};

[[nodiscard]] std::string join_path(const std::string& directory, const std::string& name);

}  // namespace robosync::parity
