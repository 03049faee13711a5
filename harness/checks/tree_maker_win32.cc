#include <filesystem>
#include <fstream>

#include "harness/checks/tree_maker.h"

namespace robosync::parity {
namespace {

namespace stdfs = std::filesystem;

using base::ErrorKind;
using base::fail;
using base::make_error;
using base::Result;

stdfs::path wide(const std::string& path) { return {std::u8string(path.begin(), path.end())}; }

Result<void> not_here(const std::string& what) {
  return fail(make_error(ErrorKind::kUnsupported, what + " is not made on Windows yet"));
}

Result<void> from_code(const std::error_code& code, const std::string& what) {
  if (!code) return {};
  return fail({ErrorKind::kIo, code, what});
}

// Windows' clock begins in 1601 and counts 100 ns.
constexpr std::int64_t kSecondsTo1601 = 11'644'473'600;

Result<void> set_time(const stdfs::path& path, std::int64_t seconds, std::uint32_t nanoseconds) {
  const std::int64_t ticks = (seconds + kSecondsTo1601) * 10'000'000 + nanoseconds / 100;
  std::error_code code;
  stdfs::last_write_time(path, stdfs::file_time_type(stdfs::file_time_type::duration(ticks)), code);
  return from_code(code, "set time");
}

}  // namespace

TreeMaker& TreeMaker::file(const std::string& path, std::string_view content) {
  if (!status_) return *this;
  const stdfs::path full = wide(at(path));
  std::error_code code;
  stdfs::create_directories(full.parent_path(), code);
  {
    std::ofstream out(full, std::ios::binary);
    out.write(content.data(), static_cast<std::streamsize>(content.size()));
    if (!out) note(fail(make_error(ErrorKind::kIo, "create " + at(path))));
  }
  if (status_) note(set_time(full, kOldTimeS, 0));
  return *this;
}

TreeMaker& TreeMaker::directory(const std::string& path) {
  std::error_code code;
  if (status_) stdfs::create_directories(wide(at(path)), code);
  note(from_code(code, "make directory " + at(path)));
  return *this;
}

TreeMaker& TreeMaker::symlink(const std::string& /*path*/, const std::string& /*link_target*/) {
  note(not_here("a symbolic link"));
  return *this;
}

TreeMaker& TreeMaker::hard_link(const std::string& path, const std::string& existing) {
  std::error_code code;
  if (status_) stdfs::create_hard_link(wide(at(existing)), wide(at(path)), code);
  note(from_code(code, "make hard link " + at(path)));
  return *this;
}

TreeMaker& TreeMaker::sparse_file(const std::string& /*path*/, std::uint64_t /*bytes*/,
                                  std::string_view /*content*/) {
  note(not_here("a sparse file"));
  return *this;
}

TreeMaker& TreeMaker::mode(const std::string& path, std::uint32_t mode) {
  if (!status_) return *this;
  // What Windows has of a mode is the read-only attribute.
  std::error_code code;
  stdfs::permissions(wide(at(path)), static_cast<stdfs::perms>(mode), code);
  note(from_code(code, "set mode of " + at(path)));
  return *this;
}

TreeMaker& TreeMaker::time(const std::string& path, std::int64_t seconds,
                           std::uint32_t nanoseconds) {
  if (status_) note(set_time(wide(at(path)), seconds, nanoseconds));
  return *this;
}

TreeMaker& TreeMaker::settle() {
  directory("");
  return *this;
}

TreeMaker& TreeMaker::give_away() {
  note(not_here("a tree of another user"));
  return *this;
}

Result<std::string> traces_of_writing(const std::string& /*root*/) {
  return fail(make_error(ErrorKind::kUnsupported, "nothing tells a rewritten file on Windows yet"));
}

std::vector<std::string> unprivileged_prefix() { return {}; }

}  // namespace robosync::parity
