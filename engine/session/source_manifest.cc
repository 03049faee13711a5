// The manifest: SOURCE's scan, streamed in manifest order as it goes.
#include <algorithm>
#include <functional>
#include <utility>

#include "engine/apply/attributes.h"
#include "engine/session/source_session.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::DirectoryPart;
using wire::Type;

namespace {

// Leaves room in a frame for what one more entry may bring.
constexpr std::size_t kPartBytes = 256 * 1024;

std::size_t attached_bytes(const std::vector<tree::MergeFile>& files) {
  std::size_t bytes = 0;
  for (const tree::MergeFile& file : files) bytes += file.name.size() + file.content.size();
  return bytes;
}

std::size_t attached_bytes(const std::vector<wire::Attribute>& attributes) {
  std::size_t bytes = 0;
  for (const wire::Attribute& a : attributes) bytes += a.name.size() + a.value.size();
  return bytes;
}

// As they are sent. Of those that cannot be read or sent the target is told why: it must neither
// take the entry for one that has none, nor may they be lost in a move.
std::vector<wire::Attribute> carried(Result<std::vector<fs::Xattr>> list,
                                     std::size_t bytes_max = kAttachedBytesMax) {
  const auto unknown = [](const base::Error& why) {
    return std::vector<wire::Attribute>{
        {std::string(wire::kAttributesUnknown), wire::encode(wire::to_fault(why))}};
  };
  if (!list) return unknown(list.error());
  std::vector<wire::Attribute> out;
  bool fits = list->size() <= wire::kAttributesMax;
  for (fs::Xattr& xattr : *list) {
    fits = fits && !xattr.name.empty() && xattr.name.size() <= tree::kComponentBytesMax;
    out.push_back({std::move(xattr.name), std::move(xattr.value)});
  }
  if (fits && attached_bytes(out) <= bytes_max) return out;
  return unknown(
      make_error(ErrorKind::kLimit,
                 "too many or too long to be sent over a connection (1,024, 512 KiB together)"));
}

// Paths for people are cut to what may be sent.
std::string sent_path(const tree::Problem& problem) {
  return problem.path.substr(0, tree::kPathBytesMax);
}

std::size_t weight(const tree::Entry& entry) {
  return entry.name.size() + entry.link_target.size();
}

}  // namespace

// A directory on the walker's way, with the subdirectories that are still to be gone into.
struct SourceSession::Level {
  std::uint64_t id = 0;
  ListedPtr listed;
  std::shared_ptr<const tree::FilterScope> filter;
  std::size_t next = 0;                    // entry to look at
  std::optional<tree::Identity> identity;  // where links are followed
};

// Nothing leads a walk back to where it is but a link that is followed.
bool SourceSession::may_loop() const {
  return options_.scan.links == scan::LinkPolicy::kFollow ||
         options_.scan.links == scan::LinkPolicy::kFollowUnsafe ||
         options_.scan.junctions == scan::JunctionPolicy::kFollow;
}

// Which directory it is: none of `levels`, which are above it.
Result<std::optional<tree::Identity>> SourceSession::identity_below(
    const std::vector<Level>& levels, const scan::SourceDirectory& directory) {
  ROBOSYNC_ASSIGN(const auto identity, directory.identity());
  const auto same = std::ranges::find_if(
      levels, [&](const Level& level) { return identity && level.identity == identity; });
  if (same == levels.end()) return identity;
  return fail(scan::leads_back_to(same->listed->directory->path()));
}

Result<void> SourceSession::take_entry_credit(std::uint64_t entries) {
  const base::MutexLock lock(mutex_);
  while (!ending() && entry_credit_ < entries) credited_.wait_for(mutex_, kPoll);
  if (ending()) return fail(make_error(ErrorKind::kCancelled, "stopped"));
  entry_credit_ -= entries;
  return {};
}

Result<void> SourceSession::wait_for_open_directories() {
  const base::MutexLock lock(mutex_);
  while (!ending() && listed_.size() >= walking_ + kOpenDirectoriesMax) {
    credited_.wait_for(mutex_, kPoll);
  }
  if (ending()) return fail(make_error(ErrorKind::kCancelled, "stopped"));
  return {};
}

Result<void> SourceSession::send_roots(const SourceRoots& roots,
                                       const std::shared_ptr<const tree::FilterScope>& filter) {
  wire::Roots message;
  if (roots.contents) {
    message.contents = roots.contents->metadata;
    owner_names_.tell(*message.contents);
  }
  message.lists_everything = roots.lists_everything;
  if (const auto single = single_source(roots)) {
    wire::Roots::Single out;
    out.name = roots.single->name;
    out.is_directory = single->is_directory;
    if (single->is_directory) {
      ROBOSYNC_ASSIGN(out.is_empty, single->is_empty());
    }
    message.single = std::move(out);
  }
  if (options_.goal == Goal::kMirror) {
    const auto selected =
        what_is_selected(roots.origins, roots.lists_everything, filter, options_.scan);
    // A fault is the scan's to report.
    message.selected = static_cast<std::uint8_t>(selected ? *selected : Selected::kSome);
  }
  for (const tree::Problem& problem : roots.problems) {
    message.problems.emplace_back(sent_path(problem), wire::to_fault(problem.error));
  }
  return channel_.send(Type::kRoots, wire::encode(message));
}

void SourceSession::walk(SourceRoots roots, const std::shared_ptr<const tree::FilterScope>& filter,
                         Warn warn) {
  auto done = send_roots(roots, filter);
  if (done) {
    done = walk_tree(
        std::make_shared<scan::SourceDirectory>(tree::RelPath(), std::move(roots.origins)), filter);
  }
  if (done && warn == Warn::kPeer) {
    for (const std::string& rule : filter->unmatched_rules()) {
      const std::string text = "filter rule matched nothing: " + rule;
      channel_.post(Type::kWarning, text.substr(0, wire::kTextBytesMax));
    }
  }
  if (done) done = channel_.send(Type::kScanEnd, {});
  if (!done && !ending()) end(std::move(done).error());
}

Result<void> SourceSession::walk_tree(std::shared_ptr<scan::SourceDirectory> root,
                                      const std::shared_ptr<const tree::FilterScope>& filter) {
  std::vector<Level> levels;
  const auto leave_count = [&] {
    const base::MutexLock lock(mutex_);
    walking_ = levels.size();
  };
  ROBOSYNC_ASSIGN(std::optional<Level> first, enter(std::move(root), filter, {}));
  if (first && may_loop()) {
    ROBOSYNC_ASSIGN(first->identity, first->listed->directory->identity());
  }
  if (first) levels.push_back(std::move(*first));
  while (!levels.empty()) {
    leave_count();
    Level& level = levels.back();
    const std::vector<tree::Entry>& entries = level.listed->entries;
    while (level.next < entries.size() && !entries[level.next].metadata.is_directory()) {
      ++level.next;
    }
    if (level.next >= entries.size()) {
      levels.pop_back();
      continue;
    }
    const tree::Entry& entry = entries[level.next++];
    const wire::EntryRef as{level.id, static_cast<std::uint64_t>(&entry - entries.data())};
    ROBOSYNC_TRY(wait_for_open_directories());
    auto directory = level.listed->directory->open_directory(entry, options_.scan);
    Result<std::optional<tree::Identity>> identity = std::nullopt;
    if (directory && may_loop()) identity = identity_below(levels, **directory);
    if (!identity) directory = fail(std::move(identity).error());
    ROBOSYNC_ASSIGN(std::optional<Level> inner, enter(std::move(directory), level.filter, as));
    if (!inner) continue;
    if (identity) inner->identity = *identity;
    levels.push_back(std::move(*inner));
  }
  leave_count();
  return {};
}

// Scans a directory and sends its record. Nothing when it is not to be gone into.
Result<std::optional<SourceSession::Level>> SourceSession::enter(
    Result<std::shared_ptr<scan::SourceDirectory>> directory,
    const std::shared_ptr<const tree::FilterScope>& outer, const wire::EntryRef& as) {
  const std::uint64_t id = next_id_++;
  DirectoryPart last;
  auto listed = std::make_shared<Listed>();
  Result<scan::Scan> scan = fail(base::Error{});
  if (!directory) {
    scan = fail(std::move(directory).error());
  } else {
    listed->directory = std::move(*directory);
    scan = listed->directory->scan(outer, options_.scan);
  }
  const std::size_t merge_bytes = scan ? attached_bytes(scan->merge_files) : 0;
  if (merge_bytes > kAttachedBytesMax) {
    scan = fail(make_error(ErrorKind::kLimit, "merge files of more than 512 KiB"));
  }
  if (scan) {
    for (tree::MergeFile& file : scan->merge_files) {
      last.merge_files.emplace_back(std::move(file.name), std::move(file.content));
    }
    listed->entries = std::move(scan->snapshot.entries);
    note_streams(*listed->directory->origins().front().handle);
    if (sends_attributes()) {
      listed->attribute_marks = std::vector<std::atomic<std::uint64_t>>(listed->entries.size());
      auto own = apply::attributes_of(*listed->directory->origins().front().handle);
      const auto entry = find(as);  // none of the root
      if (own && entry) entry->listed->attribute_marks[as.index] = mark_of(*own);
      last.own_attributes = carried(std::move(own), kAttachedBytesMax - merge_bytes);
    }
    const base::MutexLock lock(mutex_);
    listed_.emplace(id, listed);
  }
  ROBOSYNC_TRY(send_record(as, id, scan, listed, std::move(last)));
  if (!scan) return std::optional<Level>();
  Level level;
  level.id = id;
  level.listed = std::move(listed);
  level.filter = scan->filter;
  return std::optional<Level>(std::move(level));
}

// What only Windows knows goes from there to there, as it does locally.
bool SourceSession::sends_attributes() const {
  return options_.settings.keeps_attributes() ||
         (options_.settings.keep_native_attributes && channel_.peer_has_native_attributes());
}

Result<std::vector<fs::Xattr>> SourceSession::attributes_of(const scan::SourceDirectory& directory,
                                                            const tree::Entry& entry) const {
  for (unsigned retry = 0;; ++retry) {
    auto list = try_attributes_of(directory, entry);
    if (list || !waits_for(list.error(), retry)) return list;
  }
}

Result<std::vector<fs::Xattr>> SourceSession::try_attributes_of(
    const scan::SourceDirectory& directory, const tree::Entry& entry) const {
  if (entry.metadata.is_regular()) {
    ROBOSYNC_ASSIGN(const fs::FilePtr file, directory.open_file(entry));
    return apply::attributes_of(*file);
  }
  if (!entry.metadata.is_directory() &&
      apply::may_have_attributes(entry.metadata.kind, options_.settings)) {
    return apply::entry_attributes(directory.directory_of(entry), directory.name_of(entry));
  }
  return std::vector<fs::Xattr>();
}

std::uint64_t SourceSession::mark_of(const std::vector<fs::Xattr>& attributes) {
  constexpr std::uint64_t kFactor = 31;
  std::uint64_t mark = 0;
  for (const fs::Xattr& attribute : attributes) {
    if (attribute.name.starts_with("windows.") && !attribute.name.starts_with("windows.stream.")) {
      continue;
    }
    for (const std::string& text : {attribute.name, attribute.value}) {
      mark = mark * kFactor + std::hash<std::string>()(text);
    }
  }
  return mark;
}

void SourceSession::note_streams(const fs::Node& node) {
  const bool copies = options_.goal == Goal::kCopy || options_.goal == Goal::kMirror;
  if (!copies || options_.dry_run || !options_.settings.keep_native_attributes ||
      channel_.peer_has_native_attributes() || streams_left_out_) {
    return;
  }
  const auto all = apply::attributes_of(node);
  if (!all || !apply::lacks_streams({}, *all, options_.settings)) return;
  if (!streams_left_out_.exchange(true) && warn_ == Warn::kPeer) {
    channel_.post(Type::kWarning, std::string(apply::kStreamsLeftOut));
  }
}

// Windows asks of a link whether it is one to a directory, and its target there may not have been
// made when the link is.
tree::LinkKind SourceSession::kind_of_link(const scan::SourceDirectory& directory,
                                           const tree::Entry& entry) {
  if (entry.link_kind != tree::LinkKind::kUnknown ||
      scan::leads_out(directory.path().child(entry.name), entry)) {
    return entry.link_kind;
  }
  const auto end =
      directory.directory_of(entry).stat_entry(directory.name_of(entry), fs::Follow::kYes);
  if (!end) return tree::LinkKind::kUnknown;
  return end->metadata.is_directory() ? tree::LinkKind::kDirectory : tree::LinkKind::kFile;
}

Result<void> SourceSession::send_record(const wire::EntryRef& as, std::uint64_t id,
                                        const Result<scan::Scan>& scan, const ListedPtr& listed,
                                        DirectoryPart last) {
  DirectoryPart part;
  part.id = id;
  part.first = true;
  part.parent = as.directory;
  part.index = as.index;
  std::size_t bytes = 0;
  const auto flush = [&]() -> Result<void> {
    owner_names_.tell(part.entries);
    std::string payload = wire::encode(part);
    ROBOSYNC_TRY(take_entry_credit(part_cost(part, payload.size())));
    ROBOSYNC_TRY(channel_.send(Type::kDirectory, std::move(payload)));
    part = DirectoryPart();
    part.id = id;
    bytes = 0;
    return {};
  };
  const auto is_full = [&] { return items_of(part) >= kPartEntries || bytes >= kPartBytes; };
  for (const tree::Entry& entry : listed->entries) {
    part.entries.push_back(entry);
    if (entry.metadata.is_symlink() && channel_.peer_has_native_attributes()) {
      part.entries.back().link_kind = kind_of_link(*listed->directory, entry);
    }
    bytes += weight(entry);
    if (sends_attributes()) {
      const auto index = static_cast<std::size_t>(&entry - listed->entries.data());
      auto list = attributes_of(*listed->directory, entry);
      if (list) listed->attribute_marks[index] = mark_of(*list);
      part.attributes.push_back(carried(std::move(list)));
      bytes += attached_bytes(part.attributes.back());
    }
    if (is_full()) ROBOSYNC_TRY(flush());
  }
  if (scan) {
    for (const std::string& name : scan->snapshot.protected_names) {
      part.protected_names.push_back(name);
      if (is_full()) ROBOSYNC_TRY(flush());
    }
    for (const scan::Omission& omission : scan->omissions) {
      part.omissions.push_back({omission.name, omission.kind, omission.reason});
      bytes += omission.name.size() + omission.reason.size();
      if (is_full()) ROBOSYNC_TRY(flush());
    }
    for (const tree::Problem& problem : scan->snapshot.problems) {
      part.problems.emplace_back(sent_path(problem), wire::to_fault(problem.error));
      bytes += part.problems.back().first.size() + part.problems.back().second.text.size();
      if (is_full()) ROBOSYNC_TRY(flush());
    }
    part.completeness = scan->snapshot.completeness;
  } else {
    part.fault = wire::to_fault(scan.error());
  }
  part.last = true;
  part.merge_files = std::move(last.merge_files);
  part.own_attributes = std::move(last.own_attributes);
  return flush();
}

}  // namespace robosync::session
