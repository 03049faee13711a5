#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "engine/base/check.h"
#include "engine/transfer/bundle.h"

namespace robosync::transfer {

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

namespace {

using WriterPtr = std::unique_ptr<archive, decltype(&archive_write_free)>;
using EntryPtr = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

constexpr int kMemberMode = 0600;
constexpr std::size_t kHeaderBytes = 512;
constexpr std::size_t kEndBytes = 2 * kHeaderBytes;
// For what is put behind the archive, so that it need not move.
constexpr std::size_t kSpareBytes = 64;

Result<void> check(archive* a, int code) {
  if (code == ARCHIVE_OK) return {};
  const char* text = archive_error_string(a);
  return fail(make_error(ErrorKind::kIo, std::string("bundle: ") + (text ? text : "fault")));
}

// The archive in the making: `end` bytes of `bytes`, and behind them a header's length further on
// the content that is to follow.
struct Output {
  std::string bytes;
  std::size_t end = 0;

  void ensure(std::size_t size) {
    if (size <= bytes.size()) return;
    // The size that the call passes on may be the capacity (libstdc++ 12).
    bytes.resize_and_overwrite(size, [size](char*, std::size_t) { return size; });
  }
};

// Content is there already, where it belongs.
la_ssize_t append(archive* /*a*/, void* to, const void* data, size_t size) {
  auto& out = *static_cast<Output*>(to);
  if (data != out.bytes.data() + out.end) {
    out.ensure(out.end + size);
    std::memcpy(out.bytes.data() + out.end, data, size);
  }
  out.end += size;
  return static_cast<la_ssize_t>(size);
}

}  // namespace

struct BundleWriter::State {
  Output out;  // before the writer, whose destructor still writes into it
  WriterPtr writer{archive_write_new(), &archive_write_free};
  EntryPtr entry{archive_entry_new(), &archive_entry_free};
  std::size_t members = 0;
  std::size_t room_bytes = 0;
  int opened = ARCHIVE_OK;

  State() {
    archive* a = writer.get();
    opened = archive_write_set_format_ustar(a);
    // Straight into `out`, nothing kept back.
    archive_write_set_bytes_per_block(a, 0);
    archive_write_set_bytes_in_last_block(a, 1);
    if (opened == ARCHIVE_OK) {
      opened = archive_write_open2(a, &out, nullptr, &append, nullptr, nullptr);
    }
  }
};

BundleWriter::BundleWriter(std::uint64_t bytes) : state_(std::make_unique<State>()) {
  state_->out.bytes.reserve(static_cast<std::size_t>(bytes) + kEndBytes + kSpareBytes);
}
BundleWriter::~BundleWriter() = default;
BundleWriter::BundleWriter(BundleWriter&&) noexcept = default;
BundleWriter& BundleWriter::operator=(BundleWriter&&) noexcept = default;

std::size_t BundleWriter::members() const { return state_->members; }

std::span<std::byte> BundleWriter::room(std::size_t size) {
  Output& out = state_->out;
  const std::size_t begin = out.end + kHeaderBytes;
  out.ensure(begin + size);
  state_->room_bytes = size;
  return std::as_writable_bytes(std::span(out.bytes)).subspan(begin, size);
}

Result<void> BundleWriter::add() {
  ROBOSYNC_CHECK(state_->members < kBundleMembersMax);
  archive* a = state_->writer.get();
  ROBOSYNC_TRY(check(a, state_->opened));
  const std::size_t size = state_->room_bytes;
  archive_entry* entry = state_->entry.get();
  const std::string name = std::to_string(state_->members);
  archive_entry_copy_pathname(entry, name.c_str());
  archive_entry_set_size(entry, static_cast<la_int64_t>(size));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, kMemberMode);
  ROBOSYNC_TRY(check(a, archive_write_header(a, entry)));
  const Output& out = state_->out;
  if (size > 0 && !std::cmp_equal(archive_write_data(a, out.bytes.data() + out.end, size), size)) {
    return check(a, ARCHIVE_FATAL);
  }
  // With its padding, so that the end is where the next one begins.
  ROBOSYNC_TRY(check(a, archive_write_finish_entry(a)));
  ++state_->members;
  return {};
}

Result<std::string> BundleWriter::finish() {
  archive* a = state_->writer.get();
  ROBOSYNC_TRY(check(a, archive_write_close(a)));
  state_->out.bytes.resize(state_->out.end);
  return std::move(state_->out.bytes);
}

}  // namespace robosync::transfer
