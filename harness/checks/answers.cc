#include "harness/checks/answers.h"

#include <fmt/format.h>

#include <utility>

namespace robosync::parity {
namespace {

constexpr std::size_t kTextCharactersMax = 300;

std::string first_line(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \n\r\t");
  if (begin == std::string::npos) return {};
  return text.substr(begin, std::min(text.find('\n', begin) - begin, kTextCharactersMax));
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "; ") + line;
  return text;
}

}  // namespace

Answer pass() { return {}; }
Answer failed(std::string detail) { return {CheckOutcome::kFail, std::move(detail)}; }
Answer differs(std::string detail) { return {CheckOutcome::kDiffers, std::move(detail)}; }

Aspects usual_aspects() {
  Aspects aspects;
  aspects.directory_times = false;
  return aspects;
}

std::string describe(const Finished& finished) {
  std::string said = first_line(finished.err);
  if (said.empty()) said = first_line(finished.out);
  if (finished.timed_out) return "did not end in time";
  return fmt::format("exit {}{}{}", finished.exit_code, said.empty() ? "" : ": ", said);
}

Answer equals_source(const Aftermath& after, const Aspects& aspects) {
  if (!after.succeeded) return failed(describe(after.finished));
  Aspects content;
  content.modes = false;
  content.file_times = false;
  content.directory_times = false;
  content.symlink_times = false;
  if (const auto lines = differences(after.source, after.target, content); !lines.empty()) {
    return failed(joined(lines));
  }
  if (const auto lines = differences(after.source, after.target, aspects); !lines.empty()) {
    return differs(joined(lines));
  }
  return pass();
}

Answer equals_source(const Aftermath& after) { return equals_source(after, usual_aspects()); }

const Node* target_entry(const Aftermath& after, const std::string& path) {
  const auto at = after.target.nodes.find(path);
  return at == after.target.nodes.end() ? nullptr : &at->second;
}

bool in_target(const Aftermath& after, const std::string& path) {
  return target_entry(after, path) != nullptr;
}

std::string time_difference(const Aftermath& after, const std::string& path) {
  const Node* const there = target_entry(after, path);
  if (there == nullptr) return path + " is missing";
  const Node& wanted = after.source.nodes.at(path);
  if (there->mtime_s == wanted.mtime_s && there->mtime_ns == wanted.mtime_ns) return {};
  return fmt::format("{}.{:09} instead of {}.{:09}", there->mtime_s, there->mtime_ns,
                     wanted.mtime_s, wanted.mtime_ns);
}

}  // namespace robosync::parity
