// RemoteNode: a directory of a source at the other end of a connection. Private to session/.
//
// In its entries `origin` is the place in the record they came with: that is what the peer knows
// them by.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/session/remote_source.h"
#include "engine/session/source_node.h"

namespace robosync::session {

class RemoteNode final : public SourceNode, public std::enable_shared_from_this<RemoteNode> {
 public:
  using Key = std::pair<std::uint64_t, std::uint64_t>;

  RemoteNode(RemoteSource& source, Key key, tree::RelPath path, std::string single_name)
      : source_(source), key_(key), path_(std::move(path)), single_name_(std::move(single_name)) {}
  ~RemoteNode() override;

  void scan(const std::shared_ptr<const tree::FilterScope>& outer, Then<scan::Scan> then) override;
  base::Result<std::shared_ptr<SourceNode>> child(const tree::Entry& entry) override;
  void pass_over(const tree::Entry& entry) override { source_.pass_over(key_of(entry)); }
  std::optional<tree::Identity> identity() const override { return std::nullopt; }

  bool is_at_hand() const override { return false; }
  void fetch(const tree::Entry& entry, fs::FilePtr basis, Then<void> then) override;
  void digest(const tree::Entry& entry, Then<base::Digest> then) override;
  base::Result<std::vector<fs::Xattr>> own_xattrs() override { return own_xattrs_; }
  base::Result<void> reset_archive(const tree::Entry& entry) override;
  void remove(const tree::Entry& entry, const fs::Directory& landed_in, const tree::Entry& landed,
              Then<void> then) override;
  void remove_directory(const tree::Entry& entry, Then<void> then) override;

  base::Result<fs::FilePtr> open(const tree::Entry& entry) override;
  base::Result<tree::Entry> stat_again(const tree::Entry& entry) override;
  base::Result<std::vector<fs::Xattr>> xattrs(const tree::Entry& entry) override;

 private:
  [[nodiscard]] base::Result<scan::Scan> arrived(
      base::Result<RemoteSource::Record> record,
      const std::shared_ptr<const tree::FilterScope>& outer);
  void leave_out(scan::Scan& scan) const;
  // Why the target does not take such a link; empty: it does.
  [[nodiscard]] std::string_view unwanted_link(const tree::Entry& entry) const;
  [[nodiscard]] Key key_of(const tree::Entry& entry) const { return {*id_, entry.origin}; }

  RemoteSource& source_;
  const Key key_;
  const tree::RelPath path_;
  const std::string single_name_;
  std::optional<std::uint64_t> id_;  // once it has arrived
  std::vector<base::Result<std::vector<fs::Xattr>>> xattrs_;
  base::Result<std::vector<fs::Xattr>> own_xattrs_;
};

}  // namespace robosync::session
