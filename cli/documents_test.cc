// What docs/ says about the command line is compared with what the program does.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "cli/exit_code.h"
#include "cli/memory_stream_testing.h"
#include "cli/option_spec.h"
#include "cli/output_json.h"
#include "cli/report_testing.h"
#include "cli/robocopy_switches.h"

namespace robosync::cli {
namespace {

std::string document(const std::string& name) {
  std::ifstream file(std::string(ROBOSYNC_SOURCE_DIR) + "/docs/" + name);
  EXPECT_TRUE(file) << name;
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string without_escapes(std::string text) {
  for (std::size_t at = text.find("\\|"); at != std::string::npos; at = text.find("\\|")) {
    text.erase(at, 1);
  }
  return text;
}

TEST(Documents, EachOptionIsInCliMd) {
  const std::string text = without_escapes(document("cli.md"));
  for (const OptionSpec& spec : option_table()) {
    const std::vector<std::string> names = spec.all_names();
    for (const std::string& name : names) {
      const bool plain = text.find("`" + name + "`") != std::string::npos;
      const bool with_value = text.find("`" + name + " ") != std::string::npos;
      EXPECT_TRUE(plain || with_value) << name;
    }
    // The long choice of --no-fast-path is explained word by word instead.
    if (spec.value.empty() || spec.id() == "--no-fast-path") continue;
    EXPECT_NE(text.find(fmt::format("`{} {}`", spec.id(), spec.value)), std::string::npos)
        << spec.id() << " " << spec.value;
  }
  for (const OptionSpec& spec : option_table()) {
    for (const std::string& choice : spec.choices()) {
      EXPECT_NE(text.find(choice), std::string::npos) << spec.id() << " " << choice;
    }
  }
}

TEST(Documents, CliMdNamesNoOptionThatIsNone) {
  std::set<std::string> known = {"--help", "--version"};
  for (const OptionSpec& spec : option_table()) {
    for (const std::string& name : spec.all_names()) known.insert(name);
  }
  std::string text = document("cli.md");
  // The last section is about rsync's options.
  text.resize(text.find("## For users of rsync"));
  for (std::size_t at = text.find("`--"); at != std::string::npos; at = text.find("`--", at + 1)) {
    const std::size_t end = text.find_first_of("` =\\", at + 3);
    const std::string name = text.substr(at + 1, end - at - 1);
    if (name == "--" || name == "--name") continue;  // the separator, and a placeholder
    EXPECT_TRUE(known.contains(name)) << name;
  }
}

// From a line that begins with `first` up to the one that begins with `last`.
std::string section(const std::string& text, const std::string& first, const std::string& last) {
  const std::size_t begin = text.find("\n" + first);
  const std::size_t end = text.find("\n" + last);
  EXPECT_TRUE(begin != std::string::npos && begin < end) << first;
  return text.substr(begin, end - begin);
}

TEST(Documents, EachSwitchOfRobocopyIsInItsTable) {
  const std::string text = document("robocopy.md");
  const std::string taken =
      section(text, "## Switches that are taken", "## Switches that are refused");
  const std::string refused = section(text, "## Switches that are refused", "## Output");
  for (const RobocopySwitch& row : robocopy_switches()) {
    const std::string& table = row.refusal.empty() ? taken : refused;
    bool found = false;
    for (const char* end : {"`", ":", " "}) {
      found = found || table.find("`" + std::string(row.name) + end) != std::string::npos;
    }
    EXPECT_TRUE(found) << row.name;
  }
}

TEST(Documents, EachExitCodeIsInExitCodesMd) {
  const std::string text = document("exit-codes.md");
  std::size_t rows = 0;
  for (const ExitCode& row : exit_codes()) {
    EXPECT_NE(text.find(fmt::format("| `{}` | {} |\n", row.code, row.meaning)), std::string::npos)
        << row.code << " " << row.meaning;
  }
  for (std::size_t at = text.find("\n| `"); at != std::string::npos;
       at = text.find("\n| `", at + 1)) {
    ++rows;
  }
  EXPECT_EQ(rows, exit_codes().size());
}

// Every field of every kind of document, with everything in it that there can be.
std::set<std::string> json_fields() {
  MemoryStream out;
  const Request request{.sources = {"s"}, .target = "t"};
  JsonSink sink(out, request, {.verbosity = 2, .progress = Wish::kYes},
                [] { return std::chrono::system_clock::time_point(); });
  sink.event({.action = Action::kSkipped,
              .path = "\xff",
              .changes = {.size = true},
              .link_target = "\xff",
              .reason = "r"});
  sink.event({.path = "a", .link_target = "b"});
  sink.problem({"p", base::from_errno(EIO, "x")});
  sink.warning("w");
  sink.progress({.total_known = true, .remaining = std::chrono::seconds(1)});
  const base::Result<Report> result = busy_report();
  sink.finish({.request = request, .result = result});
  std::set<std::string> fields;
  std::string text = out.text();
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const auto json = nlohmann::json::parse(text.substr(0, end));
    for (const auto& [name, value] : json.items()) {
      fields.insert(name);
      if (!value.is_object()) continue;
      for (const auto& [inner, ignored] : value.items()) fields.insert(inner);
    }
    text.erase(0, end + 1);
  }
  return fields;
}

TEST(Documents, EachJsonFieldIsInJsonMd) {
  const std::string text = document("json.md");
  const std::set<std::string> fields = json_fields();
  EXPECT_GT(fields.size(), 60U);
  for (const std::string& field : fields) {
    EXPECT_NE(text.find("`" + field + "`"), std::string::npos) << field;
  }
}

TEST(Documents, EachJsonValueIsInJsonMd) {
  const std::string text = document("json.md");
  const auto expect = [&](const std::string& word) {
    EXPECT_NE(text.find("`" + word + "`"), std::string::npos) << word;
  };
  for (int i = 0; i <= static_cast<int>(Action::kOnlyTarget); ++i) {
    expect(json_name(static_cast<Action>(i)));
  }
  for (int i = 0; i <= static_cast<int>(Outcome::kAborted); ++i) {
    expect(json_name(static_cast<Outcome>(i)));
  }
  for (int i = 0; base::to_string(static_cast<base::ErrorKind>(i)) != "unknown"; ++i) {
    expect(std::string(base::to_string(static_cast<base::ErrorKind>(i))));
  }
  for (int i = 1; i <= static_cast<int>(tree::Kind::kBlockDevice); ++i) {
    expect(std::string(tree::to_string(static_cast<tree::Kind>(i))));
  }
}

}  // namespace
}  // namespace robosync::cli
