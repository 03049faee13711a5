#include "engine/apply/events.h"

namespace robosync::apply {
namespace {

void add(Counters::ByKind& to, const Counters::ByKind& from) {
  to.files += from.files;
  to.directories += from.directories;
  to.symlinks += from.symlinks;
  to.others += from.others;
}

}  // namespace

std::uint64_t& Counters::ByKind::of(tree::Kind kind) {
  switch (kind) {
    case tree::Kind::kRegular:
      return files;
    case tree::Kind::kDirectory:
      return directories;
    case tree::Kind::kSymlink:
      return symlinks;
    default:
      return others;
  }
}

Counters& Counters::operator+=(const Counters& more) {
  for (const auto member : {&Counters::scanned, &Counters::created, &Counters::updated,
                            &Counters::metadata_updated, &Counters::unchanged, &Counters::linked,
                            &Counters::deleted, &Counters::skipped, &Counters::failed}) {
    add(this->*member, more.*member);
  }
  for (const auto member :
       {&Counters::removed_from_source, &Counters::different, &Counters::only_source,
        &Counters::only_target, &Counters::source_bytes, &Counters::transferred_bytes,
        &Counters::read_bytes, &Counters::written_bytes, &Counters::cloned_bytes,
        &Counters::cloned_files, &Counters::kernel_copied_files, &Counters::plain_copied_files,
        &Counters::parallel_files, &Counters::sparse_files, &Counters::resumed_files,
        &Counters::staged_directories, &Counters::retries, &Counters::backups,
        &Counters::leftovers_removed}) {
    this->*member += more.*member;
  }
  return *this;
}

}  // namespace robosync::apply
