// Every rule of ci/tidy_rules.h on a snippet it accepts and one it refuses, then all of them on the
// repository itself.
#include "ci/tidy_rules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "ci/source_text.h"

namespace robosync::ci {
namespace {

bool clean(const Findings& findings) { return findings.empty(); }

std::string repeated(std::string_view line, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += line;
  return text;
}

TEST(SourceText, CommentsAndLiteralsAreNotCode) {
  const std::string text =
      "int a = 1'000; // say \"hi\"\n"
      "auto s = \"// no\"; /* x\ny */ char c = '\"';\n"
      "auto r = R\"x(})\" ; )x\";\n";
  const SourceText split = split_source(text);
  EXPECT_EQ(split.code.size(), text.size());
  EXPECT_EQ(split.code.find("say"), std::string::npos);
  EXPECT_EQ(split.code.find("no"), std::string::npos);
  EXPECT_EQ(split.code.find('}'), std::string::npos);
  EXPECT_NE(split.code.find("char c = "), std::string::npos);
  EXPECT_NE(split.comments.find("// say \"hi\""), std::string::npos);
  EXPECT_EQ(split.comments.find("no"), std::string::npos);
  EXPECT_EQ(lines_of(split.code).size(), 4U);
}

TEST(SourceText, WordsAreWhole) {
  EXPECT_EQ(find_word("subclass class", "class"), 9U);
  EXPECT_EQ(find_word("class_ classy", "class"), std::string_view::npos);
}

TEST(Rules, LayerOfAPath) {
  EXPECT_EQ(layer_of("engine/fs/fs_linux.cc"), "fs");
  EXPECT_EQ(layer_of("engine/sync.h"), "engine");
  EXPECT_EQ(layer_of("cli/main_robosync.cc"), "cli");
  EXPECT_EQ(layer_of("docs/style.md"), "");
}

TEST(Rules, IncludesGoDownTheLayers) {
  EXPECT_TRUE(clean(check_include_direction(
      {"engine/fs/a.cc",
       "#include <x>\n#include \"engine/base/e.h\"\n#include \"engine/fs/f.h\"\n"})));
  EXPECT_TRUE(clean(check_include_direction({"cli/a.cc", "#include \"robosync/version.h\"\n"})));
  EXPECT_TRUE(clean(check_include_direction({"engine/base/a.cc", "// #include \"cli/x.h\"\n"})));
  const Findings up =
      check_include_direction({"engine/base/a.cc", "\n#include \"engine/fs/f.h\"\n"});
  ASSERT_EQ(up.size(), 1U);
  EXPECT_EQ(up[0].line, 2U);
  EXPECT_FALSE(
      clean(check_include_direction({"engine/plan/a.cc", "#include \"engine/fs/f.h\"\n"})));
  EXPECT_FALSE(clean(check_include_direction({"engine/sync.cc", "#include \"cli/x.h\"\n"})));
  EXPECT_FALSE(clean(check_include_direction({"engine/base/a.cc", "#include \"error.h\"\n"})));
  EXPECT_FALSE(clean(check_include_direction({"engine/extra/a.cc", ""})));
}

TEST(Rules, ForeignHeadersStandWhereTheyBelong) {
  const auto ok = [](const char* path, const char* name) {
    return clean(check_foreign_includes({path, "#include <" + std::string(name) + ">\n"}));
  };
  EXPECT_TRUE(ok("engine/base/a.h", "string_view"));
  EXPECT_TRUE(ok("engine/fs/fs_linux.cc", "sys/stat.h"));
  EXPECT_TRUE(ok("engine/fs/fs_linux_test.cc", "unistd.h"));
  EXPECT_TRUE(ok("cli/e2e/process_linux_testing.h", "sys/types.h"));
  EXPECT_TRUE(ok("engine/fs/fs_win32.cc", "windows.h"));
  EXPECT_TRUE(ok("engine/base/digest.cc", "xxhash.h"));
  EXPECT_TRUE(ok("engine/base/digest_posix.cc", "openssl/evp.h"));
  EXPECT_TRUE(ok("engine/fs/fs_test.cc", "gtest/gtest.h"));
  EXPECT_TRUE(ok("cli/options.cc", "CLI/CLI.hpp"));
  EXPECT_TRUE(ok("engine/tree/a_bench.cc", "benchmark/benchmark.h"));
  EXPECT_FALSE(ok("engine/base/a.h", "fmt/format.h"));
  EXPECT_FALSE(ok("engine/fs/handle_posix.h", "unistd.h"));
  EXPECT_FALSE(ok("engine/fs/fs.cc", "unistd.h"));
  EXPECT_FALSE(ok("engine/fs/fs_posix.cc", "windows.h"));
  EXPECT_FALSE(ok("engine/plan/plan.cc", "xxhash.h"));
  EXPECT_FALSE(ok("engine/base/digest.cc", "openssl/evp.h"));
  EXPECT_FALSE(ok("engine/sync.cc", "CLI/CLI.hpp"));
  EXPECT_FALSE(ok("engine/sync.cc", "nlohmann/json.hpp"));
  EXPECT_FALSE(ok("engine/fs/fs.cc", "gtest/gtest.h"));
}

TEST(Rules, PureLayersDoNothing) {
  EXPECT_TRUE(clean(check_purity({"engine/plan/plan.cc", "#include <vector>\nint f();\n"})));
  EXPECT_TRUE(clean(check_purity({"engine/fs/fs.cc", "#include <thread>\n"})));
  EXPECT_TRUE(clean(check_purity({"engine/plan/plan_test.cc", "#include <fstream>\n"})));
  EXPECT_FALSE(clean(check_purity({"engine/plan/plan.cc", "#include <filesystem>\n"})));
  EXPECT_FALSE(clean(check_purity({"engine/tree/a.cc", "auto* p = std::getenv(\"A\");\n"})));
}

TEST(Rules, PlatformConditionsStandInBase) {
  EXPECT_TRUE(clean(check_platform_conditions({"engine/base/a.cc", "#ifdef _WIN32\n#endif\n"})));
  EXPECT_TRUE(
      clean(check_platform_conditions({"engine/fs/a.cc", "// not _WIN32\n#ifdef X\n#endif\n"})));
  EXPECT_FALSE(clean(check_platform_conditions({"engine/fs/a.cc", "#ifdef _WIN32\n#endif\n"})));
  EXPECT_FALSE(clean(check_platform_conditions({"cli/a.cc", "#if defined(__linux__)\n#endif\n"})));
}

TEST(Rules, FileNamesSayWhatTheyAreFor) {
  EXPECT_TRUE(clean(check_file_name({"engine/base/error.h", ""})));
  EXPECT_TRUE(clean(check_file_name({"ci/linux/tidy.py", ""})));
  EXPECT_FALSE(clean(check_file_name({"engine/base/string_util.h", ""})));
  EXPECT_FALSE(clean(check_file_name({"ci/misc.sh", ""})));
  EXPECT_FALSE(clean(check_file_name({"engine/fs/test_helpers.cc", ""})));
  EXPECT_FALSE(clean(check_file_name({"engine/fs/MemoryFs.cc", ""})));
}

TEST(Rules, FilesHaveALimit) {
  EXPECT_TRUE(clean(check_file_length({"a.cc", repeated("x\n", kFileLinesMax)})));
  const std::string long_text = repeated("x\n", kFileLinesMax + 1);
  EXPECT_FALSE(clean(check_file_length({"a.cc", long_text})));
  EXPECT_FALSE(clean(check_file_length({"reports/policy.json", long_text})));
  EXPECT_TRUE(clean(check_file_length({"reports/runs/2026-11-23-a/ci.json", long_text})));
  EXPECT_TRUE(clean(check_file_length({"reports/baselines/a.json", long_text})));
}

TEST(Rules, FunctionsHaveALimit) {
  const auto lengths = [](const std::string& text) {
    return check_function_length({"a.cc", text});
  };
  const std::string most = repeated("  f(\"}\");  // }\n", kFunctionLinesMax - 2);
  const std::string over = repeated("  if (x) { y(); }\n", kFunctionLinesMax - 1);
  EXPECT_TRUE(clean(lengths("int f() {\n" + most + "}\n")));
  EXPECT_TRUE(clean(lengths("#define M(x) {\\\n  {\nclass X : public Y {\n" + over + "};\n")));
  EXPECT_TRUE(clean(lengths("const int kTable[] = {\n" + repeated("1,\n", 100) + "};\n")));
  const Findings one =
      lengths("namespace a {\n\nstruct S {\n  S(int x)\n      : y{x} {\n" + over + "  }\n};\n}\n");
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].line, 4U);
  EXPECT_FALSE(clean(lengths("int f(std::vector<int> v = {}) {\n" + over + "}\n")));
  EXPECT_FALSE(clean(lengths("TEST(A, B) {\n" + over + "}\n")));
  EXPECT_FALSE(clean(lengths("template <class T>\nauto f(T t) -> int {\n" + over + "}\n")));
  EXPECT_FALSE(clean(lengths("extern \"C\" {\nint f() {\n" + over + "}\n}\n")));
}

TEST(Rules, WhitespaceIsPlain) {
  EXPECT_TRUE(clean(check_whitespace({"a.md", "one\n\ntwo\n"})));
  EXPECT_TRUE(clean(check_whitespace({"a.md", ""})));
  EXPECT_FALSE(clean(check_whitespace({"a.md", "a\tb\n"})));
  EXPECT_FALSE(clean(check_whitespace({"a.md", "a \n"})));
  EXPECT_FALSE(clean(check_whitespace({"a.md", "a\r\n"})));
  EXPECT_FALSE(clean(check_whitespace({"a.md", "a"})));
  EXPECT_FALSE(clean(check_whitespace({"a.md", "a\n\n"})));
}

TEST(Rules, HeadersTellWhatTheyAre) {
  const std::string story = "// Says what this header is for.\n";
  EXPECT_TRUE(clean(check_header_opening({"a.h", story + "#pragma once\n"})));
  EXPECT_TRUE(clean(check_header_opening({"a.cc", "int x;\n"})));
  EXPECT_FALSE(clean(check_header_opening({"a.h", "#pragma once\n"})));
  EXPECT_FALSE(clean(check_header_opening({"a.h", "// A.\n#pragma once\n"})));
  EXPECT_FALSE(clean(check_header_opening({"a.h", story + "#ifndef A_H\n#define A_H\n#endif\n"})));
}

TEST(Rules, ResultsAreNodiscard) {
  const auto ok = [](const std::string& text) { return clean(check_nodiscard({"a.h", text})); };
  EXPECT_TRUE(
      ok("struct A {\n  [[nodiscard]] virtual Result<std::vector<int>> f(int x) = 0;\n};\n"));
  EXPECT_TRUE(ok("using F = std::function<Result<int>(int)>;\n"));
  EXPECT_TRUE(ok("void g(Result<int> x);\nResult<int> member;\n"));
  EXPECT_TRUE(ok("// Result<int> f();\n"));
  EXPECT_TRUE(ok("class B : A {\n  Result<int> f(int x) override;\n};\n"));
  EXPECT_FALSE(ok("base::Result<int> f();\n"));
  EXPECT_FALSE(ok("[[nodiscard]] int a();\nvirtual Result<std::vector<int>> f(int x) = 0;\n"));
}

TEST(Rules, NothingIsSwitchedOff) {
  const auto ok = [](const std::string& text) {
    return clean(check_disabled_code({"a.cc", text}));
  };
  EXPECT_TRUE(ok("// The reader waits (see pool.h); nothing is lost.\nint x;  // in bytes;\n"));
  EXPECT_TRUE(ok("//   auto report = sync(request, observer);\n"));
  EXPECT_TRUE(ok("auto s = \"DISABLED_\";\n"));
  EXPECT_FALSE(ok("TEST(A, DISABLED_B) {}\n"));
  EXPECT_FALSE(ok("#if 0\n#endif\n"));
  EXPECT_FALSE(ok("  // close(fd);\n"));
  EXPECT_FALSE(ok("// size = next;\n"));
  EXPECT_FALSE(ok("// if (size > 0) {\n"));
  EXPECT_FALSE(ok("// #include <map>\n"));
}

TEST(Rules, SkipsAreListed) {
  const Source test{"engine/fs/a_test.cc",
                    "TEST_F(Disk, Clones) {\n  GTEST_SKIP() << \"no\";\n}\n"};
  EXPECT_TRUE(clean(check_skips(test, {"fs.Disk.Clones"})));
  EXPECT_TRUE(clean(check_skips(test, {"fs.Disk.*"})));
  EXPECT_TRUE(clean(check_skips(test, {"fs.All/Disk.Clones/*"})));
  EXPECT_FALSE(clean(check_skips(test, {"fs.Disk.Reads", "scan.Disk.Clones"})));
  const Source fixture{"cli/e2e/a_test.cc",
                       "class Root : public Test {\n  void SetUp() { GTEST_SKIP(); }\n};\n"};
  EXPECT_TRUE(clean(check_skips(fixture, {"e2e.Root.*"})));
  EXPECT_FALSE(clean(check_skips(fixture, {})));
}

TEST(Rules, PatternsAndLists) {
  EXPECT_TRUE(matches_pattern("fs.*.B?", "fs.A.B1"));
  EXPECT_FALSE(matches_pattern("fs.*.B?", "fs.A.B"));
  EXPECT_EQ(listed_patterns("# no\n\nfs.A  because\n"), std::vector<std::string>{"fs.A"});
}

// ---- the repository ----

const std::filesystem::path& root() {
  static const std::filesystem::path kRoot = ROBOSYNC_SOURCE_DIR;
  return kRoot;
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

bool is_ours(const std::filesystem::path& path) {
  static const std::vector<std::string> kEndings = {".cc", ".h",  ".cmake", ".md",
                                                    ".py", ".sh", ".json",  ".txt"};
  return std::ranges::find(kEndings, path.extension().generic_string()) != kEndings.end();
}

std::vector<Source> repository() {
  std::vector<Source> sources;
  namespace stdfs = std::filesystem;
  const auto add = [&](const stdfs::path& path) {
    if (is_ours(path)) {
      sources.push_back({path.lexically_relative(root()).generic_string(), read_text(path)});
    }
  };
  for (const stdfs::directory_entry& top : stdfs::directory_iterator(root())) {
    const std::string name = top.path().filename().generic_string();
    if (name.starts_with('.') || name.starts_with("build")) continue;
    if (!top.is_directory()) {
      add(top.path());
      continue;
    }
    for (const stdfs::directory_entry& entry : stdfs::recursive_directory_iterator(top.path())) {
      if (entry.is_regular_file()) add(entry.path());
    }
  }
  return sources;
}

// What Windows lacks, not wine, is skipped there, too.
TEST(Repository, WhatIsSkippedForWindowsSakeIsSkippedOnARealOne) {
  const std::vector<std::string> real =
      listed_patterns(read_text(root() / "ci" / "windows" / "skips-real.txt"));
  const std::string under_wine = read_text(root() / "ci" / "windows" / "skips.txt");
  for (const std::string_view line : lines_of(under_wine)) {
    const std::vector<std::string> patterns = listed_patterns(line);
    // "fs." names no test: the fixture that holds the call.
    if (patterns.empty() || patterns[0] == "fs." || line.find("wine") != std::string::npos)
      continue;
    EXPECT_NE(std::ranges::find(real, patterns[0]), real.end()) << line;
  }
}

// "RULE PATH reason" lines of ci/tidy_exceptions.txt; the value says whether it was needed.
using Exceptions = std::map<std::pair<std::string, std::string>, bool>;

Exceptions exceptions() {
  Exceptions listed;
  const std::string list = read_text(root() / "ci" / "tidy_exceptions.txt");
  for (std::string_view line : lines_of(list)) {
    line = trimmed(line);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t rule_end = std::min(line.find(' '), line.size());
    const std::string_view rest = trimmed(line.substr(rule_end));
    const std::size_t path_end = std::min(rest.find(' '), rest.size());
    EXPECT_FALSE(trimmed(rest.substr(path_end)).empty()) << "no reason: " << line;
    listed.emplace(std::pair(line.substr(0, rule_end), rest.substr(0, path_end)), false);
  }
  return listed;
}

TEST(Repository, ObeysTheHouseRules) {
  std::vector<std::string> skips;
  for (const char* platform : {"linux", "macos", "windows"}) {
    const std::string list = read_text(root() / "ci" / platform / "skips.txt");
    for (std::string& pattern : listed_patterns(list)) skips.push_back(std::move(pattern));
  }
  const std::vector<std::pair<std::string, std::function<Findings(const Source&)>>> rules = {
      {"include_direction", check_include_direction},
      {"foreign_includes", check_foreign_includes},
      {"purity", check_purity},
      {"platform_conditions", check_platform_conditions},
      {"file_name", check_file_name},
      {"file_length", check_file_length},
      {"function_length", check_function_length},
      {"whitespace", check_whitespace},
      {"header_opening", check_header_opening},
      {"nodiscard", check_nodiscard},
      {"disabled_code", check_disabled_code},
      {"skips", [&](const Source& source) { return check_skips(source, skips); }},
  };
  Exceptions excepted = exceptions();
  const std::vector<Source> sources = repository();
  ASSERT_GT(sources.size(), 20U) << "the walk found too little to mean anything";
  for (const Source& source : sources) {
    for (const auto& [name, rule] : rules) {
      const Findings findings = rule(source);
      const auto exception = excepted.find({name, source.path});
      if (exception != excepted.end()) {
        exception->second = exception->second || !findings.empty();
        continue;
      }
      for (const Finding& finding : findings) {
        ADD_FAILURE() << source.path << ":" << finding.line << ": " << name << ": "
                      << finding.message;
      }
    }
  }
  for (const auto& [what, needed] : excepted) {
    EXPECT_TRUE(needed) << "ci/tidy_exceptions.txt: " << what.first << " " << what.second
                        << " is not needed any more";
  }
}

}  // namespace
}  // namespace robosync::ci
