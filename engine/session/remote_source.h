// RemoteSource: the source of a TargetRun at the other end of a connection.
//
// One thread receives and hands its frames to handle(); what the flow is waiting for is then done
// on the run's pool (large files: on threads of their own, so that they never keep small ones
// waiting). What a peer may send is bounded by the credit it has and by what was asked of it;
// anything else is kProtocol. docs/protocol.md has the frames.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/base/move_only_function.h"
#include "engine/base/mutex.h"
#include "engine/base/workers.h"
#include "engine/session/channel.h"
#include "engine/session/incoming_file.h"
#include "engine/session/limits.h"
#include "engine/session/owner_names.h"
#include "engine/session/run_context.h"
#include "engine/session/source_node.h"
#include "engine/wire/message.h"

namespace robosync::session {

class RemoteNode;

class RemoteSource {
 public:
  // References must outlive the source, which must outlive its nodes.
  RemoteSource(RunContext& context, Channel& channel, OwnerIds& owners);
  ~RemoteSource();
  RemoteSource(const RemoteSource&) = delete;
  RemoteSource& operator=(const RemoteSource&) = delete;

  // The root of the transfer. `single_name`: what its only entry is called at the target, if not as
  // it is. Once.
  [[nodiscard]] std::shared_ptr<SourceNode> root(std::string single_name);

  [[nodiscard]] const RunOptions& options() const { return context_.options; }

  // From the receiving thread. False: the frame is none of a source's.
  [[nodiscard]] base::Result<bool> handle(Frame frame);
  // Everything that is awaited, or will be, fails with this. Any thread.
  void lose(const base::Error& error) ROBOSYNC_EXCLUDES(mutex_);
  // True once the source said that its scan is over.
  [[nodiscard]] bool scan_ended() const { return scan_ended_; }

 private:
  friend class RemoteNode;
  friend class IncomingFile;
  using Key = std::pair<std::uint64_t, std::uint64_t>;  // directory, index
  static constexpr Key kRootKey{UINT64_MAX, 0};
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      constexpr std::uint64_t kSpread = 0x9e37'79b9'7f4a'7c15;  // 2^64 by the golden ratio
      return static_cast<std::size_t>((key.first * kSpread ^ key.second) * kSpread >> 16U);
    }
  };
  template <typename T>
  using ByKey = std::unordered_map<Key, T, KeyHash>;
  template <typename T>
  using Then = SourceNode::Then<T>;

  struct Record {  // a directory that has arrived
    std::uint64_t id = 0;
    std::uint64_t credit = 0;  // that the peer gets back when this is taken up
    base::Result<scan::Scan> scan;
    std::vector<std::vector<wire::Attribute>> attributes;
    std::vector<wire::Attribute> own_attributes;
  };
  using RecordThen = base::MoveOnlyFunction<void(base::Result<Record>)>;
  struct Fetch {
    std::shared_ptr<RemoteNode> node;
    tree::Entry entry;
    Then<void> then;
  };
  struct Content {
    std::shared_ptr<const std::string> owner;
    std::span<const std::byte> bytes;
    base::Digest digest;
    std::optional<tree::Metadata> changed;
    std::shared_ptr<IncomingFile> stream;
    std::shared_ptr<Basis> basis;  // of a delta
    std::uint64_t room = 0;        // that it takes of kLargeWindow
  };

  // For the nodes
  void await_record(Key key, RecordThen then) ROBOSYNC_EXCLUDES(mutex_);
  void fetch(std::uint64_t directory, Fetch fetch, fs::FilePtr basis) ROBOSYNC_EXCLUDES(mutex_);
  void fetch_delta(Key key, Fetch fetch, fs::FilePtr basis) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> send_signature(std::uint32_t stream, Key key, Basis& basis,
                                                  std::uint64_t new_bytes);
  void digest(Key key, std::uint64_t file_bytes, Then<base::Digest> then) ROBOSYNC_EXCLUDES(mutex_);
  // `then` apart from the pool: it reads a large file.
  [[nodiscard]] Then<base::Digest> apart(Then<base::Digest> then);
  void remove(const wire::Remove& remove, Then<void> then) ROBOSYNC_EXCLUDES(mutex_);
  void done(std::uint64_t directory) ROBOSYNC_EXCLUDES(mutex_);
  void pass_over(Key key) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<fs::FilePtr> open(Key key, const tree::Entry& entry,
                                               std::vector<fs::Xattr> xattrs)
      ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] tree::Entry as_read(Key key, const tree::Entry& entry) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] std::shared_ptr<IncomingFile> fetch_again(Key key) ROBOSYNC_EXCLUDES(mutex_);

  // Frames
  [[nodiscard]] base::Result<void> take_owners(const Frame& frame);
  [[nodiscard]] base::Result<void> take_directory(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> add_part(wire::DirectoryPart part) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> record_complete() ROBOSYNC_EXCLUDES(mutex_);
  // A record that nobody will ask for: it was passed over, or what it is in is.
  [[nodiscard]] bool is_unwanted(Key key) const ROBOSYNC_REQUIRES(mutex_);
  void forget(std::uint64_t directory) ROBOSYNC_REQUIRES(mutex_);
  void credit_entries(std::uint64_t entries) ROBOSYNC_REQUIRES(mutex_);
  [[nodiscard]] base::Result<void> take_scan_end() ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_bundle(Frame frame);
  void unpack(const std::shared_ptr<const std::string>& payload) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_begin(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_chunk(Frame frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_end(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_digests(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_failed(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> take_removed(const Frame& frame) ROBOSYNC_EXCLUDES(mutex_);

  struct Arrived {  // of a bundle
    Key key;
    std::size_t member = 0;
    Fetch fetch;
  };
  [[nodiscard]] base::Result<void> take_fetches(
      const std::shared_ptr<const std::string>& payload,
      const std::vector<wire::BundleMember>& members,
      const std::vector<std::span<const std::byte>>& contents, std::vector<Arrived>& out)
      ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] base::Result<void> deliver_bundle(const std::shared_ptr<const std::string>& payload)
      ROBOSYNC_EXCLUDES(mutex_);
  void give_credit(std::uint64_t entries, std::uint64_t bundle_bytes) ROBOSYNC_EXCLUDES(mutex_);
  // Whether so much credit has piled up, or so many directories that are done with, that it is
  // worth a frame of its own. What is less goes out with the next needs: the peer has most of its
  // window.
  void wake_if_due() ROBOSYNC_REQUIRES(mutex_);
  [[nodiscard]] std::uint64_t entries_due() const ROBOSYNC_REQUIRES(mutex_);
  // Of large files, as far as kLargeWindow has room.
  void ask_for_large() ROBOSYNC_REQUIRES(mutex_);
  // False: there is no room. Where the file was given up meanwhile none is taken.
  [[nodiscard]] bool take_room(Key key, std::uint64_t file_bytes) ROBOSYNC_REQUIRES(mutex_);
  // What came, or will not come, gives its room back.
  void forget_content(Key key) ROBOSYNC_REQUIRES(mutex_);
  // What has piled up goes to the peer.
  void collect() ROBOSYNC_EXCLUDES(mutex_);
  // Answers on the pool; what is answered is pending until that is over.
  template <typename T>
  void answer(Then<T> then, base::Result<T> result);
  void ended(std::size_t count = 1) ROBOSYNC_EXCLUDES(mutex_);
  void wait() ROBOSYNC_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t pending() ROBOSYNC_EXCLUDES(mutex_);

  RunContext& context_;
  Channel& channel_;
  OwnerIds& owners_;
  std::atomic<bool> scan_ended_{false};
  std::optional<Record> building_;  // the receiving thread's
  RecordSize building_size_;
  std::string last_name_;  // of the record being built: names ascend across its parts
  std::uint64_t next_id_ = 0;

  base::Mutex mutex_;
  base::Condition changed_;
  std::size_t pending_ ROBOSYNC_GUARDED_BY(mutex_) = 0;
  std::optional<base::Error> lost_ ROBOSYNC_GUARDED_BY(mutex_);
  std::optional<Key> building_key_ ROBOSYNC_GUARDED_BY(mutex_);
  std::uint64_t building_credit_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // not given back yet
  std::map<Key, Record> records_ ROBOSYNC_GUARDED_BY(mutex_);
  std::unordered_set<std::uint64_t> open_ ROBOSYNC_GUARDED_BY(mutex_);  // arrived and not done with
  std::set<Key> passed_over_ ROBOSYNC_GUARDED_BY(mutex_);               // and not arrived
  std::map<Key, RecordThen> waiting_ ROBOSYNC_GUARDED_BY(mutex_);
  ByKey<Fetch> fetches_ ROBOSYNC_GUARDED_BY(mutex_);
  ByKey<Content> contents_ ROBOSYNC_GUARDED_BY(mutex_);
  ByKey<Then<base::Digest>> digests_ ROBOSYNC_GUARDED_BY(mutex_);
  ByKey<Then<void>> removes_ ROBOSYNC_GUARDED_BY(mutex_);
  std::unordered_map<std::uint32_t, std::shared_ptr<IncomingFile>> streams_
      ROBOSYNC_GUARDED_BY(mutex_);
  std::uint32_t next_stream_ ROBOSYNC_GUARDED_BY(mutex_) = 1;
  unsigned streams_begun_ = 0;  // and not ended; the receiving thread's
  std::uint64_t entries_held_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // that the peer has no credit for
  std::uint64_t bundle_bytes_held_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // not unpacked yet
  wire::NeedBatch needs_ ROBOSYNC_GUARDED_BY(mutex_);
  struct LargeNeed {
    wire::Need need;
    std::uint64_t file_bytes = 0;
  };
  std::deque<LargeNeed> large_needs_ ROBOSYNC_GUARDED_BY(mutex_);    // not asked for yet
  std::uint64_t large_asked_bytes_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // of kLargeWindow
  wire::Credit credit_ ROBOSYNC_GUARDED_BY(mutex_);
  wire::DirectoryIds done_ ROBOSYNC_GUARDED_BY(mutex_);
  unsigned deltas_ ROBOSYNC_GUARDED_BY(mutex_) = 0;  // that the source has a signature of
  base::Workers large_{kStreamsMax};
  base::Workers large_digests_{2};
  base::Workers signatures_{1};
};

}  // namespace robosync::session
