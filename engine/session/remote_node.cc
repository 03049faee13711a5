#include "engine/session/remote_node.h"

#include <algorithm>

#include "engine/session/proof.h"
#include "engine/transfer/copy.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

Result<std::vector<fs::Xattr>> to_xattrs(std::vector<wire::Attribute> attributes) {
  if (attributes.size() == 1 && attributes.front().name == wire::kAttributesUnknown) {
    ROBOSYNC_ASSIGN(const wire::Fault fault,
                    wire::decode<wire::Fault>(std::as_bytes(std::span(attributes.front().value))));
    // What ails the source's volume is no fault of ours, and asking again would tell the same.
    const bool is_known = fault.kind == ErrorKind::kBusy || fault.kind == ErrorKind::kPermission;
    return fail(make_error(is_known ? fault.kind : ErrorKind::kIo,
                           "attributes of the source: " + fault.text));
  }
  std::vector<fs::Xattr> out;
  out.reserve(attributes.size());
  for (wire::Attribute& a : attributes) out.push_back({std::move(a.name), std::move(a.value)});
  return out;
}

}  // namespace

RemoteNode::~RemoteNode() {
  if (id_) source_.done(*id_);
}

void RemoteNode::scan(const std::shared_ptr<const tree::FilterScope>& outer,
                      Then<scan::Scan> then) {
  source_.await_record(key_, [self = shared_from_this(), outer,
                              then = std::move(then)](Result<RemoteSource::Record> record) mutable {
    then(self->arrived(std::move(record), outer));
  });
}

Result<scan::Scan> RemoteNode::arrived(Result<RemoteSource::Record> record,
                                       const std::shared_ptr<const tree::FilterScope>& outer) {
  if (!record) return fail(std::move(record).error());
  id_ = record->id;
  source_.give_credit(record->credit, 0);
  ROBOSYNC_ASSIGN(scan::Scan scan, std::move(record->scan));
  for (auto& list : record->attributes) xattrs_.push_back(to_xattrs(std::move(list)));
  own_xattrs_ = to_xattrs(std::move(record->own_attributes));
  scan.snapshot.path = path_;
  if (!single_name_.empty()) {
    if (scan.snapshot.entries.size() > 1) {
      return fail(make_error(ErrorKind::kProtocol, "more than the single entry that was promised"));
    }
    for (tree::Entry& entry : scan.snapshot.entries) entry.name = single_name_;
  }
  leave_out(scan);
  const auto read = [&](const std::string& name) -> Result<std::optional<std::string>> {
    const auto at = std::find_if(scan.merge_files.begin(), scan.merge_files.end(),
                                 [&](const tree::MergeFile& file) { return file.name == name; });
    if (at == scan.merge_files.end()) return std::optional<std::string>();
    return std::optional<std::string>(at->content);
  };
  ROBOSYNC_ASSIGN(scan.filter, outer->enter(path_, read));
  return scan;
}

std::string_view RemoteNode::unwanted_link(const tree::Entry& entry) const {
  if (!entry.metadata.is_symlink()) return {};
  const RunOptions& options = source_.options();
  const scan::LinkPolicy policy = options.received_links;
  if (tree::is_junction(entry.link_kind)) {
    if (options.scan.junctions == scan::JunctionPolicy::kSkip) return "junction";
    // What was asked about links is not about them.
    if (policy == scan::LinkPolicy::kSkip && options.scan.links_asked == policy) return {};
  }
  if (policy == scan::LinkPolicy::kKeep) return {};
  if (scan::leads_out(path_.child(entry.name), entry, options.settings.policy.windows_names)) {
    return "the target takes no link that leads out of it";
  }
  return policy == scan::LinkPolicy::kKeepSafe ? "" : "the target takes no symbolic links";
}

// Whatever the source sends. What stands under such a name is not deleted for it.
void RemoteNode::leave_out(scan::Scan& scan) const {
  const RunOptions& options = source_.options();
  const auto& hidden = options.settings.hidden;
  const auto left_out = [&](const tree::Entry& entry) {
    std::string_view why = unwanted_link(entry);
    const bool asked = !why.empty() && options.received_links == options.scan.links_asked;
    if (hidden && hidden->excludes_entry(path_, entry.name, entry.metadata.is_directory(),
                                         tree::FilterSide::kTarget)) {
      why = "the server does not take it";
    }
    if (why.empty()) return false;
    scan.pass_over({entry.name, entry.metadata.kind, std::string(why)},
                   asked ? scan::PassedOver::kOmission : options.scan.passed_over);
    if (entry.metadata.is_directory()) source_.pass_over(key_of(entry));
    return true;
  };
  if (std::erase_if(scan.snapshot.entries, left_out) == 0) return;
  std::sort(scan.snapshot.protected_names.begin(), scan.snapshot.protected_names.end());
}

Result<std::shared_ptr<SourceNode>> RemoteNode::child(const tree::Entry& entry) {
  return std::make_shared<RemoteNode>(source_, key_of(entry), path_.child(entry.name_at_source()),
                                      std::string());
}

void RemoteNode::fetch(const tree::Entry& entry, fs::FilePtr basis, Then<void> then) {
  // It could not be installed.
  if (auto attributes = xattrs(entry); !attributes)
    return then(fail(std::move(attributes).error()));
  source_.fetch(*id_, {shared_from_this(), entry, std::move(then)}, std::move(basis));
}

void RemoteNode::digest(const tree::Entry& entry, Then<base::Digest> then) {
  source_.digest(key_of(entry), entry.metadata.size, std::move(then));
}

Result<fs::FilePtr> RemoteNode::open(const tree::Entry& entry) {
  ROBOSYNC_ASSIGN(std::vector<fs::Xattr> attributes, xattrs(entry));
  return source_.open(key_of(entry), entry, std::move(attributes));
}

Result<tree::Entry> RemoteNode::stat_again(const tree::Entry& entry) {
  return source_.as_read(key_of(entry), entry);
}

Result<std::vector<fs::Xattr>> RemoteNode::xattrs(const tree::Entry& entry) {
  if (entry.origin >= xattrs_.size()) return std::vector<fs::Xattr>();
  return xattrs_[entry.origin];
}

Result<void> RemoteNode::reset_archive(const tree::Entry& /*entry*/) {
  return fail(make_error(ErrorKind::kUnsupported, "the source is at the other end"));
}

void RemoteNode::remove(const tree::Entry& entry, const fs::Directory& landed_in,
                        const tree::Entry& landed, Then<void> then) {
  wire::Remove message;
  message.entry = {*id_, entry.origin};
  if (entry.metadata.is_regular()) {
    const auto digest = [&]() -> Result<base::Digest> {
      ROBOSYNC_ASSIGN(const fs::FilePtr file, landed_in.open_file(landed.name));
      const apply::Settings& settings = source_.options().settings;
      if (settings.keep_native_attributes) {
        ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> ours, xattrs(entry));
        ROBOSYNC_ASSIGN(const std::vector<fs::Xattr> theirs, apply::attributes_of(*file));
        ROBOSYNC_TRY(check_streams_landed(theirs, ours, settings));
      }
      apply::Counters counters;
      auto value = transfer::digest_of(*file, landed.metadata.size, base::DigestKind::kSha256,
                                       source_.context_.cancellation, counters.read_bytes);
      source_.context_.ledger.add(counters);
      return value;
    };
    auto value = digest();
    if (!value) return then(fail(std::move(value).error()));
    message.size = landed.metadata.size;
    message.digest = *value;
  }
  // Our directory stays open at the source until it has answered.
  source_.remove(message, [self = shared_from_this(), then = std::move(then)](
                              Result<void> removed) mutable { then(std::move(removed)); });
}

void RemoteNode::remove_directory(const tree::Entry& entry, Then<void> then) {
  wire::Remove message;
  message.entry = {*id_, entry.origin};
  message.is_directory = true;
  source_.remove(message, [self = shared_from_this(), then = std::move(then)](
                              Result<void> removed) mutable { then(std::move(removed)); });
}

}  // namespace robosync::session
