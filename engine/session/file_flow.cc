#include "engine/session/file_flow.h"

#include <utility>

#include "engine/tree/staging_name.h"
#include "engine/tree/windows_name.h"

namespace robosync::session {

using apply::Action;
using base::ErrorKind;
using base::Result;
using plan::PlannedEntry;
using plan::SkipReason;
using plan::Step;

namespace {

std::string_view reason_text(SkipReason reason) {
  switch (reason) {
    case SkipReason::kNone:
      return "";
    case SkipReason::kTargetNewer:
      return "target is newer";
    case SkipReason::kTargetOlder:
      return "target is older";
    case SkipReason::kTargetChanged:
      return "target has another size";
    case SkipReason::kMismatched:
      return "target is of another kind";
    case SkipReason::kNotExisting:
      return "not at the target";
    case SkipReason::kExisting:
      return "exists at the target";
    case SkipReason::kIllegalName:
      return "the target cannot have this name";
    case SkipReason::kIllegalLink:
      return "the target cannot have this link";
    case SkipReason::kNeedsPrivileges:
      return "device nodes need privileges";
  }
  return "";
}

// Below this a delta saves less than it costs.
constexpr std::uint64_t kBasisBytesMin = 256 * 1024;

bool writes(Step step) {
  return step == Step::kCreate || step == Step::kReplace || step == Step::kReplaceKind ||
         step == Step::kReplaceDirectory;
}

Action action_of(Step step) {
  switch (step) {
    case Step::kCreate:
      return Action::kCreated;
    case Step::kMetadata:
      return Action::kMetadata;
    case Step::kNothing:
      return Action::kUnchanged;
    case Step::kSkip:
      return Action::kSkipped;
    default:
      return Action::kUpdated;
  }
}

std::size_t index_of(const DirectoryTask& task, const PlannedEntry& planned) {
  return static_cast<std::size_t>(planned.source - task.scan.snapshot.entries.data());
}

}  // namespace

void FileFlow::report(const DirectoryTask& task, Action action, const PlannedEntry& planned,
                      std::string reason, const std::string& link_target) {
  const tree::Metadata& metadata = planned.source->metadata;
  apply::Event event{.action = action, .kind = metadata.kind, .bytes = metadata.size};
  if (!metadata.is_regular()) event.bytes = 0;
  if (context_.ledger.wants(action, planned.changes)) {
    event.path = task.path().child(planned.source->name).str();
    event.changes = planned.changes;
    event.reason = std::move(reason);
    event.source_time = metadata.mtime;
    if (planned.target != nullptr) event.target_time = planned.target->metadata.mtime;
    event.link_target = link_target.empty() ? planned.source->link_target : link_target;
  }
  context_.ledger.record(event);
}

void FileFlow::skip(const DirectoryTask& task, const PlannedEntry& planned) {
  if (planned.reason == SkipReason::kIllegalName) {
    const std::string& name = planned.source->name;
    context_.ledger.problem(task.path().child(name).str(),
                            tree::validate_windows_name(name).error(), std::nullopt);
  }
  if (planned.reason == SkipReason::kIllegalLink) {
    context_.ledger.problem(
        task.path().child(planned.source->name).str(),
        base::make_error(ErrorKind::kInvalid, "illegal link on Windows: '\\' in its target " +
                                                  planned.source->link_target),
        std::nullopt);
  }
  report(task, Action::kSkipped, planned, std::string(reason_text(planned.reason)));
}

void FileFlow::leave_link_out(const DirectoryTask& task, const PlannedEntry& planned,
                              base::Error error) {
  if (!context_.links_told.exchange(true)) {
    error.context =
        "no symbolic links can be made at the target, they are left out "
        "(--links-fallback=copy copies what they lead to); " +
        error.context;
    context_.ledger.problem(task.path().child(planned.source->name).str(), std::move(error),
                            std::nullopt);
  }
  context_.ledger.progress(1, 0);
  report(task, Action::kSkipped, planned, "no symbolic links can be made at the target");
}

void FileFlow::note_collision(const DirectoryTask& task, const tree::Entry& source,
                              base::Error& error) {
  error.context =
      "the name is taken at the target, perhaps by one that differs only in case; " + error.context;
  if (!task.target || !task.target->is_open()) return;
  if (const auto there = task.target->spot().directory->stat_entry(source.name)) {
    context_.deletions->protect(there->metadata.identity);
  }
}

void FileFlow::fail(const DirectoryTask& task, const PlannedEntry& planned, base::Error error) {
  // A peer that says so of a run that goes on has a fault like another.
  if (error.kind == ErrorKind::kCancelled && context_.stopping()) return;
  // Known before the session knows: what was to be asked for could not be sent.
  if (error.kind == ErrorKind::kConnection && context_.options.settings.transfer.received) {
    return context_.ledger.abort(std::move(error));
  }
  const bool volume = base::is_volume_fault(error.kind);
  // With a connection all fails that was awaited from it: the reason is told once, by the run.
  if (context_.ledger.aborted() && !volume) return;
  if (error.kind == ErrorKind::kExists && planned.target == nullptr) {
    note_collision(task, *planned.source, error);
  }
  const std::string path = task.path().child(planned.source->name).str();
  if (volume) {
    context_.ledger.abort({error.kind, error.code, path + ": " + error.context});
  }
  context_.ledger.problem(path, std::move(error), planned.source->metadata.kind);
  context_.ledger.progress(1, 0);
}

void FileFlow::succeeded(const TaskPtr& task, Action action, const PlannedEntry& planned) {
  if (!task->in_place.empty()) task->in_place[index_of(*task, planned)] = true;
  const bool counted = writes(planned.step) && !context_.options.only_looks();
  context_.ledger.progress(
      1, planned.source->metadata.is_regular() && !counted ? planned.source->metadata.size : 0);
  report(*task, action, planned);
}

// Asks for the source's digest and goes on when it is there.
void FileFlow::compare(const TaskPtr& task, const PlannedEntry& planned, const Leads& leads) {
  ++task->files_pending;
  task->source->digest(*planned.source, [this, task, planned, leads](Result<base::Digest> source) {
    PlannedEntry settled = planned;
    if (!source) {
      fail(*task, planned, std::move(source).error());
    } else if (auto same = equals_target(task, planned, *source); !same) {
      fail(*task, planned, std::move(same).error());
    } else {
      settled.changes.content = !*same;
      settled.step = !*same                       ? Step::kReplace
                     : settled.changes.metadata() ? Step::kMetadata
                                                  : Step::kNothing;
      carry_out(task, settled, leads);
    }
    if (settled.step == Step::kCompare) finished(task, planned, leads, std::nullopt, false);
    done_(task);
  });
}

Result<bool> FileFlow::equals_target(const TaskPtr& task, const PlannedEntry& planned,
                                     const base::Digest& source) {
  auto file = task->target->spot().directory->open_file(planned.target->name);
  if (!file) return base::fail(apply::target_fault(std::move(file).error()));
  apply::Counters counters;
  ROBOSYNC_ASSIGN(
      const base::Digest target,
      transfer::digest_of(**file, planned.source->metadata.size, context_.options.settings.digest,
                          context_.cancellation, counters.read_bytes));
  context_.ledger.add(counters);
  return source == target;
}

Result<apply::AttributeChange> FileFlow::attributes(const TaskPtr& task, PlannedEntry& planned) {
  const apply::Settings& settings = context_.options.settings;
  apply::AttributeChange change;
  // What is written anew gets its attributes then.
  const tree::Metadata& source = planned.source->metadata;
  // A stream that was written has moved the time, and a move takes away what might have more.
  const bool looks = source.is_regular() && settings.keep_native_attributes &&
                     (context_.options.goal == Goal::kMove ||
                      (planned.step == Step::kMetadata && planned.changes.time));
  if ((!looks && !apply::may_have_attributes(source.kind, settings)) || planned.target == nullptr ||
      writes(planned.step)) {
    return change;
  }
  const fs::Directory& directory = *task->target->spot().directory;
  const std::uint32_t mode = settings.policy.wanted_mode(source, &planned.target->metadata);
  std::vector<fs::Xattr> from;
  if (source.is_regular() && task->source->is_at_hand()) {
    ROBOSYNC_ASSIGN(const fs::FilePtr file, task->source->open(*planned.source));
    ROBOSYNC_ASSIGN(from, apply::attributes_of(*file));
  } else {
    ROBOSYNC_ASSIGN(from, task->source->xattrs(*planned.source));
  }
  std::vector<fs::Xattr> to;
  if (source.is_regular()) {
    ROBOSYNC_ASSIGN(const fs::FilePtr file, directory.open_file(planned.target->name));
    ROBOSYNC_ASSIGN(to, apply::attributes_of(*file));
    ROBOSYNC_ASSIGN(from, apply::wanted_attributes(std::move(from), to, mode, settings));
  } else {
    ROBOSYNC_ASSIGN(to, apply::entry_attributes(directory, planned.target->name));
    from = apply::with_mode(std::move(from), mode);
  }
  change = apply::compare_attributes(from, to, settings);
  // Looked at only lest a move lose something: what the target has of its own stays.
  if (!settings.keeps_attributes() && planned.step == Step::kNothing) change.remove.clear();
  planned.changes.acl = change.acl;
  planned.changes.xattr = change.xattr;
  if (planned.changes.owner || planned.changes.group) {
    apply::set_capabilities_again(change, from, settings);
  }
  if (!change.empty() && planned.step == Step::kNothing) planned.step = Step::kMetadata;
  return change;
}

// An empty directory may give way to something else; one that holds anything only in a mirror,
// last.
Result<void> FileFlow::check_way(const TaskPtr& task, const PlannedEntry& planned) const {
  if (planned.step != Step::kReplaceDirectory || planned.target == nullptr ||
      context_.options.settings.policy.replace_directories) {
    return {};
  }
  ROBOSYNC_ASSIGN(const fs::DirectoryPtr directory,
                  task->target->spot().directory->open_directory(planned.target->name));
  fs::Listing listing;
  ROBOSYNC_TRY(directory->list({}, listing));
  if (listing.entries.empty()) return {};
  return base::fail(
      base::make_error(ErrorKind::kNotEmpty,
                       "a directory that is not empty is in the way; mirror would replace it"));
}

// Dry run and verify: tells what would be done.
bool FileFlow::look_only(const TaskPtr& task, const PlannedEntry& planned) {
  if (!context_.options.only_looks()) return false;
  if (context_.options.goal == Goal::kVerify) {
    if (planned.step == Step::kNothing || planned.step == Step::kSkip) {
      succeeded(task, action_of(planned.step), planned);
    } else {
      const bool absent = planned.step == Step::kCreate;
      context_.ledger.progress(1, planned.source->metadata.size);
      report(*task, absent ? Action::kOnlySource : Action::kDifferent, planned);
    }
    return true;
  }
  succeeded(task, action_of(planned.step), planned);
  return true;
}

Result<std::optional<tree::Identity>> FileFlow::install(const TaskPtr& task,
                                                        const PlannedEntry& planned) {
  apply::TargetDirectory& target = *task->target;
  ROBOSYNC_TRY(target.make_writable(context_.file_system.privileges()));
  target.mark_touched();
  ROBOSYNC_ASSIGN(apply::Installed installed,
                  context_.installer->install(
                      target.spot(), planned, *task->source,
                      [this](std::uint64_t bytes) { context_.ledger.progress(0, bytes); }));
  context_.ledger.add(installed.counters);
  return installed.identity;
}

void FileFlow::lead_landed(const TaskPtr& task, const PlannedEntry& planned,
                           std::optional<tree::Identity> identity, bool landed) {
  std::optional<apply::LinkLeader> leader;
  if (landed) {
    leader = apply::LinkLeader{.directory = {},
                               .directory_path = task->path(),
                               .name = planned.source->name,
                               .identity = identity};
    if (task->target) leader->directory = task->target->spot().directory;
  }
  context_.hard_links.landed(planned.source->metadata, leader);
}

void FileFlow::run(const TaskPtr& task, const PlannedEntry& planned) {
  const tree::Metadata& metadata = planned.source->metadata;
  // Of a file whose other names have been moved away already one name is left.
  const bool one_name = metadata.link_count < 2 && !(context_.options.goal == Goal::kMove &&
                                                     context_.hard_links.knows(metadata.identity));
  if (!context_.options.settings.keep_hard_links || one_name || planned.step == Step::kSkip) {
    run_now(task, planned, std::nullopt);
    return;
  }
  ++task->files_pending;
  const auto role = context_.hard_links.join(
      metadata, [this, task, planned](const std::optional<apply::LinkLeader>& leader) {
        follow(task, planned, leader);
        done_(task);
      });
  if (role == apply::HardLinks::Role::kFollows) return;
  run_now(task, planned, metadata);
  done_(task);
}

void FileFlow::run_now(const TaskPtr& task, const PlannedEntry& planned, const Leads& leads) {
  const bool reads = planned.step == Step::kCompare && !context_.stopping();
  reads ? compare(task, planned, leads) : carry_out(task, planned, leads);
}

// All is decided: does it, or asks for the content first.
void FileFlow::carry_out(const TaskPtr& task, PlannedEntry planned, const Leads& leads) {
  std::optional<tree::Identity> identity;
  if (planned.target != nullptr && !writes(planned.step)) {
    identity = planned.target->metadata.identity;
  }
  const auto end = [&](bool landed) { finished(task, planned, leads, identity, landed); };
  if (context_.stopping()) return end(false);
  if (planned.step == Step::kSkip) {
    context_.ledger.progress(1, 0);
    skip(*task, planned);
    return end(false);
  }
  auto change = attributes(task, planned);
  if (!change) {
    fail(*task, planned, std::move(change).error());
    return end(false);
  }
  if (context_.options.goal != Goal::kVerify) {
    if (auto way = check_way(task, planned); !way) {
      fail(*task, planned, std::move(way).error());
      return end(false);
    }
  }
  if (look_only(task, planned)) return end(true);
  if (writes(planned.step)) return write(task, planned, leads);
  Result<void> done;
  if (planned.step == Step::kMetadata) {
    done = context_.installer->update_metadata(task->target->spot(), planned, *change);
  }
  if (!done) {
    fail(*task, planned, apply::target_fault(std::move(done).error()));
    return end(false);
  }
  succeeded(task, action_of(planned.step), planned);
  end(true);
}

void FileFlow::write(const TaskPtr& task, const PlannedEntry& planned, const Leads& leads) {
  OldContent basis;
  const bool fetched_first = planned.source->metadata.is_regular() && !task->source->is_at_hand();
  if (fetched_first) basis = basis_of(*task, planned);
  const auto install_it = [this, resumes = basis.partial](
                              const TaskPtr& of, const PlannedEntry& what, const Leads& led) {
    auto installed = install(of, what);
    if (!installed) {
      if (installed.error().kind == ErrorKind::kNoLinks) {
        leave_link_out(*of, what, std::move(installed).error());
      } else {
        fail(*of, what, std::move(installed).error());
      }
      return finished(of, what, led, std::nullopt, false);
    }
    if (resumes) {
      apply::Counters resumed;
      resumed.resumed_files = 1;
      context_.ledger.add(resumed);
    }
    succeeded(of, action_of(what.step), what);
    reset_archive(*of, what);
    finished(of, what, led, *installed, true);
  };
  if (!fetched_first) return install_it(task, planned, leads);
  ++task->files_pending;
  task->source->fetch(*planned.source, std::move(basis.file),
                      [this, install_it, task, planned, leads](Result<void> fetched) {
                        if (fetched && !context_.stopping()) {
                          install_it(task, planned, leads);
                        } else {
                          if (!fetched) fail(*task, planned, std::move(fetched).error());
                          finished(task, planned, leads, std::nullopt, false);
                        }
                        done_(task);
                      });
}

// What is moved goes anyway, and must not change before.
void FileFlow::reset_archive(const DirectoryTask& task, const PlannedEntry& planned) {
  if (!context_.options.reset_archive || context_.options.goal == Goal::kMove) return;
  if (!planned.source->metadata.is_regular()) return;
  auto done = task.source->reset_archive(*planned.source);
  if (done) return;
  base::Error error = std::move(done).error();
  error.context = "copied, but its archive attribute stays at the source; " + error.context;
  context_.ledger.problem(task.path().child(planned.source->name).str(), std::move(error),
                          std::nullopt);
}

// An older version of the file at the target, or the larger part of it that an interrupted transfer
// has left: whichever is larger, if it is worth comparing with.
FileFlow::OldContent FileFlow::basis_of(const DirectoryTask& task,
                                        const PlannedEntry& planned) const {
  const apply::Settings& settings = context_.options.settings;
  const std::uint64_t new_bytes = planned.source->metadata.size;
  if (settings.in_place || context_.options.whole_files || new_bytes < kBasisBytesMin) return {};
  const fs::Directory& directory = *task.target->spot().directory;
  const bool replaces = planned.step == Step::kReplace && planned.target != nullptr &&
                        planned.target->metadata.is_regular();
  const std::uint64_t old_bytes = replaces ? planned.target->metadata.size : 0;
  const bool may_resume = settings.keep_partial != apply::KeepPartial::kNo &&
                          new_bytes >= apply::kPartialBytesMin &&
                          (replaces || planned.step == Step::kCreate);
  if (may_resume && !task.target->spot().staged) {
    auto partial = directory.open_file(tree::partial_name(planned.source->name));
    // The lock keeps the run that goes on from it, this one, from writing over it.
    const bool ours = partial && (*partial)->try_lock().value_or(false);
    const auto left = ours ? (*partial)->stat() : Result<tree::Metadata>(tree::Metadata{});
    if (left && left->is_regular() && left->size >= kBasisBytesMin && left->size > old_bytes) {
      return {std::move(*partial), true};
    }
  }
  if (old_bytes < kBasisBytesMin) return {};
  auto file = directory.open_file(planned.target->name);
  return {file ? std::move(*file) : nullptr, false};
}

void FileFlow::finished(const TaskPtr& task, const PlannedEntry& planned, const Leads& leads,
                        std::optional<tree::Identity> identity, bool landed) {
  if (leads) lead_landed(task, planned, identity, landed);
}

void FileFlow::follow(const TaskPtr& task, PlannedEntry planned,
                      const std::optional<apply::LinkLeader>& leader) {
  if (context_.stopping()) return;
  if (!leader) return run_now(task, planned, std::nullopt);
  const bool same = planned.target != nullptr && leader->identity &&
                    planned.target->metadata.identity == *leader->identity;
  if (same) {
    planned.step = Step::kNothing;
    return succeeded(task, Action::kUnchanged, planned);
  }
  const std::string leader_path = leader->directory_path.child(leader->name).str();
  if (context_.options.goal == Goal::kVerify) {
    context_.ledger.progress(1, planned.source->metadata.size);
    report(*task, planned.target ? Action::kDifferent : Action::kOnlySource, planned,
           "not linked with " + leader_path);
    return;
  }
  if (!context_.options.dry_run) {
    if (auto linked = link_to(task, planned, *leader); !linked) {
      const ErrorKind kind = linked.error().kind;
      // No links there (vfat says "not permitted"), or no leader: a file of its own.
      const bool cannot = kind == ErrorKind::kCrossDevice || kind == ErrorKind::kLimit ||
                          kind == ErrorKind::kUnsupported || kind == ErrorKind::kPermission ||
                          kind == ErrorKind::kNotFound;
      if (cannot) return run_now(task, planned, std::nullopt);
      return fail(*task, planned, apply::target_fault(std::move(linked).error()));
    }
  }
  if (!task->in_place.empty()) task->in_place[index_of(*task, planned)] = true;
  context_.ledger.progress(1, planned.source->metadata.size);
  report(*task, Action::kLinked, planned, {}, leader_path);
}

Result<void> FileFlow::link_to(const TaskPtr& task, const PlannedEntry& planned,
                               const apply::LinkLeader& leader) {
  fs::DirectoryPtr directory = leader.directory.lock();
  if (!directory) {
    ROBOSYNC_ASSIGN(directory,
                    fs::open_beneath(context_.target_root_handle, leader.directory_path));
  }
  ROBOSYNC_TRY(task->target->make_writable(context_.file_system.privileges()));
  task->target->mark_touched();
  return context_.installer->link(task->target->spot(), planned, *directory, leader.name);
}

}  // namespace robosync::session
