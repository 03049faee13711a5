#include "engine/session/survey.h"

#include <utility>

namespace robosync::session {

Survey::Survey(RunContext& context, std::vector<scan::Origin> origins,
               std::shared_ptr<const tree::FilterScope> filter)
    : context_(context) {
  auto root = std::make_shared<scan::SourceDirectory>(tree::RelPath(), std::move(origins));
  thread_ = std::thread(
      [this, root = std::move(root), filter = std::move(filter)] { walk(root, filter); });
}

Survey::~Survey() {
  ending_ = true;
  thread_.join();
}

void Survey::walk(const std::shared_ptr<scan::SourceDirectory>& root,
                  const std::shared_ptr<const tree::FilterScope>& filter) {
  struct Level {
    std::shared_ptr<scan::SourceDirectory> directory;
    std::shared_ptr<const tree::FilterScope> filter;
    std::vector<tree::Entry> children;  // still to be gone into
  };
  std::vector<Level> levels;
  const auto enter = [&](const std::shared_ptr<scan::SourceDirectory>& directory,
                         const std::shared_ptr<const tree::FilterScope>& outer) {
    auto scan = directory->scan(outer, context_.options.scan);
    if (!scan) return;
    std::uint64_t bytes = 0;
    Level level{directory, scan->filter, {}};
    for (tree::Entry& entry : scan->snapshot.entries) {
      if (entry.metadata.is_regular()) bytes += entry.metadata.size;
      if (entry.metadata.is_directory()) level.children.push_back(std::move(entry));
    }
    context_.ledger.total(scan->snapshot.entries.size(), bytes, false);
    levels.push_back(std::move(level));
  };
  enter(root, filter);
  while (!levels.empty() && !ending_ && !context_.stopping()) {
    if (levels.back().children.empty() || levels.size() > 4096) {
      levels.pop_back();
      continue;
    }
    const tree::Entry child = std::move(levels.back().children.back());
    levels.back().children.pop_back();
    const auto directory = levels.back().directory;
    const auto outer = levels.back().filter;
    if (auto opened = directory->open_directory(child, context_.options.scan)) {
      enter(*opened, outer);
    }
  }
  if (levels.empty()) context_.ledger.total(0, 0, true);
}

}  // namespace robosync::session
