#include "engine/session/target_session.h"

#include <utility>

#include "engine/session/remote_source.h"
#include "engine/session/run_options.h"

namespace robosync::session {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;
using wire::Type;

namespace {

RunOptions for_received(RunOptions options, const Channel& channel) {
  apply::Settings& settings = options.settings;
  // A source is not trusted to leave out what it was asked to.
  const scan::LinkPolicy links = options.scan.links;
  if (options.received_links == scan::LinkPolicy::kKeep &&
      (links == scan::LinkPolicy::kKeepSafe || links == scan::LinkPolicy::kSkip)) {
    options.received_links = links;
  }
  settings.transfer.received = true;
  settings.source_is_windows = channel.peer_has_native_attributes();
  // Another attempt may follow, and go on from what this one leaves.
  if (settings.keep_partial == apply::KeepPartial::kNo && settings.retries > 0 &&
      !settings.in_place) {
    settings.keep_partial = apply::KeepPartial::kWhenLost;
  }
  return options;
}

}  // namespace

TargetSession::TargetSession(RunOptions options, Channel& channel, fs::FileSystem& file_system,
                             apply::Ledger& ledger, const base::Cancellation& cancellation)
    : options_(for_received(std::move(options), channel)),
      not_kept_(allow_for_source(channel.peer_has_native_attributes(), options_)),
      channel_(channel),
      file_system_(file_system),
      ledger_(ledger),
      owner_ids_(options_.accounts),
      run_(options_, file_system, ledger, cancellation, 0) {}

TargetSession::~TargetSession() {
  if (!receiver_.joinable()) return;
  over_ = true;
  channel_.abort(make_error(ErrorKind::kCancelled, "the session has ended"));
  receiver_.join();
}

void TargetSession::linger() {
  over_ = true;
  if (!receiver_.joinable()) return channel_.linger();
  const auto until = std::chrono::steady_clock::now() + kLingerTime;
  const base::MutexLock lock(mutex_);
  while (receiving_ && std::chrono::steady_clock::now() < until) {
    received_.wait_for(mutex_, kPoll);
  }
}

void TargetSession::receive(RemoteSource& source, const OtherFrames& other) {
  const auto take = [&]() -> Result<void> {
    for (;;) {
      ROBOSYNC_ASSIGN(Frame frame, channel_.receive());
      if (frame.type == Type::kWarning) {
        ledger_.warning(frame.payload);
        continue;
      }
      const bool content = frame.type < Type::kNeed && frame.type > Type::kRoots;
      if (content) {
        ROBOSYNC_ASSIGN(const bool ours, source.handle(std::move(frame)));
        if (!ours) return fail(make_error(ErrorKind::kProtocol, "a frame out of place"));
      } else {
        ROBOSYNC_TRY(other(frame));
      }
    }
  };
  const base::Error error = take().error();
  // The run is over before what it waits for fails, or each of those would pass for a fault of its
  // own.
  const bool over = over_;
  if (!over) {
    {
      const base::MutexLock lock(mutex_);
      broken_ = error;
    }
    ledger_.abort(error);
  }
  source.lose(error);
  if (!over) channel_.abort(error);
}

Result<RunEnd> TargetSession::run(const std::string& target,
                                  std::shared_ptr<const tree::FilterScope> filter,
                                  OtherFrames other) {
  ROBOSYNC_ASSIGN(Frame frame, channel_.receive());
  if (frame.type == Type::kOwners) {  // of the root itself
    ROBOSYNC_ASSIGN(const wire::Owners owners, wire::decode<wire::Owners>(frame.bytes()));
    ROBOSYNC_TRY(owner_ids_.learn(owners));
    ROBOSYNC_ASSIGN(frame, channel_.receive());
  }
  if (frame.type == Type::kRefuse) {
    ROBOSYNC_ASSIGN(const wire::Fault fault, wire::decode<wire::Fault>(frame.bytes()));
    return fail(wire::to_error(fault));
  }
  if (frame.type != Type::kRoots) {
    return fail(make_error(ErrorKind::kProtocol, "the source's roots were expected"));
  }
  ROBOSYNC_ASSIGN(wire::Roots roots, wire::decode<wire::Roots>(frame.bytes()));
  std::optional<SingleSource> single;
  if (roots.single) {
    const bool is_empty = roots.single->is_empty;
    single.emplace(SingleSource{.is_directory = roots.single->is_directory,
                                .is_empty = [is_empty] { return Result<bool>(is_empty); }});
  }
  ROBOSYNC_ASSIGN(TargetPlace place, find_target(file_system_, target, single));
  allow_for_file_system(place, options_);
  RunSource source;
  if (roots.contents) {
    owner_ids_.translate(*roots.contents);
    source.contents.emplace().metadata = *roots.contents;
  }
  for (auto& [path, fault] : roots.problems) {
    source.problems.push_back({std::move(path), wire::to_error(fault)});
  }
  if (roots.single) source.single_name = place.renamed.empty() ? roots.single->name : place.renamed;
  if (roots.selected > static_cast<std::uint8_t>(Selected::kSourceEmpty)) {
    return fail(make_error(ErrorKind::kProtocol, "a choice that does not exist"));
  }
  source.selected = [selected = static_cast<Selected>(roots.selected)] {
    return Result<Selected>(selected);
  };
  source_ = std::make_unique<RemoteSource>(run_.context(), channel_, owner_ids_);
  source.root = source_->root(place.renamed);
  other_ = std::move(other);
  {
    const base::MutexLock lock(mutex_);
    receiving_ = true;
  }
  receiver_ = std::thread([this] {
    receive(*source_, other_);
    const base::MutexLock lock(mutex_);
    receiving_ = false;
    received_.notify_all();
  });
  if (!not_kept_.empty()) ledger_.warning(not_kept_);
  return run_.run(std::move(source), std::move(place), std::move(filter));
}

Result<void> TargetSession::end(std::string payload) {
  over_ = true;
  {
    // The run may have ended by it before the channel does.
    const base::MutexLock lock(mutex_);
    if (broken_) return fail(*broken_);
  }
  ROBOSYNC_TRY(channel_.send(Type::kEnd, std::move(payload)));
  ROBOSYNC_TRY(channel_.finish());
  if (receiver_.joinable()) receiver_.join();
  return {};
}

}  // namespace robosync::session
