#include "engine/session/local_run.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/session/local_node.h"
#include "engine/session/survey.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

// Trees that contain each other: a scan would reach the other root, or the deletions the source.
Result<void> LocalRun::check_nesting(const SourceRoots& roots, const TargetPlace& place,
                                     const std::shared_ptr<const tree::FilterScope>& filter) const {
  const fs::DirectoryPtr& target = place.directory ? place.directory : place.make.parent;
  ROBOSYNC_ASSIGN(const std::vector<tree::Identity> target_line, file_system_.ancestry(target));
  const tree::Identity target_itself = target_line.front();
  const bool exists = place.directory != nullptr;
  for (const scan::Origin& origin : roots.origins) {
    ROBOSYNC_ASSIGN(const tree::Metadata here, origin.handle->stat());
    const bool renamed = !origin.target_name.empty() && origin.target_name != origin.names.front();
    if (exists && here.identity == target_itself && !renamed) {
      return fail(make_error(ErrorKind::kRefused, "source and target are the same"));
    }
    if (options_.goal != Goal::kMirror) continue;
    ROBOSYNC_ASSIGN(const std::vector<tree::Identity> source_line,
                    file_system_.ancestry(origin.handle));
    const bool inside =
        std::find(source_line.begin(), source_line.end(), target_itself) != source_line.end();
    if (exists && origin.names.empty() && inside) {
      return fail(make_error(ErrorKind::kRefused,
                             "the source lies inside the target: mirroring would delete it"));
    }
  }
  if (!reaches_target(roots, place, filter, target_line)) return {};
  return fail(make_error(ErrorKind::kRefused,
                         "the target lies inside the source: exclude it, or use --one-file-system "
                         "if it is on another one"));
}

// Whether the scan would come to the target: walks only along the line that leads to it.
bool LocalRun::reaches_target(const SourceRoots& roots, const TargetPlace& place,
                              const std::shared_ptr<const tree::FilterScope>& filter,
                              const std::vector<tree::Identity>& target_line) const {
  auto at = std::make_shared<scan::SourceDirectory>(tree::RelPath(), roots.origins);
  std::shared_ptr<const tree::FilterScope> scope = filter;
  for (std::size_t depth = 0; depth <= target_line.size(); ++depth) {
    auto scan = at->scan(scope, options_.scan);
    if (!scan) return false;  // the run itself will say why
    scope = scan->filter;
    const scan::Origin& first = at->origins().front();
    const auto here = first.handle->stat();
    if (first.names.empty() && first.entered && here && here->identity == target_line.front()) {
      const bool selected = first.selection == nullptr || first.selection->whole;
      return place.directory ||
             (selected &&
              !scope->excludes_entry(at->path(), place.make.name, true, tree::FilterSide::kSource));
    }
    const auto leads_on = [&](const tree::Entry& entry) {
      return entry.metadata.is_directory() &&
             std::find(target_line.begin(), target_line.end(), entry.metadata.identity) !=
                 target_line.end();
    };
    const std::vector<tree::Entry>& entries = scan->snapshot.entries;
    const auto next = std::find_if(entries.begin(), entries.end(), leads_on);
    if (next == entries.end()) return false;
    auto opened = at->open_directory(*next, options_.scan);
    if (!opened) return false;
    at = std::move(*opened);
  }
  return false;
}

Result<RunEnd> LocalRun::run(SourceRoots roots, TargetPlace place,
                             const std::shared_ptr<const tree::FilterScope>& filter) {
  if (!place.renamed.empty()) roots.origins.front().target_name = place.renamed;
  ROBOSYNC_TRY(check_nesting(roots, place, filter));
  std::optional<Survey> survey;
  if (ledger_.wants_progress()) survey.emplace(run_.context(), roots.origins, filter);
  RunSource source;
  source.contents = roots.contents;
  source.directories = roots.source_directories;
  source.problems = std::move(roots.problems);
  if (!roots.origins.front().names.empty()) {
    source.single_name = roots.origins.front().names.front();
  }
  const std::vector<scan::Origin> origins = roots.origins;
  const bool lists_everything = roots.lists_everything;
  source.selected = [&] {
    return what_is_selected(origins, lists_everything, filter, options_.scan);
  };
  ROBOSYNC_ASSIGN(source.root,
                  LocalNode::open(run_.context(), std::make_shared<scan::SourceDirectory>(
                                                      tree::RelPath(), std::move(roots.origins))));
  return run_.run(std::move(source), std::move(place), filter);
}

}  // namespace robosync::session
