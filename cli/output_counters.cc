#include "cli/output_counters.h"

#include <array>

#include "cli/output_units.h"

namespace robosync::cli {
namespace {

constexpr auto kKindCounters = std::to_array<KindCounter>({
    {"scanned", "scanned", &Counters::scanned},
    {"created", "new", &Counters::created},
    {"updated", "updated", &Counters::updated},
    {"metadata_updated", "attributes", &Counters::metadata_updated},
    {"linked", "linked", &Counters::linked},
    {"unchanged", "unchanged", &Counters::unchanged},
    {"deleted", "deleted", &Counters::deleted},
    {"skipped", "skipped", &Counters::skipped},
    {"failed", "failed", &Counters::failed},
});

constexpr auto kPlainCounters = std::to_array<PlainCounter>({
    {"removed_from_source", "removed from source", &Counters::removed_from_source},
    {"different", "different", &Counters::different},
    {"only_source", "only in source", &Counters::only_source},
    {"only_target", "only in target", &Counters::only_target},
    {"source_bytes", "size of source", &Counters::source_bytes, CounterUnit::kBytes},
    {"transferred_bytes", "transferred", &Counters::transferred_bytes, CounterUnit::kBytes},
    {"read_bytes", "read", &Counters::read_bytes, CounterUnit::kBytes},
    {"written_bytes", "written", &Counters::written_bytes, CounterUnit::kBytes},
    {"cloned_bytes", "cloned", &Counters::cloned_bytes, CounterUnit::kBytes},
    {"cloned_files", "files cloned", &Counters::cloned_files},
    {"kernel_copied_files", "files copied by the kernel", &Counters::kernel_copied_files},
    {"plain_copied_files", "files read and written", &Counters::plain_copied_files},
    {"parallel_files", "files copied in parallel", &Counters::parallel_files},
    {"sparse_files", "files with holes", &Counters::sparse_files},
    {"resumed_files", "files resumed", &Counters::resumed_files},
    {"staged_directories", "directories staged", &Counters::staged_directories},
    {"retries", "retries", &Counters::retries},
    {"backups", "backups", &Counters::backups},
    {"leftovers_removed", "leftovers removed", &Counters::leftovers_removed},
});

// Fails when a counter is added to the engine and not to the lists above.
static_assert(sizeof(Counters) == kKindCounters.size() * sizeof(Counters::ByKind) +
                                      kPlainCounters.size() * sizeof(std::uint64_t));

}  // namespace

std::span<const KindCounter> kind_counters() { return kKindCounters; }

std::span<const PlainCounter> plain_counters() { return kPlainCounters; }

std::string counted(std::uint64_t count, std::string_view one, std::string_view many) {
  std::string text = human_count(count);
  text += ' ';
  text += count == 1 ? one : many;
  return text;
}

std::string kinds_in_words(const Counters::ByKind& kinds) {
  std::string list;
  int listed = 0;
  const auto add = [&](std::uint64_t count, std::string_view one, std::string_view many) {
    if (count == 0) return;
    if (listed++ > 0) list += ", ";
    list += counted(count, one, many);
  };
  add(kinds.files, "file", "files");
  add(kinds.directories, "directory", "directories");
  add(kinds.symlinks, "link", "links");
  add(kinds.others, "other", "others");
  if (listed == 0) return "0";
  return listed == 1 ? list : human_count(kinds.total()) + ": " + list;
}

}  // namespace robosync::cli
