#include "engine/scan/scan.h"

#include <algorithm>
#include <iterator>

#include "engine/base/check.h"
#include "engine/tree/staging_name.h"

namespace robosync::scan {
namespace {

using base::ErrorKind;
using base::fail;
using base::Result;
using tree::Completeness;
using tree::Entry;
using tree::FilterSide;
using tree::Kind;

bool left_out_by_attributes(const tree::Metadata& m, const Options& options) {
  const tree::WindowsAttributes attributes = tree::windows_attributes_of(m);
  return (options.attributes_any != 0 && (attributes & options.attributes_any) == 0) ||
         (attributes & options.attributes_none) != 0;
}

bool left_out_by_metadata(const Entry& entry, const Options& options) {
  const tree::Metadata& m = entry.metadata;
  if (!m.is_regular()) return false;
  if (left_out_by_attributes(m, options)) return true;
  return (options.size_min && m.size < *options.size_min) ||
         (options.size_max && m.size > *options.size_max) ||
         (options.newest && m.mtime > *options.newest) ||
         (options.oldest && m.mtime < *options.oldest);
}

}  // namespace

void Scan::pass_over(Omission entry, PassedOver as) {
  snapshot.protected_names.push_back(entry.name);
  if (as == PassedOver::kOmission) {
    omissions.push_back(std::move(entry));
    return;
  }
  snapshot.problems.push_back(
      {snapshot.path.child(entry.name).str(),
       base::make_error(ErrorKind::kRefused, "not compared: " + entry.reason)});
}

bool leads_out(const tree::RelPath& link, std::string_view target) {
  if (target.empty() || target.front() == '/') return true;
  auto depth = static_cast<std::ptrdiff_t>(link.components().size()) - 1;
  std::size_t begin = 0;
  bool only_dots = true;
  while (begin < target.size()) {
    const std::size_t end = std::min(target.find('/', begin), target.size());
    const std::string_view part = target.substr(begin, end - begin);
    begin = end + 1;
    if (part.empty() || part == ".") continue;
    if (part != "..") {
      only_dots = false;
      ++depth;
      continue;
    }
    // ".." behind a name may lead anywhere, for that name can be a link itself.
    if (!only_dots || --depth < 0) return true;
  }
  return false;
}

bool leads_out(const tree::RelPath& path, const Entry& link, bool on_windows) {
  const bool windows = on_windows || link.link_kind != tree::LinkKind::kUnknown;
  return (windows && link.link_target.find_first_of(":\\") != std::string::npos) ||
         leads_out(path, link.link_target);
}

namespace {

// What becomes of a link: left out for a reason, copied as what it leads to, or kept.
struct LinkFate {
  std::string left_out;
  bool followed = false;
  bool asked = true;          // the user wants it left out
  bool to_directory = false;  // it was looked up, and leads to one
};

LinkFate fate_of_junction(const Entry& entry, const Options& options) {
  if (options.junctions == JunctionPolicy::kFollow) return {.followed = true};
  if (options.junctions == JunctionPolicy::kSkip) return {.left_out = "junction"};
  // They lead out; a server that passes on no links passes on none of them.
  const bool asked = options.links == options.links_asked;
  if (options.links == LinkPolicy::kKeepSafe || (options.links == LinkPolicy::kSkip && !asked)) {
    return {.left_out = "junction", .asked = asked};
  }
  if (entry.link_kind == tree::LinkKind::kMountPoint)
    return {.left_out = "a volume is mounted here", .asked = false};
  return {};
}

bool asked_to_leave_out(const tree::RelPath& path, const Entry& link, LinkPolicy asked) {
  return asked == LinkPolicy::kSkip || (asked == LinkPolicy::kKeepSafe && leads_out(path, link));
}

// `name`: what it is called in `directory`.
LinkFate fate_of(const tree::RelPath& path, const Entry& entry, const fs::Directory& directory,
                 const std::string& name, const Options& options) {
  if (tree::is_junction(entry.link_kind)) return fate_of_junction(entry, options);
  const bool asked = asked_to_leave_out(path, entry, options.links_asked);
  if (options.links == LinkPolicy::kSkip) return {.left_out = "symbolic link", .asked = asked};
  if (options.links_left_out != LinksLeftOut::kNone) {
    const auto end = directory.stat_entry(name, fs::Follow::kYes);
    const bool is_directory = end && end->metadata.is_directory();
    if (is_directory == (options.links_left_out == LinksLeftOut::kToDirectories)) {
      return {.left_out = is_directory ? "symbolic link to a directory" : "symbolic link to a file",
              .to_directory = is_directory};
    }
  }
  switch (options.links) {
    case LinkPolicy::kFollow:
      return {.followed = true};
    case LinkPolicy::kFollowUnsafe:
      return {.followed = leads_out(path, entry)};
    case LinkPolicy::kKeepSafe:
      if (leads_out(path, entry)) {
        return {.left_out = "link leads out of the source: " + entry.link_target, .asked = asked};
      }
      break;
    case LinkPolicy::kKeep:
    case LinkPolicy::kSkip:
      break;
  }
  return {};
}

}  // namespace

base::Error leads_back_to(const tree::RelPath& path) {
  return base::make_error(
      ErrorKind::kRefused,
      "the same directory as " + (path.is_root() ? "the root" : path.str()) + " above it");
}

Result<std::optional<tree::Identity>> SourceDirectory::identity() const {
  const Origin& first = origins_.front();
  ROBOSYNC_ASSIGN(const tree::Metadata metadata, first.handle->stat());
  // A mount point that is not gone into may be anything, the target included.
  const bool itself = first.names.empty() && first.entered && metadata.identity.is_known();
  return itself ? std::optional(metadata.identity) : std::nullopt;
}

fs::Directory& SourceDirectory::directory_of(const Entry& entry) const {
  return *origins_[entry.origin].handle;
}

std::string_view SourceDirectory::name_of(const Entry& entry) const {
  const Origin& origin = origins_[entry.origin];
  return origin.target_name.empty() ? std::string_view(entry.name_at_source())
                                    : std::string_view(origin.names.front());
}

Result<fs::FilePtr> SourceDirectory::open_file(const Entry& entry) const {
  return directory_of(entry).open_file(name_of(entry), fs::Access::kRead,
                                       entry.follow ? fs::Follow::kYes : fs::Follow::kNo);
}

Result<Entry> SourceDirectory::stat_again(const Entry& entry) const {
  ROBOSYNC_ASSIGN(
      Entry now, directory_of(entry).stat_entry(name_of(entry),
                                                entry.follow ? fs::Follow::kYes : fs::Follow::kNo));
  now.name = entry.name;
  now.source_name = entry.source_name;
  now.origin = entry.origin;
  now.follow = entry.follow;
  return now;
}

Result<std::shared_ptr<SourceDirectory>> SourceDirectory::open_directory(
    const Entry& entry, const Options& options) const {
  std::vector<Origin> opened;
  for (std::size_t i = entry.origin; i < origins_.size(); ++i) {
    const Origin& from = origins_[i];
    const bool first = i == entry.origin;
    const std::string_view name = first ? name_of(entry) : std::string_view(entry.name_at_source());
    const tree::FileList::Node* selection = nullptr;
    if (from.selection != nullptr && !from.selection->whole) {
      const auto at = from.selection->children.find(name);
      if (at == from.selection->children.end()) continue;
      selection = at->second.get();
    }
    if (!from.names.empty() &&
        std::find(from.names.begin(), from.names.end(), name) == from.names.end()) {
      continue;
    }
    auto handle = from.handle->open_directory(
        name, entry.follow && first ? fs::Follow::kYes : fs::Follow::kNo);
    if (!handle) {
      // A later source need not have this directory, or may have something else of that name.
      const bool absent = handle.error().kind == ErrorKind::kNotFound ||
                          handle.error().kind == ErrorKind::kNotDirectory ||
                          handle.error().kind == ErrorKind::kLink;
      if (!first && absent) continue;
      return fail(std::move(handle).error());
    }
    Origin origin{.handle = *handle, .root_device = from.root_device, .selection = selection};
    if (options.one_file_system) {
      ROBOSYNC_ASSIGN(const tree::Metadata metadata, origin.handle->stat());
      origin.entered = metadata.identity.device == from.root_device;
    }
    opened.push_back(std::move(origin));
  }
  ROBOSYNC_CHECK(!opened.empty());
  return std::make_shared<SourceDirectory>(path_.child(entry.name_at_source()), std::move(opened));
}

Result<void> SourceDirectory::load_filter(const std::shared_ptr<const tree::FilterScope>& parent,
                                          Scan& scan) const {
  // Merged sources: their merge files of one name are taken as one.
  const auto read = [&](const std::string& name) -> Result<std::optional<std::string>> {
    std::optional<std::string> content;
    for (const Origin& origin : origins_) {
      if (!origin.entered || !origin.names.empty()) continue;
      ROBOSYNC_ASSIGN(const std::optional<std::string> more,
                      fs::read_if_there(*origin.handle, name, tree::kFilterFileBytesMax));
      if (more) content = content.value_or("") + *more;
    }
    if (content) scan.merge_files.push_back({name, *content});
    return content;
  };
  ROBOSYNC_ASSIGN(scan.filter, parent->enter(path_, read));
  return {};
}

void SourceDirectory::take_problems(const fs::Listing& listing, Scan& scan) const {
  for (const tree::Problem& problem : listing.problems) {
    const bool vanished = problem.error.kind == ErrorKind::kNotFound;
    scan.snapshot.protected_names.push_back(problem.path);
    scan.snapshot.problems.push_back({path_.child(problem.path).str(), problem.error});
    if (!vanished) scan.snapshot.completeness = Completeness::kErrors;
  }
}

Result<void> SourceDirectory::list_origin(const Origin& origin, const Options& options, Scan& scan,
                                          fs::Listing& listing) const {
  const tree::FilterScope& filter = *scan.filter;
  const bool trivial = filter.is_trivial();
  const auto wanted = [&](std::string_view name, Kind kind) {
    if (name.front() == '.' && tree::is_staging_name(name)) {
      scan.pass_over({std::string(name), kind, "staging file of another run"}, options.passed_over);
      return false;
    }
    if (trivial || kind == Kind::kUnknown) return true;
    const auto excluded = [&](bool is_directory) {
      return filter.excludes_entry(path_, name, is_directory, FilterSide::kSource);
    };
    // What a link leads to may count: apply_link_policy decides, unless it makes no difference.
    if (kind == Kind::kSymlink) return !excluded(false) || !excluded(true);
    return !excluded(kind == Kind::kDirectory);
  };
  const bool listed = origin.names.empty() && (!origin.selection || origin.selection->whole);
  if (listed) return origin.handle->list(wanted, listing);

  const auto look_up = [&](const std::string& name) {
    auto entry = origin.handle->stat_entry(name);
    if (!entry) {
      // What a list names and is not there has not vanished: it was never seen.
      if (origin.selection != nullptr && entry.error().kind == ErrorKind::kNotFound) {
        entry.error().kind = ErrorKind::kInvalid;
      }
      listing.problems.push_back({name, std::move(entry).error()});
    } else if (wanted(name, entry->metadata.kind)) {
      if (!origin.target_name.empty()) entry->name = origin.target_name;
      listing.entries.push_back(std::move(*entry));
    }
  };
  for (const std::string& name : origin.names) look_up(name);
  if (origin.names.empty()) {
    for (const auto& [name, node] : origin.selection->children) look_up(name);
  }
  return {};
}

// A list named something beneath `name`, not `name` itself.
bool SourceDirectory::only_names_beneath_are_selected(const Origin& origin,
                                                      const std::string& name) {
  if (origin.selection == nullptr || origin.selection->whole) return false;
  const auto at = origin.selection->children.find(name);
  return at != origin.selection->children.end() && !at->second->whole &&
         !at->second->children.empty();
}

// False when the entry is left out. Rules see what a followed link leads to, as rsync's do.
bool SourceDirectory::apply_link_policy(const Origin& origin, const Options& options, Entry& entry,
                                        Scan& scan) const {
  if (!entry.metadata.is_symlink()) return true;
  const std::string& name = origin.target_name.empty() ? entry.name : origin.names.front();
  const tree::FilterScope& filter = *scan.filter;
  const auto excluded = [&](bool is_directory) {
    return !filter.is_trivial() &&
           filter.excludes_entry(path_, name, is_directory, FilterSide::kSource);
  };
  const LinkFate fate = fate_of(path_.child(entry.name), entry, *origin.handle, name, options);
  if (!fate.followed) {
    // To the rules Windows' links to directories are directories; a target's, which is a link to
    // whoever deletes, is protected here.
    const bool as_directory = fate.to_directory || tree::is_to_directory(entry.link_kind);
    if (excluded(as_directory)) {
      if (as_directory) scan.snapshot.protected_names.push_back(entry.name);
      return false;
    }
    if (only_names_beneath_are_selected(origin, entry.name)) {
      scan.snapshot.protected_names.push_back(entry.name);
      scan.snapshot.problems.push_back(
          {path_.child(entry.name).str(),
           base::make_error(ErrorKind::kInvalid,
                            "is a symbolic link: what the list names beneath it is not reached "
                            "(--copy-links follows)")});
      scan.snapshot.completeness = Completeness::kErrors;
      return false;
    }
    if (fate.left_out.empty()) return true;
    scan.pass_over({entry.name, Kind::kSymlink, fate.left_out},
                   fate.asked ? PassedOver::kOmission : options.passed_over);
    return false;
  }
  auto followed = origin.handle->stat_entry(name, fs::Follow::kYes);
  if (!followed) {
    scan.snapshot.protected_names.push_back(entry.name);
    // What it led to is not known: no rule for either kind is to make trouble of it.
    if (excluded(false) || excluded(true)) return false;
    scan.snapshot.problems.push_back(
        {path_.child(entry.name).str(),
         base::Error{ErrorKind::kInvalid, followed.error().code,
                     "link leads nowhere that can be read: " + entry.link_target}});
    scan.snapshot.completeness = Completeness::kErrors;
    return false;
  }
  entry.metadata = followed->metadata;
  entry.link_target.clear();
  entry.follow = true;
  return !excluded(entry.metadata.is_directory());
}

Result<void> SourceDirectory::scan_origin(std::size_t index, const Options& options,
                                          Scan& scan) const {
  const Origin& origin = origins_[index];
  if (!origin.entered) {
    scan.snapshot.completeness = std::max(scan.snapshot.completeness, Completeness::kNotEntered);
    return {};
  }
  if (!origin.names.empty() || (origin.selection != nullptr && !origin.selection->whole)) {
    scan.snapshot.completeness = std::max(scan.snapshot.completeness, Completeness::kNotEntered);
  }
  fs::Listing listing;
  ROBOSYNC_TRY(list_origin(origin, options, scan, listing));
  take_problems(listing, scan);
  auto kept = listing.entries.begin();
  for (auto entry = kept; entry != listing.entries.end(); ++entry) {
    entry->origin = static_cast<std::uint32_t>(index);
    if (options.link_counts && entry->metadata.is_regular() && entry->metadata.link_count == 0) {
      // One that vanished meanwhile will be noticed when it is opened.
      auto counted = origin.handle->stat_entry(name_of(*entry));
      if (counted) entry->metadata.link_count = counted->metadata.link_count;
    }
    // First the links: one that is followed is selected as what it leads to.
    if (!apply_link_policy(origin, options, *entry, scan)) continue;
    if (left_out_by_metadata(*entry, options)) {
      scan.snapshot.protected_names.push_back(entry->name);
    } else {
      if (kept != entry) *kept = std::move(*entry);
      ++kept;
    }
  }
  listing.entries.erase(kept, listing.entries.end());
  std::vector<Entry>& entries = scan.snapshot.entries;
  if (entries.empty()) {
    entries = std::move(listing.entries);
  } else {
    std::ranges::move(listing.entries, std::back_inserter(entries));
  }
  return {};
}

Result<Scan> SourceDirectory::scan(const std::shared_ptr<const tree::FilterScope>& parent,
                                   const Options& options) const {
  Scan scan;
  scan.snapshot.path = path_;
  ROBOSYNC_TRY(load_filter(parent, scan));
  for (std::size_t i = 0; i < origins_.size(); ++i) ROBOSYNC_TRY(scan_origin(i, options, scan));
  std::vector<Entry>& entries = scan.snapshot.entries;
  if (origins_.size() == 1) {
    tree::sort_entries(entries);
  } else {
    // Of several sources the first that has a name wins; equal names keep that order.
    std::stable_sort(entries.begin(), entries.end(),
                     [](const Entry& a, const Entry& b) { return a.name < b.name; });
    const auto same = [](const Entry& a, const Entry& b) { return a.name == b.name; };
    for (std::size_t i = 1; i < entries.size(); ++i) {
      const Entry& loser = entries[i];
      if (!same(entries[i - 1], loser)) continue;
      // Directories of one name are merged; anything else must not stay behind in silence.
      if (entries[i - 1].metadata.is_directory() && loser.metadata.is_directory()) continue;
      scan.omissions.push_back(
          {loser.name, loser.metadata.kind, "a source named earlier has an entry of this name"});
    }
    entries.erase(std::unique(entries.begin(), entries.end(), same), entries.end());
  }
  std::sort(scan.snapshot.protected_names.begin(), scan.snapshot.protected_names.end());
  return scan;
}

}  // namespace robosync::scan
