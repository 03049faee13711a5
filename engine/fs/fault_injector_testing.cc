#include "engine/fs/fault_injector_testing.h"

#include <cerrno>
#include <thread>

#include "engine/base/check.h"

namespace robosync::fs::faults {
namespace {

bool can_cut(Operation operation) {
  return operation == Operation::kRead || operation == Operation::kWrite ||
         operation == Operation::kCopyRange || operation == Operation::kList;
}

bool can_corrupt(Operation operation) {
  return operation == Operation::kRead || operation == Operation::kWrite;
}

// Whatever cannot be removed stays: the call that follows shows it.
void remove_tree(Directory& directory, std::string_view name) {
  if (directory.remove_file(name)) return;
  const auto below = directory.open_directory(name);
  if (!below) return;
  Listing listing;
  if (!(*below)->list({}, listing)) return;
  for (const tree::Entry& entry : listing.entries) remove_tree(**below, entry.name);
  (void)directory.remove_directory(name);
}

}  // namespace

void Injector::add(FaultRule rule) {
  ROBOSYNC_CHECK(rule.nth > 0 && rule.times > 0);
  ROBOSYNC_CHECK(!rule.cut_to || can_cut(rule.operation));
  ROBOSYNC_CHECK(!rule.corrupt || can_corrupt(rule.operation));
  const std::lock_guard lock(mutex_);
  rules_.push_back({.rule = std::move(rule)});
}

void Injector::clear() {
  const std::lock_guard lock(mutex_);
  rules_.clear();
}

std::string Injector::unused() const {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const Counted& counted : rules_) {
    if (counted.hits != 0) continue;
    text += std::string(to_string(counted.rule.operation)) + " " + counted.rule.path + " (" +
            std::to_string(counted.calls) + " calls, waiting for number " +
            std::to_string(counted.rule.nth) + ")\n";
  }
  return text;
}

std::vector<FaultRule> Injector::hit(Operation operation, std::string_view path,
                                     std::string_view to_path) {
  const std::lock_guard lock(mutex_);
  std::vector<FaultRule> out;
  for (Counted& counted : rules_) {
    const FaultRule& rule = counted.rule;
    if (rule.operation != operation) continue;
    if (!matches(rule.path, path) && (to_path.empty() || !matches(rule.path, to_path))) continue;
    ++counted.calls;
    if (counted.calls < rule.nth || counted.hits >= rule.times) continue;
    ++counted.hits;
    out.push_back(rule);
  }
  return out;
}

Visit::Visit(Injector& injector, Operation operation, std::string_view path,
             std::string_view to_path, Directory* directory, std::string_view name)
    : rules_(injector.hit(operation, path, to_path)) {
  if (operation != Operation::kListEntry) {
    injector.log.record(operation, std::string(path), std::string(to_path));
  }
  for (const FaultRule& rule : rules_) {
    if (rule.delay.count() > 0) std::this_thread::sleep_for(rule.delay);
    if (rule.before) rule.before();
    if (rule.vanish) {
      ROBOSYNC_CHECK(directory != nullptr);
      remove_tree(*directory, name);
      vanished_ = true;
    }
    if (rule.error && !error_) error_ = rule.error;
    if (rule.cut_to && !cut_to_) cut_to_ = rule.cut_to;
    corrupt_ = corrupt_ || rule.corrupt;
  }
}

Visit::~Visit() {
  for (const FaultRule& rule : rules_) {
    if (rule.after) rule.after();
  }
}

base::Result<void> Visit::begin() const {
  if (error_ && !cut_to_) return base::fail(*error_);
  return {};
}

base::Result<void> Visit::end() const {
  if (error_) return base::fail(*error_);
  return {};
}

std::string joined(std::string_view path, std::string_view name) {
  std::string out(path);
  if (!out.ends_with('/')) out += '/';
  out += name;
  return out;
}

}  // namespace robosync::fs::faults
