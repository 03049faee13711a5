// What the in-memory file system is made of: volumes, inodes, and the rules by which calls act on
// them. Private to memory_*_testing.cc; tests use memory_fs_testing.h.
//
// Every member function of Core REQUIRES that Core::mutex is held, unless it says otherwise. Errors
// are those that the Linux kernel gives, in the order in which it looks for them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fs/memory_fs_testing.h"
#include "engine/fs/memory_pages_testing.h"

namespace robosync::fs::memory {

inline constexpr unsigned kLinksFollowedMax = 40;
inline constexpr std::size_t kLinkTargetBytesMax = 4095;
inline constexpr std::size_t kXattrNameBytesMax = 255;
inline constexpr std::size_t kXattrValueBytesMax = std::size_t{64} * 1024;

struct Volume {
  VolumeOptions options;
  std::uint64_t device = 0;
  std::uint64_t next_inode = 2;
  std::shared_ptr<Space> space;
  std::uint64_t top_inode = 0;
};

struct Inode;
using InodePtr = std::shared_ptr<Inode>;

struct Child {
  std::string name;  // as it was given; the key may be folded
  InodePtr inode;
};

struct Inode {
  Inode(std::shared_ptr<Volume> on, tree::Kind of_kind)
      : volume(std::move(on)),
        kind(of_kind),
        number(volume->next_inode++),
        content(volume->space) {}

  std::shared_ptr<Volume> volume;
  const tree::Kind kind;
  const std::uint64_t number;
  std::uint32_t mode = 0;
  std::uint32_t uid = 0;
  std::uint32_t gid = 0;
  std::uint32_t link_count = 0;
  std::uint64_t device_number = 0;
  tree::Time mtime;
  tree::Time ctime;
  std::uint64_t size = 0;
  Pages content;
  std::string link_target;
  tree::LinkKind link_kind = tree::LinkKind::kUnknown;  // as it was made
  std::map<std::string, std::string> xattrs;
  const void* lock_holder = nullptr;

  // Directories only. `parent` and `name` say where it hangs; a removed one keeps its last place,
  // for the log.
  std::map<std::string, Child> children;
  std::weak_ptr<Inode> parent;
  std::string name;
  bool removed = false;
  InodePtr mounted;  // the top of the volume that covers it

  [[nodiscard]] bool is_directory() const { return kind == tree::Kind::kDirectory; }
  [[nodiscard]] bool is_symlink() const { return kind == tree::Kind::kSymlink; }
};

enum class Wanted : std::uint8_t { kExecute = 1, kWrite = 2, kRead = 4 };

class Core {
 public:
  explicit Core(const VolumeOptions& options);
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;
  ~Core();

  std::mutex mutex;
  OperationLog log;  // has a lock of its own
  Privileges privileges = privileged_user();

  // The calling thread sets up or looks at a tree on behalf of the test: it may do everything, and
  // nothing is logged. Other threads are not concerned. Needs no lock.
  class BehindTheScenes {
   public:
    explicit BehindTheScenes(const Core& core);
    BehindTheScenes(const BehindTheScenes&) = delete;
    BehindTheScenes& operator=(const BehindTheScenes&) = delete;
    ~BehindTheScenes();

   private:
    const Core* outer_;
  };
  // Who calls, as far as permissions go.
  [[nodiscard]] const Privileges& caller() const;
  void record(Operation operation, std::string path, std::string to_path = {});

  InodePtr top;
  tree::Time now{1'700'000'000, 0};
  std::size_t handles_max = std::size_t{1} << 16;
  std::size_t handles = 0;
  std::size_t handles_peak = 0;

  [[nodiscard]] std::shared_ptr<Volume> make_volume(const VolumeOptions& options);
  [[nodiscard]] InodePtr make_top_directory(const std::shared_ptr<Volume>& volume);

  // Finding (memory_core_testing.cc). Mounted volumes are entered.
  [[nodiscard]] bool may(const Inode& inode, Wanted wanted) const;
  [[nodiscard]] base::Result<InodePtr> lookup(const Inode& directory, std::string_view name) const;
  // Walks `path` from `start`, or from the top if it is absolute.
  [[nodiscard]] base::Result<InodePtr> resolve(const InodePtr& start, std::string_view path,
                                               Follow last) const;
  // lookup(), or resolve() with Follow::kYes.
  [[nodiscard]] base::Result<InodePtr> find(const InodePtr& directory, std::string_view name,
                                            Follow follow) const;
  [[nodiscard]] std::string path_of(const Inode& directory) const;
  [[nodiscard]] std::string path_of(const Inode& directory, std::string_view name) const;
  // Whether `inode` is `ancestor` or lies below it.
  [[nodiscard]] bool is_within(const Inode& inode, const Inode& ancestor) const;
  [[nodiscard]] base::Result<void> acquire_handle();

  // Attributes (memory_attributes_testing.cc).
  [[nodiscard]] tree::Metadata metadata(const Inode& inode) const;
  [[nodiscard]] base::Result<void> set_metadata(Inode& inode, const MetadataChange& change);
  [[nodiscard]] base::Result<std::vector<Xattr>> xattrs(const Inode& inode) const;
  [[nodiscard]] base::Result<void> set_xattr(Inode& inode, const Xattr& attribute);
  [[nodiscard]] base::Result<void> remove_xattr(Inode& inode, const std::string& name);
  void touch(Inode& inode);         // mtime and ctime
  void touch_change(Inode& inode);  // ctime
  void note_stream(Inode& inode);   // that one of its streams was written or removed
  // What the default access control list of `directory` leaves of the mode of a new entry.
  [[nodiscard]] static std::uint32_t mode_by_default_acl(const Inode& directory,
                                                         std::uint32_t mode);
  // What a write by somebody unprivileged does to the mode.
  void drop_set_id_bits(Inode& inode);

  // Changing names (memory_change_testing.cc).
  [[nodiscard]] base::Result<InodePtr> create(const InodePtr& directory, std::string_view name,
                                              tree::Kind kind, std::uint32_t mode);
  [[nodiscard]] base::Result<void> make_symlink(const InodePtr& directory, std::string_view name,
                                                const std::string& target, tree::LinkKind kind);
  [[nodiscard]] base::Result<void> make_node(const InodePtr& directory, std::string_view name,
                                             tree::Kind kind, std::uint32_t mode,
                                             std::uint64_t device_number);
  [[nodiscard]] base::Result<void> make_link(const Inode& from, std::string_view from_name,
                                             const InodePtr& directory, std::string_view name);
  [[nodiscard]] base::Result<void> rename(const InodePtr& from, std::string_view from_name,
                                          const InodePtr& to, std::string_view to_name,
                                          Replace replace);
  [[nodiscard]] base::Result<void> exchange(const InodePtr& a, std::string_view a_name,
                                            const InodePtr& b, std::string_view b_name);
  [[nodiscard]] base::Result<void> remove_file(const InodePtr& directory, std::string_view name);
  [[nodiscard]] base::Result<void> remove_directory(const InodePtr& directory,
                                                    std::string_view name);

 private:
  [[nodiscard]] const Child* child(const Inode& directory, std::string_view name) const;
  [[nodiscard]] base::Result<void> check_name(const Inode& directory, std::string_view name) const;
  // That names may be added to and taken from `directory`.
  [[nodiscard]] base::Result<void> check_change(const Inode& directory,
                                                std::string_view name) const;
  // That this very entry may be taken away (sticky directories, mount points).
  [[nodiscard]] base::Result<void> check_removal(const Inode& directory, const Child& entry) const;
  // That a new name may appear: it is free, and the directory may be changed.
  [[nodiscard]] base::Result<void> check_new(const Inode& directory, std::string_view name) const;
  [[nodiscard]] base::Result<void> check_replacement(const Inode& moved, const Inode& to,
                                                     const Child& replaced) const;
  // That `moved` may leave `from` for `to`.
  [[nodiscard]] base::Result<void> check_move(const Inode& from, const Child& moved,
                                              const Inode& to) const;
  [[nodiscard]] base::Result<void> set_owner(Inode& inode, const MetadataChange& change);
  [[nodiscard]] base::Result<void> check_xattr_change(const Inode& inode,
                                                      const std::string& name) const;
  void attach(const InodePtr& directory, std::string_view name, const InodePtr& inode);
  // The entry leaves the directory; its inode's link count is the caller's business.
  void detach(Inode& directory, std::string_view name);
  void drop_link(Inode& inode);
  [[nodiscard]] bool is_in_group(std::uint32_t gid) const;

  std::uint64_t next_device_ = 1;
};

// An Error as the native implementation words it.
[[nodiscard]] base::Error system_error(int number, std::string_view operation,
                                       std::string_view name);

// With its ASCII letters small.
[[nodiscard]] std::string lower_case(std::string_view name);

// The key of a name in Inode::children: names that are one to the volume have one key.
[[nodiscard]] std::string name_key(const Volume& volume, std::string_view name);

// `time` as a volume that counts in steps of `granularity_ns` keeps it.
[[nodiscard]] tree::Time rounded_down(tree::Time time, std::int64_t granularity_ns);

}  // namespace robosync::fs::memory
