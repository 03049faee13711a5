// SourceNode: one directory of the source, as the target's flow sees it.
//
// On this machine it answers at once, from open handles (LocalNode); over a connection what it is
// asked for travels first, and the answer comes later on a thread of the run's pool. Every `then`
// is called exactly once, whatever happens, with kCancelled at the latest when the run ends. All
// calls from any thread. Private to session/.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/base/digest.h"
#include "engine/base/move_only_function.h"
#include "engine/base/result.h"
#include "engine/scan/scan.h"
#include "engine/transfer/source.h"

namespace robosync::session {

class SourceNode : public transfer::Source {
 public:
  template <typename T>
  using Then = base::MoveOnlyFunction<void(base::Result<T>)>;

  // Lists the directory; once. `outer` are the rules of the directory above.
  virtual void scan(const std::shared_ptr<const tree::FilterScope>& outer,
                    Then<scan::Scan> then) = 0;
  // The directory `entry` of this one. REQUIRES: scanned.
  [[nodiscard]] virtual base::Result<std::shared_ptr<SourceNode>> child(
      const tree::Entry& entry) = 0;
  // The directory `entry` of this one is not gone into: nobody will ask for it.
  virtual void pass_over(const tree::Entry& entry) = 0;
  // Which directory of this machine it is, if it is one that is gone into.
  [[nodiscard]] virtual std::optional<tree::Identity> identity() const = 0;

  // Whether open() answers without fetch().
  [[nodiscard]] virtual bool is_at_hand() const = 0;
  // Brings the content of a regular file, so that open() does not wait. `basis` may be null: an
  // older version at the target, which saves what need not travel.
  virtual void fetch(const tree::Entry& entry, fs::FilePtr basis, Then<void> then) = 0;
  // The digest of a regular file's content, of the run's kind.
  virtual void digest(const tree::Entry& entry, Then<base::Digest> then) = 0;
  // Extended attributes of the directory itself.
  [[nodiscard]] virtual base::Result<std::vector<fs::Xattr>> own_xattrs() = 0;

  // Takes the archive attribute from a file that was copied. Of this machine only.
  [[nodiscard]] virtual base::Result<void> reset_archive(const tree::Entry& entry) = 0;

  // kMove: removes an entry that is no directory, once its content is proven to be that of the
  // entry `landed` of `landed_in` and it is still what was read; kRefused or kChanged (it was kept)
  // otherwise. What landed is on stable storage.
  virtual void remove(const tree::Entry& entry, const fs::Directory& landed_in,
                      const tree::Entry& landed, Then<void> then) = 0;
  // Removes an emptied directory. kNotEmpty if it is not.
  virtual void remove_directory(const tree::Entry& entry, Then<void> then) = 0;
};

}  // namespace robosync::session
