// What each option does to the Request: exactly the fields that a row below names, nothing else.
#include "cli/option_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "cli/command_app.h"
#include "cli/request_text_testing.h"

namespace robosync::cli {
namespace {

struct Row {
  std::vector<std::string> words;  // each with an option's name in front
  std::string changes;             // joined by blanks
  Verb verb = Verb::kCopy;
  std::vector<std::string> with = {};  // what it needs besides
  std::string target = "dst";
};

const std::vector<Row>& run_rows() {
  static const std::vector<Row> kRows = {
      {{"-n"}, "dry_run=true"},
      {{"--dry-run"}, "dry_run=true"},
      {{"-a"}, ""},
      {{"--archive"}, ""},
      {{"-r"}, ""},
      {{"--recursive"}, ""},
      {{"--threads", "3"}, "threads=3"},
      {{"--retries", "7"}, "retries=7"},
      {{"--retry-wait", "1.5"}, "retry_wait_ms=1500"},
      {{"-W"}, "whole_files=true"},
      {{"--whole-file"}, "whole_files=true"},
      {{"--no-fast-path", "clone"}, "clone=false"},
      {{"--no-fast-path", "copy-range"}, "copy_range=false"},
      {{"--no-fast-path", "parallel"}, "parallel_ranges=false"},
      {{"--no-fast-path", "staged-dirs"}, "staged_directories=false"},
      {{"--no-fast-path", "holes"}, "holes=false"},
      {{"--no-fast-path", "all"},
       "clone=false copy_range=false parallel_ranges=false staged_directories=false holes=false"},
      {{"--quick"}, ""},
      {{"--quick"}, "comparison=0", Verb::kVerify},
      {{"-c"}, "comparison=2"},
      {{"--checksum"}, "comparison=2"},
      {{"--checksum"}, "", Verb::kVerify},
      {{"--size-only"}, "comparison=1"},
      {{"--size-only"}, "comparison=1", Verb::kVerify},
      {{"-I"}, "comparison=3"},
      {{"--ignore-times"}, "comparison=3"},
      {{"--digest", "xxh3"}, ""},
      {{"--digest", "sha256"}, "digest=1"},
      {{"-@", "2"}, "modify_window_ns=2000000000"},
      {{"--modify-window", "0.1"}, "modify_window_ns=100000000"},
      {{"-u"}, "update_only_newer=true"},
      {{"--update"}, "update_only_newer=true"},
      {{"--existing"}, "existing_only=true"},
      {{"--ignore-existing"}, "ignore_existing=true"},
  };
  return kRows;
}

// Each over a carrier that it is about.
const std::vector<Row>& connection_rows() {
  const std::string tls = "robosync://h/m";
  const std::string tcp = "robosync+tcp://h/m";
  const std::string ssh = "host:d";
  static const std::vector<Row> kRows = {
      {{"--token-file", "t"}, "token_file=t", Verb::kCopy, {}, tls},
      {{"--tls-ca", "c"}, "ca_file=c", Verb::kCopy, {}, tls},
      {{"--tls-fingerprint", "SHA256:x"}, "fingerprint=SHA256:x", Verb::kCopy, {}, tls},
      {{"--tls-certificate", "c"},
       "certificate_file=c key_file=k",
       Verb::kCopy,
       {"--tls-key", "k"},
       tls},
      {{"--tls-key", "k"},
       "certificate_file=c key_file=k",
       Verb::kCopy,
       {"--tls-certificate", "c"},
       tls},
      {{"--known-hosts", "k"}, "known_hosts_file=k", Verb::kCopy, {}, tls},
      {{"-e", "ssh -p 22"}, "shell=ssh|-p|22", Verb::kCopy, {}, ssh},
      {{"--rsh", "'a' \"b\""}, "shell=a|b", Verb::kCopy, {}, ssh},
      {{"--remote-program", "/r"}, "remote_program=/r", Verb::kCopy, {}, ssh},
      {{"--no-compress"}, "compress=false", Verb::kCopy, {}, ssh},
      {{"--connections", "4"}, "connections=4", Verb::kCopy, {}, tcp},
      {{"--timeout", "10"}, "no_progress_time_ms=10000", Verb::kCopy, {}, ssh},
      {{"--contimeout", "1"}, "connect_time_ms=1000", Verb::kCopy, {}, tcp},
  };
  return kRows;
}

const std::vector<Row>& selection_rows() {
  static const std::vector<Row> kRows = {
      {{"--exclude", "*.o"}, "filters=0:*.o"},
      {{"--include", "*.c"}, "filters=1:*.c"},
      {{"--exclude-from", "x"}, "filters=3:content of x"},
      {{"--include-from", "-"}, "filters=4:content of -"},
      {{"-f", "- a"}, "filters=2:- a"},
      {{"--filter", "+ b"}, "filters=2:+ b"},
      {{"--files-from", "l"}, "files_from=<content of l>"},
      {{"-0"}, "filters=3:content of x:nul", Verb::kCopy, {"--exclude-from", "x"}},
      {{"--from0"}, "filters=4:content of x:nul", Verb::kCopy, {"--include-from", "x"}},
      {{"--min-size", "10"}, "size_min=10"},
      {{"--max-size", "1K"}, "size_max=1024"},
      {{"--min-age", "90"}, "age_min=90000000000"},
      {{"--max-age", "1h"}, "age_max=3600000000000"},
      {{"-x"}, "one_file_system=true"},
      {{"--one-file-system"}, "one_file_system=true"},
      {{"-m"}, "prune_empty_directories=true"},
      {{"--prune-empty-dirs"}, "prune_empty_directories=true"},
      {{"-l"}, ""},
      {{"--links"}, ""},
      {{"-L"}, "links=1"},
      {{"--copy-links"}, "links=1"},
      {{"--safe-links"}, "links=2"},
      {{"--copy-unsafe-links"}, "links=3"},
      {{"--skip-links"}, "links=4"},
      {{"--junctions", "keep"}, ""},
      {{"--junctions", "follow"}, "junctions=1"},
      {{"--junctions=skip"}, "junctions=2"},
      {{"--links-fallback=skip"}, ""},
      {{"--links-fallback", "copy"}, "links_fallback=1"},
  };
  return kRows;
}

const std::vector<Row>& attribute_rows() {
  static const std::vector<Row> kRows = {
      {{"-H"}, "keep_hard_links=true"},
      {{"--hard-links"}, "keep_hard_links=true"},
      {{"-X"}, "keep_xattrs=true"},
      {{"--xattrs"}, "keep_xattrs=true"},
      {{"-A"}, "keep_acls=true"},
      {{"--acls"}, "keep_acls=true"},
      {{"--no-perms"}, "keep_permissions=false"},
      {{"--no-times"}, "keep_times=false"},
      {{"--no-owner"}, "keep_owner=false"},
      {{"--no-group"}, "keep_group=false"},
      {{"--no-devices"}, "keep_devices=false"},
      {{"--numeric-ids"}, "numeric_ids=true"},
      {{"--chmod", "u+x"}, "chmod=u+x"},
      {{"--chmod", "u+x"},
       "chmod=u+x,g-r,g-w,g+w,o=r",
       Verb::kCopy,
       {"--chmod", "g-r,g-w,g+w,o=r"}},
      {{"--illegal-names=skip"}, ""},
      {{"--illegal-names", "map"}, "illegal_names=1"},
      {{"-S"}, "sparse=true"},
      {{"--sparse"}, "sparse=true"},
      {{"--inplace"}, "in_place=true"},
      {{"--in-place"}, "in_place=true"},
      {{"--partial"}, "keep_partial=true"},
      {{"--preallocate"}, "preallocate=true"},
      {{"--fsync"}, "fsync=true"},
      {{"--verify-after"}, "verify_after=true"},
      {{"--reflink", "auto"}, ""},
      {{"--reflink", "always"}, "reflink=1"},
      {{"--reflink", "never"}, "reflink=2"},
      {{"--bwlimit", "100"}, "bytes_per_second_max=102400"},
      {{"--bwlimit", "1.5m"}, "bytes_per_second_max=1572864"},
      {{"-b"}, "backup=true"},
      {{"--backup"}, "backup=true"},
      {{"--backup-dir", "old"}, "backup=true backup_dir=old"},
      {{"--suffix", ".bak"}, "backup=true backup_suffix=.bak", Verb::kCopy, {"-b"}},
  };
  return kRows;
}

const std::vector<Row>& other_rows() {
  static const std::vector<Row> kRows = {
      {{"--delete-excluded"}, "delete_excluded=true", Verb::kMirror},
      {{"--max-delete", "0"}, "delete_count=0", Verb::kMirror},
      {{"--max-delete", "12.5%"}, "delete_percent=12.5", Verb::kMirror},
      {{"--allow-empty-source"}, "allow_empty_source=true", Verb::kMirror},
      {{"-y"}, "assume_yes=true", Verb::kMirror},
      {{"--yes"}, "assume_yes=true", Verb::kMirror},
      {{"-v"}, "verbosity=1"},
      {{"-vv"}, "verbosity=2"},
      {{"--verbose"}, "verbosity=2", Verb::kCopy, {"--verbose"}},
      {{"-q"}, "quiet=true"},
      {{"--quiet"}, "quiet=true"},
      {{"-i"}, "itemize=1"},
      {{"--itemize"}, "itemize=1"},
      {{"--itemize-changes"}, "itemize=1"},
      {{"--progress"}, "progress=1"},
      {{"--no-progress"}, "progress=2"},
      {{"--stats"}, "stats=true"},
      {{"--json"}, "json=true"},
      {{"--log-file", "log"}, "log_file=log"},
  };
  return kRows;
}

std::vector<Row> all_rows() {
  std::vector<Row> rows;
  for (const auto* part :
       {&run_rows(), &connection_rows(), &selection_rows(), &attribute_rows(), &other_rows()}) {
    rows.insert(rows.end(), part->begin(), part->end());
  }
  return rows;
}

std::string changes_of(const Row& row) {
  std::vector<std::string> words = row.words;
  words.insert(words.end(), row.with.begin(), row.with.end());
  words.insert(words.end(), {"src", row.target});
  const auto plain = parse_command_line(row.verb, {"src", row.target}, bare_context());
  const auto changed = parse_command_line(row.verb, words, bare_context());
  if (!plain || !changed) return changed ? "" : changed.error().message();
  return fmt::format("{}", fmt::join(changed_lines(*plain, *changed), " "));
}

TEST(OptionTable, EachOptionSetsItsFieldsAndNoOther) {
  for (const Row& row : all_rows()) {
    SCOPED_TRACE(fmt::format("{} {}", to_string(row.verb), fmt::join(row.words, " ")));
    EXPECT_EQ(changes_of(row), row.changes);
  }
}

TEST(OptionTable, EachValueMayFollowAnEqualsSign) {
  for (const Row& row : all_rows()) {
    if (row.words.size() != 2 || !row.words[0].starts_with("--")) continue;
    Row joined = row;
    joined.words = {row.words[0] + "=" + row.words[1]};
    SCOPED_TRACE(joined.words[0]);
    EXPECT_EQ(changes_of(joined), row.changes);
  }
}

TEST(OptionTable, EachNameRegisteredHasARow) {
  std::set<std::string> tested;
  for (const Row& row : all_rows()) tested.insert(row.words[0]);
  for (const Verb verb : kVerbs) {
    for (const std::string& name : option_names(*make_app(verb))) {
      if (name == "-h" || name == "--help") continue;
      EXPECT_TRUE(tested.contains(name)) << name << " has no row in this test";
    }
  }
}

TEST(OptionTable, TextsAreThereAndFitTheirPlace) {
  std::set<std::string> names;
  for (const OptionSpec& spec : option_table()) {
    SCOPED_TRACE(spec.names);
    EXPECT_TRUE(spec.id().starts_with("--"));
    EXPECT_FALSE(spec.help.empty() || spec.help.ends_with('.'));
    bool everywhere = true;
    for (const Verb verb : kVerbs) everywhere = everywhere && spec.verbs.contains(verb);
    EXPECT_EQ(spec.refusal.empty(), everywhere) << "a refusal says why";
    for (const std::string& name : spec.all_names()) {
      EXPECT_TRUE(names.insert(name).second) << name << " twice";
    }
  }
}

}  // namespace
}  // namespace robosync::cli
