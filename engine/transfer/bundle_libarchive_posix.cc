#include <archive.h>
#include <archive_entry.h>

#include <charconv>
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
using ReaderPtr = std::unique_ptr<archive, decltype(&archive_read_free)>;
using EntryPtr = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

constexpr int kMemberMode = 0600;

Result<void> check(archive* a, int code, ErrorKind kind) {
  if (code == ARCHIVE_OK) return {};
  const char* text = archive_error_string(a);
  return fail(make_error(kind, std::string("bundle: ") + (text != nullptr ? text : "fault")));
}

la_ssize_t append(archive* /*a*/, void* out, const void* data, size_t size) {
  static_cast<std::string*>(out)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

struct BundleWriter::State {
  std::string out;  // before the writer, whose destructor still writes into it
  WriterPtr writer{archive_write_new(), &archive_write_free};
  EntryPtr entry{archive_entry_new(), &archive_entry_free};
  std::size_t members = 0;
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

BundleWriter::BundleWriter() : state_(std::make_unique<State>()) {}
BundleWriter::~BundleWriter() = default;
BundleWriter::BundleWriter(BundleWriter&&) noexcept = default;
BundleWriter& BundleWriter::operator=(BundleWriter&&) noexcept = default;

std::size_t BundleWriter::members() const { return state_->members; }
std::size_t BundleWriter::bytes() const { return state_->out.size(); }

Result<void> BundleWriter::add(std::span<const std::byte> content) {
  ROBOSYNC_CHECK(state_->members < kBundleMembersMax);
  archive* a = state_->writer.get();
  ROBOSYNC_TRY(check(a, state_->opened, ErrorKind::kIo));
  archive_entry* entry = state_->entry.get();
  const std::string name = std::to_string(state_->members);
  archive_entry_copy_pathname(entry, name.c_str());
  archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
  archive_entry_set_filetype(entry, AE_IFREG);
  archive_entry_set_perm(entry, kMemberMode);
  ROBOSYNC_TRY(check(a, archive_write_header(a, entry), ErrorKind::kIo));
  if (!content.empty() && archive_write_data(a, content.data(), content.size()) !=
                              static_cast<la_ssize_t>(content.size())) {
    return check(a, ARCHIVE_FATAL, ErrorKind::kIo);
  }
  ++state_->members;
  return {};
}

Result<std::string> BundleWriter::finish() {
  archive* a = state_->writer.get();
  ROBOSYNC_TRY(check(a, archive_write_close(a), ErrorKind::kIo));
  return std::move(state_->out);
}

namespace {

// The whole content of the member the reader stands at. It must lie in `archive` in one piece.
Result<std::span<const std::byte>> member(archive* a, std::uint64_t size) {
  const void* data = nullptr;
  size_t got = 0;
  la_int64_t offset = 0;
  if (size == 0) return std::span<const std::byte>();
  ROBOSYNC_TRY(check(a, archive_read_data_block(a, &data, &got, &offset), ErrorKind::kProtocol));
  if (got != size || offset != 0) {
    return fail(make_error(ErrorKind::kProtocol, "bundle: a member in pieces"));
  }
  return std::span(static_cast<const std::byte*>(data), got);
}

bool is_called(archive_entry* entry, std::size_t number) {
  const char* name = archive_entry_pathname(entry);
  return name != nullptr && name == std::to_string(number) &&
         archive_entry_filetype(entry) == AE_IFREG;
}

}  // namespace

Result<std::vector<std::span<const std::byte>>> read_bundle(
    std::span<const std::byte> archive_bytes, const std::vector<std::uint64_t>& sizes) {
  const ReaderPtr reader(archive_read_new(), &archive_read_free);
  archive* a = reader.get();
  ROBOSYNC_TRY(check(a, archive_read_support_format_tar(a), ErrorKind::kIo));
  ROBOSYNC_TRY(check(a, archive_read_open_memory(a, archive_bytes.data(), archive_bytes.size()),
                     ErrorKind::kProtocol));
  std::vector<std::span<const std::byte>> out;
  out.reserve(sizes.size());
  archive_entry* entry = nullptr;
  for (const std::uint64_t size : sizes) {
    ROBOSYNC_TRY(check(a, archive_read_next_header(a, &entry), ErrorKind::kProtocol));
    if (!is_called(entry, out.size()) || std::cmp_not_equal(archive_entry_size(entry), size)) {
      return fail(make_error(ErrorKind::kProtocol, "bundle: not what its index says"));
    }
    ROBOSYNC_ASSIGN(const std::span<const std::byte> content, member(a, size));
    // What is handed out must live as long as the archive: libarchive may have copied it.
    const bool inside = content.empty() || (content.data() >= archive_bytes.data() &&
                                            content.data() + content.size() <=
                                                archive_bytes.data() + archive_bytes.size());
    if (!inside) return fail(make_error(ErrorKind::kProtocol, "bundle: a member in pieces"));
    out.push_back(content);
  }
  if (archive_read_next_header(a, &entry) != ARCHIVE_EOF) {
    return fail(make_error(ErrorKind::kProtocol, "bundle: more than its index says"));
  }
  return out;
}

}  // namespace robosync::transfer
