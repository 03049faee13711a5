#include "cli/command_line.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "cli/request_text_testing.h"

namespace robosync::cli {
namespace {

using Words = std::vector<std::string>;

base::Result<Invocation> parse(const Words& words, Verb verb = Verb::kCopy) {
  return parse_command_line(verb, words, bare_context());
}

std::string error_of(const Words& words, Verb verb = Verb::kCopy) {
  const auto parsed = parse(words, verb);
  if (parsed) return "";
  EXPECT_EQ(parsed.error().kind, base::ErrorKind::kUsage);
  return parsed.error().message();
}

std::string filters_of(const Words& words) {
  const auto parsed = parse(words);
  if (!parsed) return parsed.error().message();
  std::string text;
  for (const tree::FilterArgument& filter : parsed->request.filters) {
    text += fmt::format("{}:{} ", static_cast<int>(filter.form), filter.text);
  }
  return text;
}

TEST(CommandLine, FiltersKeepTheirOrderAcrossOptions) {
  EXPECT_EQ(filters_of({"--include", "a", "--exclude", "b", "--include", "c", "-f", "- d",
                        "--exclude-from", "e", "--exclude=f", "--include-from=g", "--filter=+ h",
                        "s", "t"}),
            "1:a 0:b 1:c 2:- d 3:content of e 0:f 4:content of g 2:+ h ");
  EXPECT_EQ(filters_of({"s", "--exclude", "b", "t", "--include", "a"}), "0:b 1:a ")
      << "options may stand among and after operands";
}

TEST(CommandLine, ValuesArriveByteForByte) {
  const Words odd = {"[abc]", "[a,b]", "{}",  "a=b",   "",    "-n", "--", "--foo=", "\x01",
                     "a\x01", "\xff",  "a\n", " b  c", "\"q", "'",  "\\", "%s",     "--dry-run"};
  for (const std::string& value : odd) {
    SCOPED_TRACE(value);
    EXPECT_EQ(filters_of({"--exclude", value, "s", "t"}), "0:" + value + " ");
    EXPECT_EQ(filters_of({"--exclude=" + value, "s", "t"}), "0:" + value + " ");
  }
}

TEST(CommandLine, OperandsArriveByteForByte) {
  for (const std::string& name : Words{"[abc]", "[a,b]", "++", "-", "{}", "mirror", "copy", "a=b",
                                       "\xff", "a\n", "\x01", "/n", "help"}) {
    const auto parsed = parse({name, "t"});
    ASSERT_TRUE(parsed) << name;
    EXPECT_EQ(parsed->request.sources, Words{name});
    EXPECT_EQ(parsed->request.target, "t");
  }
  const auto after = parse({"-n", "--", "-v", "--json", "--", "-5", "--x="});
  ASSERT_TRUE(after);
  EXPECT_TRUE(after->request.dry_run);
  EXPECT_EQ(after->request.sources, (Words{"-v", "--json", "--", "-5"}));
  EXPECT_EQ(after->request.target, "--x=");
}

TEST(CommandLine, AnEmptyValueAfterAnEqualsSignIsAValue) {
  const auto parsed = parse({"--backup-dir=old", "--suffix=", "s", "t"});
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->request.sources, Words{"s"});
  EXPECT_EQ(filters_of({"--exclude=", "s", "t"}), "0: ");
}

TEST(CommandLine, ShortOptionsMayStandTogether) {
  const auto parsed = parse({"-avnHf- *.o", "-xc", "s", "t"});
  ASSERT_TRUE(parsed) << parsed.error().message();
  EXPECT_TRUE(parsed->request.dry_run);
  EXPECT_TRUE(parsed->request.keep_hard_links);
  EXPECT_TRUE(parsed->request.one_file_system);
  EXPECT_EQ(parsed->request.comparison, Comparison::kDigest);
  EXPECT_EQ(parsed->output.verbosity, 1U);
  EXPECT_EQ(parsed->request.filters.at(0).text, "- *.o");
}

TEST(CommandLine, TheLastOfSeveralValuesCounts) {
  EXPECT_EQ(parse({"--threads", "2", "--threads=5", "s", "t"})->request.threads, 5U);
  EXPECT_EQ(parse({"--no-progress", "--progress", "s", "t"})->output.progress, Wish::kYes);
}

TEST(CommandLine, OperandsPerVerb) {
  EXPECT_EQ(parse({"a", "b", "c"})->request.sources, (Words{"a", "b"}));
  EXPECT_EQ(parse({"a", "b", "c"}, Verb::kMove)->request.target, "c");
  EXPECT_EQ(parse({"a", "b"}, Verb::kMirror)->request.verb, Verb::kMirror);
  for (const Verb verb : kVerbs) {
    const std::string name(to_string(verb));
    EXPECT_EQ(error_of({}, verb),
              name + ": needs a SOURCE and a TARGET; see robosync help " + name);
    EXPECT_EQ(error_of({"a"}, verb),
              name + ": needs a TARGET after the SOURCE; see robosync help " + name);
    EXPECT_EQ(error_of({"", "b"}, verb), name + ": a SOURCE or TARGET is an empty name");
    EXPECT_EQ(error_of({"a", ""}, verb), name + ": a SOURCE or TARGET is an empty name");
  }
  for (const Verb verb : {Verb::kMirror, Verb::kVerify}) {
    EXPECT_NE(error_of({"a", "b", "c"}, verb).find("but there are 3 names"), std::string::npos);
  }
}

TEST(CommandLine, VerifyComparesContentByDefault) {
  EXPECT_EQ(parse({"s", "t"}, Verb::kVerify)->request.comparison, Comparison::kDigest);
  EXPECT_EQ(parse({"s", "t"}, Verb::kMirror)->request.comparison, Comparison::kQuick);
}

TEST(CommandLine, OptionsOfOtherVerbsAreRefusedWithTheReason) {
  std::size_t refused = 0;
  for (const OptionSpec& spec : option_table()) {
    for (const Verb verb : kVerbs) {
      if (spec.verbs.contains(verb)) continue;
      Words words = {spec.id()};
      if (!spec.value.empty()) words.emplace_back("1");
      words.insert(words.end(), {"s", "t"});
      EXPECT_EQ(error_of(words, verb),
                fmt::format("{}: not for {}: {}", spec.id(), to_string(verb), spec.refusal));
      ++refused;
    }
  }
  // copy and move: the 4 options of deletion; verify: those and 23 that are about writing.
  EXPECT_EQ(refused, 4U + 4U + 23U);
}

TEST(CommandLine, OptionsThatContradictEachOtherAreRefused) {
  const std::map<std::string, Words> rows = {
      {"--checksum and --size-only exclude each other", {"-c", "--size-only"}},
      {"--quick and --ignore-times exclude each other", {"-I", "--quick"}},
      {"--copy-links and --skip-links exclude each other", {"--skip-links", "-L"}},
      {"--quiet and --verbose exclude each other", {"-qv"}},
      {"--quiet and --itemize exclude each other", {"-qi"}},
      {"--quiet and --json exclude each other", {"-q", "--json"}},
      {"--quiet and --stats exclude each other", {"-q", "--stats"}},
      {"--quiet and --progress exclude each other", {"-q", "--progress"}},
      {"--inplace and --partial exclude each other: what is written in place stays there anyway",
       {"--inplace", "--partial"}},
      {"--inplace and --backup exclude each other: the old content is overwritten",
       {"--backup-dir=x", "--in-place"}},
      {"--suffix: has no effect without --backup", {"--suffix", "x"}},
      {"--token-file: has no effect: no name is one at robosync://", {"--token-file", "x"}},
      {"--rsh: has no effect: no name is one at HOST:PATH", {"-e", "x"}},
      {"--timeout: has no effect: no name is one at a server", {"--timeout", "20"}},
      {"--suffix: may be empty only with --backup-dir, or the backup would have the name of the "
       "original",
       {"-b", "--suffix", ""}},
      {"--from0: has no effect without --files-from, --exclude-from or --include-from", {"-0"}},
      {"standard input (-) can be read only once, for one option",
       {"--files-from", "-", "--exclude-from", "-"}},
      {"--min-size is larger than --max-size: no file can be both",
       {"--min-size", "2", "--max-size", "1"}},
      {"--min-age is longer than --max-age: no file can be both",
       {"--min-age", "2", "--max-age", "1"}},
      {"--reflink always and --no-fast-path clone exclude each other",
       {"--reflink", "always", "--no-fast-path", "all"}},
  };
  for (auto [message, words] : rows) {
    words.insert(words.end(), {"s", "t"});
    EXPECT_EQ(error_of(words), message);
  }
}

TEST(CommandLine, ValuesThatAreNoneAreRefusedByName) {
  const std::map<std::string, Words> rows = {
      {"--reflink: 'maybe' is not one of auto, always, never", {"--reflink", "maybe"}},
      {"--digest: 'md5' is not one of xxh3, sha256", {"--digest=md5"}},
      {"--threads: '257' is not a whole number from 0 to 256", {"--threads", "257"}},
      {"--retry-wait: '86401' is more than a day", {"--retry-wait", "86401"}},
      {"--suffix: '/x' has a slash in it", {"-b", "--suffix", "/x"}},
      {"--backup-dir: needs a directory", {"--backup-dir="}},
      {"--log-file: needs a file name", {"--log-file="}},
      {"--max-size: 'big' is not a size (such as 100, 64K, 1.5GiB or 2MB)", {"--max-size=big"}},
      {"--verbose: takes no value", {"--verbose=2"}},
  };
  for (auto [message, words] : rows) {
    words.insert(words.end(), {"s", "t"});
    EXPECT_EQ(error_of(words), message);
  }
  EXPECT_EQ(error_of({"s", "t", "--exclude"}), "--exclude: needs a value");
  EXPECT_EQ(error_of({"s", "t", "--chmod", "u+q"}).substr(0, 9), "--chmod: ");
}

TEST(CommandLine, UnknownOptionsComeWithAdvice) {
  EXPECT_EQ(error_of({"--frobnicate=3", "s", "t"}),
            "--frobnicate: no such option; see robosync help copy, and put -- before a name that "
            "begins with -");
  EXPECT_EQ(error_of({"-avz", "s", "t"}),
            "-z: no such option; a connection compresses where that pays, see --no-compress");
  EXPECT_EQ(error_of({"--delete", "s", "t"}),
            "--delete: no such option; mirror deletes what the source does not have");
  EXPECT_NE(error_of({"-5", "t"}).find("put -- before"), std::string::npos);
}

TEST(CommandLine, EveryAdviceIsAboutAnOptionThatIsNone) {
  for (const OptionSpec& spec : option_table()) {
    for (const std::string& name : spec.all_names()) {
      Words words = {name};
      if (!spec.value.empty()) words.emplace_back("1");
      words.insert(words.end(), {"s", "t"});
      EXPECT_EQ(error_of(words, Verb::kMirror).find("no such option"), std::string::npos) << name;
    }
  }
}

TEST(CommandLine, TheEnvironmentStandsBehindOptions) {
  CommandLineContext context = bare_context();
  std::map<std::string, std::string> variables = {{"ROBOSYNC_THREADS", "3"},
                                                  {"ROBOSYNC_BWLIMIT", "1M"}};
  context.variable = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  const auto run = [&](const Words& words, Verb verb = Verb::kCopy) {
    return parse_command_line(verb, words, context);
  };
  EXPECT_EQ(run({"s", "t"})->request.threads, 3U);
  EXPECT_EQ(run({"s", "t"})->request.bytes_per_second_max, 1U << 20U);
  EXPECT_EQ(run({"--threads=5", "--bwlimit=0", "s", "t"})->request.threads, 5U);
  EXPECT_EQ(run({"--threads=5", "--bwlimit=0", "s", "t"})->request.bytes_per_second_max, 0U);
  EXPECT_EQ(run({"s", "t"}, Verb::kVerify)->request.bytes_per_second_max, 0U)
      << "verify writes nothing that could be limited";
  variables = {{"ROBOSYNC_THREADS", "many"}};
  EXPECT_EQ(run({"s", "t"}).error().message(),
            "ROBOSYNC_THREADS: 'many' is not a whole number from 0 to 256");
  variables = {{"ROBOSYNC_THREADS", ""}, {"ROBOSYNC_BWLIMIT", "x"}};
  EXPECT_EQ(run({"s", "t"}).error().message().substr(0, 17), "ROBOSYNC_BWLIMIT:");
}

TEST(CommandLine, FilesThatCannotBeReadEndIt) {
  CommandLineContext context = bare_context();
  std::vector<std::pair<std::string, std::uint64_t>> asked;
  context.read_file = [&](const std::string& path,
                          std::uint64_t bytes_max) -> base::Result<std::string> {
    asked.emplace_back(path, bytes_max);
    return base::fail(base::make_error(base::ErrorKind::kNotFound, "open " + path));
  };
  const auto failed = parse_command_line(Verb::kCopy, {"--exclude-from=x", "s", "t"}, context);
  EXPECT_EQ(failed.error().kind, base::ErrorKind::kNotFound);
  EXPECT_EQ(failed.error().message(), "open x");
  const auto listed = parse_command_line(Verb::kCopy, {"--files-from=l", "s", "t"}, context);
  EXPECT_EQ(listed.error().message(), "open l");
  const std::vector<std::pair<std::string, std::uint64_t>> expected = {
      {"x", tree::kFilterFileBytesMax}, {"l", kFileListBytesMax}};
  EXPECT_EQ(asked, expected);
}

TEST(CommandLine, FilesFromIsReadWithItsSeparator) {
  CommandLineContext context = bare_context();
  context.read_file = [](const std::string&, std::uint64_t) -> base::Result<std::string> {
    return std::string("a\nb\0c\n", 6);
  };
  const auto names = [&](Words words) {
    words.insert(words.end(), {"s", "t"});
    const auto parsed = parse_command_line(Verb::kCopy, words, context);
    Words found;
    if (!parsed) return found;
    for (const auto& [name, node] : parsed->request.files_from->root().children) {
      found.push_back(name);
    }
    return found;
  };
  EXPECT_EQ(names({"-0", "--files-from", "l"}), (Words{"a\nb", "c\n"}));
  context.read_file = [](const std::string&, std::uint64_t) -> base::Result<std::string> {
    return "a\n/../x\n";
  };
  const auto bad = parse_command_line(Verb::kCopy, {"--files-from", "l", "s", "t"}, context);
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().message().substr(0, 15), "--files-from l:");
}

TEST(CommandLine, HelpIsAskedForAnywhere) {
  EXPECT_TRUE(parse({"--help"})->help);
  EXPECT_TRUE(parse({"s", "-h"})->help);
  EXPECT_FALSE(parse({"s", "t"})->help);
}

}  // namespace
}  // namespace robosync::cli
