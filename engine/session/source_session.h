// SourceSession: the role SOURCE of a run over a connection.
//
// Streams its manifest while it scans and answers what TARGET asks for: contents of small files in
// bundles, larger ones in chunks, digests, and in a move the removal of what has landed. Reads
// only, but for those removals. One object per run; uses threads of its own. docs/protocol.md has
// the frames.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/base/mutex.h"
#include "engine/base/throttle.h"
#include "engine/base/workers.h"
#include "engine/session/channel.h"
#include "engine/session/limits.h"
#include "engine/session/owner_names.h"
#include "engine/session/roots.h"
#include "engine/session/run_context.h"
#include "engine/transfer/delta_signature.h"
#include "engine/wire/message.h"

namespace robosync::session {

class SourceSession {
 public:
  // All references must outlive the session.
  SourceSession(const RunOptions& options, Channel& channel, const base::Cancellation& cancellation,
                std::uint64_t bytes_per_second_max)
      : options_(options),
        channel_(channel),
        stopping_(&cancellation),
        owner_names_(options.accounts, channel),
        throttle_(bytes_per_second_max) {}
  ~SourceSession();
  SourceSession(const SourceSession&) = delete;
  SourceSession& operator=(const SourceSession&) = delete;

  // Gets the frames that are none of SOURCE's business (events, problems). An error ends the run.
  using Other = std::function<base::Result<void>(const Frame&)>;
  // Whether the peer is told of filter rules that matched nothing.
  enum class Warn : std::uint8_t { kNobody, kPeer };
  // Runs to the peer's kEnd, and returns that. Fails as the connection does, or with kProtocol.
  [[nodiscard]] base::Result<Frame> run(SourceRoots roots,
                                        const std::shared_ptr<const tree::FilterScope>& filter,
                                        Warn warn, const Other& other);
  // Whether there were alternate data streams that the peer cannot have; Warn::kPeer has told it.
  [[nodiscard]] bool left_streams_out() const { return streams_left_out_; }

 private:
  // A directory that TARGET is not through with.
  struct Listed {
    std::shared_ptr<scan::SourceDirectory> directory;
    std::vector<tree::Entry> entries;
    // Of the attributes that were sent, where they are.
    mutable std::vector<std::atomic<std::uint64_t>> attribute_marks;
  };
  using ListedPtr = std::shared_ptr<const Listed>;
  struct Found {
    ListedPtr listed;
    const tree::Entry* entry = nullptr;
  };
  struct Level;

  // The manifest (source_manifest.cc)
  void walk(SourceRoots roots, const std::shared_ptr<const tree::FilterScope>& filter, Warn warn);
  [[nodiscard]] base::Result<void> send_roots(
      const SourceRoots& roots, const std::shared_ptr<const tree::FilterScope>& filter);
  [[nodiscard]] base::Result<void> walk_tree(
      std::shared_ptr<scan::SourceDirectory> root,
      const std::shared_ptr<const tree::FilterScope>& filter);
  [[nodiscard]] bool may_loop() const;
  [[nodiscard]] static base::Result<std::optional<tree::Identity>> identity_below(
      const std::vector<Level>& levels, const scan::SourceDirectory& directory);
  [[nodiscard]] base::Result<std::optional<Level>> enter(
      base::Result<std::shared_ptr<scan::SourceDirectory>> directory,
      const std::shared_ptr<const tree::FilterScope>& outer, const wire::EntryRef& as);
  [[nodiscard]] base::Result<void> send_record(const wire::EntryRef& as, std::uint64_t id,
                                               const base::Result<scan::Scan>& scan,
                                               const ListedPtr& listed, wire::DirectoryPart last);
  // Whether entries are sent with their attributes.
  [[nodiscard]] bool sends_attributes() const;
  [[nodiscard]] static tree::LinkKind kind_of_link(const scan::SourceDirectory& directory,
                                                   const tree::Entry& entry);
  [[nodiscard]] base::Result<std::vector<fs::Xattr>> attributes_of(
      const scan::SourceDirectory& directory, const tree::Entry& entry) const;
  [[nodiscard]] base::Result<std::vector<fs::Xattr>> try_attributes_of(
      const scan::SourceDirectory& directory, const tree::Entry& entry) const;
  // Whether what failed so may be tried once more, the wait for that being over.
  [[nodiscard]] bool waits_for(const base::Error& error, unsigned retry) const;
  // Tells attributes that can be lost from others: not what a new content changes by itself.
  [[nodiscard]] static std::uint64_t mark_of(const std::vector<fs::Xattr>& attributes);
  // Once a run: that the peer, which is no Windows, is not sent the alternate data streams of this.
  void note_streams(const fs::Node& node);
  [[nodiscard]] base::Result<void> take_entry_credit(std::uint64_t entries)
      ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> wait_for_open_directories() ROBOSYNC_EXCLUDES(mutex_);

  // What TARGET sends
  [[nodiscard]] base::Result<bool> handle(const Frame& frame);
  [[nodiscard]] base::Result<void> take_needs(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_credit(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_done(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_remove(const Frame& frame);
  [[nodiscard]] base::Result<Found> find(const wire::EntryRef& ref) ROBOSYNC_EXCLUDES(mutex_);

  // Contents (source_contents.cc)
  void serve_small() ROBOSYNC_EXCLUDES(mutex_);
  struct SmallNeeds {
    std::vector<wire::Need> needs;
    std::uint64_t bytes = 0;  // what they take in a bundle
  };
  [[nodiscard]] SmallNeeds next_small() ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> send_bundle(const SmallNeeds& next);
  [[nodiscard]] base::Result<void> send_digests(const std::vector<wire::Need>& needs);
  void send_large_digest(const wire::Need& need);
  void send_failed(const wire::EntryRef& entry, const base::Error& error);
  struct Small;
  [[nodiscard]] base::Result<void> read_small(const Found& found, Small& out);
  [[nodiscard]] base::Result<void> try_read_small(const Found& found, Small& out);
  // kChanged unless the attributes of a file that has changed are those that were sent.
  [[nodiscard]] base::Result<void> check_attributes(const Found& found, const fs::File& file) const;
  void send_large(const wire::Need& need);
  [[nodiscard]] base::Result<void> send_content(const wire::Need& need);
  [[nodiscard]] base::Result<void> send_whole(const wire::Need& need, const fs::File& file,
                                              std::uint64_t size, base::Hasher& hasher);
  [[nodiscard]] base::Result<void> send_delta(const wire::Need& need, const fs::File& file,
                                              std::uint64_t size, base::Hasher& hasher);
  [[nodiscard]] base::Result<void> send_chunk(std::uint32_t stream, std::string chunk);
  [[nodiscard]] base::Result<void> take_signature(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_stream_credit(std::uint32_t stream, std::uint64_t bytes)
      ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_bundle_credit(std::uint64_t bytes)
      ROBOSYNC_EXCLUDES(mutex_);
  void remove(const wire::Remove& remove);
  [[nodiscard]] base::Result<void> remove_proven(const wire::Remove& remove);

  [[nodiscard]] bool ending() const { return stopping_.requested(); }
  void end(std::optional<base::Error> error) ROBOSYNC_EXCLUDES(mutex_);

  const RunOptions& options_;
  Channel& channel_;
  base::Cancellation stopping_;  // the session; requested, too, when the run is cancelled
  OwnerNames owner_names_;
  base::Throttle throttle_;
  std::atomic<Warn> warn_{Warn::kNobody};
  std::atomic<bool> streams_left_out_{false};

  base::Mutex mutex_;
  base::Condition asked_;     // small_ has grown, or this ends
  base::Condition credited_;  // there is more credit, or less is open, or this ends
  std::unordered_map<std::uint64_t, ListedPtr> listed_ ROBOSYNC_GUARDED_BY(mutex_);
  std::size_t walking_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // of those, on the walker's way
  std::uint64_t entry_credit_ ROBOSYNC_GUARDED_BY(mutex_) = kManifestWindow;
  std::uint64_t bundle_credit_ ROBOSYNC_GUARDED_BY(mutex_) = kBundleWindow;
  std::unordered_map<std::uint32_t, std::uint64_t> stream_credit_ ROBOSYNC_GUARDED_BY(mutex_);
  // Of deltas that were asked for: the need, and what has come of the signature.
  struct Signing {
    wire::Need need;
    std::optional<transfer::SignatureReader> reader;
    std::optional<transfer::Signature> signature;
  };
  std::unordered_map<std::uint32_t, Signing> signing_ ROBOSYNC_GUARDED_BY(mutex_);
  std::deque<wire::Need> small_ ROBOSYNC_GUARDED_BY(mutex_);
  std::atomic<std::uint64_t> next_id_{0};  // the walker's to raise
  std::atomic<std::size_t> large_digests_pending_{0};
  std::atomic<std::size_t> removals_pending_{0};

  std::thread walker_;
  std::vector<std::thread> small_threads_;
  base::Workers large_{kStreamsMax};
  base::Workers large_digests_{2};  // apart: contents and small files do not wait for these
  base::Workers removals_{1};
};

}  // namespace robosync::session
