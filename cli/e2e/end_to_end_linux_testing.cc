#include "cli/e2e/end_to_end_linux_testing.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <sstream>
#include <system_error>

namespace robosync::e2e {
namespace {

bool environment_flag(const char* name) {
  const char* value = getenv(name);
  return value != nullptr && *value != '\0' && std::string(value) != "0";
}

std::string make_directory() {
  umask(022);  // the modes below are those the tests expect
  const char* base = getenv("ROBOSYNC_TEST_DIR");
  std::string pattern = std::string(base != nullptr ? base : "/tmp") + "/rs-e2e-XXXXXX";
  if (mkdtemp(pattern.data()) == nullptr) {
    throw std::system_error(errno, std::generic_category(), "mkdtemp " + pattern);
  }
  // Reachable for the unprivileged user.
  if (chmod(pattern.c_str(), 0755) != 0) {
    throw std::system_error(errno, std::generic_category(), "chmod " + pattern);
  }
  return std::filesystem::canonical(pattern).string();
}

}  // namespace

bool full_run() { return environment_flag("ROBOSYNC_TEST_FULL"); }

std::uint64_t test_seed() {
  const char* seed = getenv("ROBOSYNC_TEST_SEED");
  return seed != nullptr ? strtoull(seed, nullptr, 10) : 1;
}

Route route_of_environment() {
  const char* const name = getenv("ROBOSYNC_TEST_ROUTE");
  const std::string route = name != nullptr ? name : "local";
  if (route == "push") return Route::kPush;
  if (route == "pull") return Route::kPull;
  EXPECT_EQ("local", route) << "ROBOSYNC_TEST_ROUTE";
  return Route::kLocal;
}

EndToEnd::EndToEnd() : root_(make_directory()), source_(root_ + "/src") {}

EndToEnd::~EndToEnd() {
  if (HasFailure() && environment_flag("ROBOSYNC_TEST_KEEP")) {
    std::cerr << "left behind: " << root_ << "\n";
    return;
  }
  try {
    remove_tree(root_);
  } catch (const std::system_error& error) {
    ADD_FAILURE() << "cannot clean up: " << error.what();
  }
}

void EndToEnd::SetUp() {
  ASSERT_EQ(0, access(robosync_binary().c_str(), X_OK))
      << "the program under test is missing: " << robosync_binary();
}

Command EndToEnd::robosync_command(const Arguments& arguments) {
  Command command;
  command.arguments = {robosync_binary()};
  command.arguments.insert(command.arguments.end(), arguments.begin(), arguments.end());
  return command;
}

Finished EndToEnd::robosync(const Arguments& arguments) {
  Finished finished = run(robosync_command(arguments));
  EXPECT_FALSE(finished.timed_out) << finished.describe();
  EXPECT_EQ(0, finished.signal) << finished.describe();
  return finished;
}

Finished EndToEnd::run_verb(const std::string& verb, const Arguments& options) {
  Arguments arguments = {verb};
  arguments.insert(arguments.end(), options.begin(), options.end());
  arguments.push_back(source_slash());
  arguments.push_back(target_path());
  return robosync(over(route_, std::move(arguments)));
}

Arguments EndToEnd::over(Route route, Arguments arguments, std::size_t operand_count) {
  if (route == Route::kLocal) return arguments;
  const std::string shell = at("far-shell");
  if (!exists(shell))
    TreeBuilder(root()).file("far-shell", "#!/bin/sh\nshift\nexec \"$@\"\n", 0755);
  const auto last = arguments.end() - 1;
  if (route == Route::kPush) {
    *last = "far:" + *last;
  } else {
    const auto first = arguments.end() - static_cast<std::ptrdiff_t>(operand_count);
    for (auto source = first; source != last; ++source) *source = "far:" + *source;
  }
  // Behind the verb, since "--" may follow.
  arguments.insert(arguments.begin() + 1, {"-e", shell, "--remote-program", robosync_binary()});
  return arguments;
}

Finished EndToEnd::copy(const Arguments& options) { return run_verb("copy", options); }
Finished EndToEnd::mirror(const Arguments& options) { return run_verb("mirror", options); }
Finished EndToEnd::move(const Arguments& options) { return run_verb("move", options); }
Finished EndToEnd::verify(const Arguments& options) { return run_verb("verify", options); }

Finished EndToEnd::unprivileged(const Arguments& arguments) {
  give_to_unprivileged(root());
  Command command = robosync_command(arguments);
  command.user = kUnprivileged;
  Finished finished = run(command);
  EXPECT_FALSE(finished.timed_out) << finished.describe();
  return finished;
}

std::vector<std::string> Option::names_copied_with(const Arguments& options) {
  remove_tree(target_path());
  ROBOSYNC_EXPECT_EXIT(kExitOk, copy(options));
  ROBOSYNC_EXPECT_EXIT(kExitOk, verify(options));
  return exists(target_path()) ? names_in(target_path()) : std::vector<std::string>{};
}

std::string Option::written(const std::string& name, const std::string& content) {
  TreeBuilder(root()).file(name, content);
  return at(name);
}

std::vector<std::string> JsonOutput::event_lines() const {
  std::vector<std::string> lines;
  for (const nlohmann::json& event : events) {
    const std::string path = event.contains("path") ? event["path"].get<std::string>()
                                                    : event["path_base64"].get<std::string>();
    lines.push_back(event["action"].get<std::string>() + " " + path);
  }
  std::ranges::sort(lines);
  return lines;
}

JsonOutput parse_json_output(const std::string& out) {
  JsonOutput output;
  std::istringstream lines(out);
  std::string line;
  int summaries = 0;
  while (std::getline(lines, line)) {
    const nlohmann::json message = nlohmann::json::parse(line, nullptr, false);
    if (message.is_discarded() || !message.contains("message_type")) {
      ADD_FAILURE() << "not a JSON message: " << line;
      continue;
    }
    const std::string type = message["message_type"].get<std::string>();
    if (type == "event") {
      output.events.push_back(message);
    } else if (type == "problem") {
      output.problems.push_back(message);
    } else if (type == "summary") {
      output.summary = message;
      ++summaries;
    } else {
      output.others.push_back(message);
    }
  }
  EXPECT_EQ(1, summaries) << out;
  return output;
}

std::vector<std::string> sorted_lines(const std::string& text) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) found.push_back(line);
  std::ranges::sort(found);
  return found;
}

std::string list_differences(const std::vector<std::string>& expected,
                             const std::vector<std::string>& actual) {
  std::string text;
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  std::ranges::set_difference(expected, actual, std::back_inserter(missing));
  std::ranges::set_difference(actual, expected, std::back_inserter(extra));
  for (const std::string& line : missing) text += "  missing: " + line + "\n";
  for (const std::string& line : extra) text += "  extra:   " + line + "\n";
  return text;
}

}  // namespace robosync::e2e
