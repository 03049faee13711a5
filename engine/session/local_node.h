// LocalNode: a directory of the source on this machine. Private to session/.
#pragma once

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "engine/session/run_context.h"
#include "engine/session/source_node.h"

namespace robosync::session {

class LocalNode final : public SourceNode {
 public:
  // `context` must outlive the node.
  [[nodiscard]] static base::Result<std::shared_ptr<SourceNode>> open(
      RunContext& context, std::shared_ptr<scan::SourceDirectory> directory);
  LocalNode(RunContext& context, std::shared_ptr<scan::SourceDirectory> directory,
            std::optional<tree::Identity> identity)
      : context_(context), directory_(std::move(directory)), identity_(identity) {}

  void scan(const std::shared_ptr<const tree::FilterScope>& outer, Then<scan::Scan> then) override {
    then(directory_->scan(outer, context_.options.scan));
  }
  base::Result<std::shared_ptr<SourceNode>> child(const tree::Entry& entry) override;
  void pass_over(const tree::Entry& /*entry*/) override {}
  std::optional<tree::Identity> identity() const override { return identity_; }

  bool is_at_hand() const override { return true; }
  void fetch(const tree::Entry& /*entry*/, fs::FilePtr /*basis*/, Then<void> then) override {
    then({});
  }
  void digest(const tree::Entry& entry, Then<base::Digest> then) override;
  base::Result<std::vector<fs::Xattr>> own_xattrs() override {
    return apply::attributes_of(*directory_->origins().front().handle);
  }
  base::Result<void> reset_archive(const tree::Entry& entry) override;
  void remove(const tree::Entry& entry, const fs::Directory& landed_in, const tree::Entry& landed,
              Then<void> then) override;
  void remove_directory(const tree::Entry& entry, Then<void> then) override {
    then(directory_->directory_of(entry).remove_directory(directory_->name_of(entry)));
  }

  base::Result<fs::FilePtr> open(const tree::Entry& entry) override {
    return directory_->open_file(entry);
  }
  base::Result<tree::Entry> stat_again(const tree::Entry& entry) override {
    return directory_->stat_again(entry);
  }
  base::Result<std::vector<fs::Xattr>> xattrs(const tree::Entry& entry) override {
    return apply::entry_attributes(directory_->directory_of(entry), directory_->name_of(entry));
  }

 private:
  [[nodiscard]] base::Result<void> remove_proven(const tree::Entry& entry,
                                                 const fs::Directory& landed_in,
                                                 const tree::Entry& landed);

  RunContext& context_;
  std::shared_ptr<scan::SourceDirectory> directory_;
  std::optional<tree::Identity> identity_;
};

}  // namespace robosync::session
