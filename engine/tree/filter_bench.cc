// What one question to a FilterScope costs, for the kinds of rule sets that people use.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "engine/tree/filter.h"

namespace robosync::tree {
namespace {

using Form = FilterArgument::Form;

constexpr const char* kEveryday[] = {"*.o",   "*~",      ".git/",        "node_modules/",
                                     "core",  "*.pyc",   "__pycache__/", ".DS_Store",
                                     "*.swp", ".cache/", "tmp*",         "*.bak"};

std::shared_ptr<const FilterScope> scope_of(const std::vector<FilterArgument>& arguments) {
  auto scope = FilterScope::compile(arguments, nullptr);
  return scope ? *scope : nullptr;
}

// A few hundred files of a source tree, a few of which match.
struct Entries {
  RelPath directory = RelPath::parse("projects/engine/src/main/component").value();
  std::vector<std::string> names;
  std::vector<RelPath> paths;

  Entries() {
    constexpr const char* kEnds[] = {".cc", ".h", ".o", "_test.cc", ".md", "~", ".json", ".txt"};
    for (int i = 0; i < 512; ++i) {
      names.push_back("file_" + std::to_string(i * 7919) + kEnds[i % 8]);
      paths.push_back(directory.child(names.back()));
    }
  }
};

void ask_paths(benchmark::State& state, const std::vector<FilterArgument>& arguments) {
  const auto scope = scope_of(arguments);
  const Entries entries;
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        scope->excludes(entries.paths[at++ % entries.paths.size()], false, FilterSide::kSource));
  }
}

void ask_names(benchmark::State& state, const std::vector<FilterArgument>& arguments) {
  const auto scope = scope_of(arguments);
  const Entries entries;
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(scope->excludes_entry(
        entries.directory, entries.names[at++ % entries.names.size()], false, FilterSide::kSource));
  }
}

std::vector<FilterArgument> everyday() {
  std::vector<FilterArgument> arguments;
  for (const char* pattern : kEveryday) arguments.push_back({Form::kExclude, pattern});
  return arguments;
}

void no_rules(benchmark::State& state) { ask_paths(state, {}); }
BENCHMARK(no_rules);

void everyday_by_path(benchmark::State& state) { ask_paths(state, everyday()); }
BENCHMARK(everyday_by_path);

void everyday_by_name(benchmark::State& state) { ask_names(state, everyday()); }
BENCHMARK(everyday_by_name);

void wildcards(benchmark::State& state) {
  ask_paths(state, {{Form::kExclude, "file_[0-9]*_[a-f]?.*"},
                    {Form::kExclude, "*_*_*.c?"},
                    {Form::kExclude, "/projects/**/build/*.o"},
                    {Form::kExclude, "src/*/generated/**"}});
}
BENCHMARK(wildcards);

// A long list of paths, as a backup's --exclude-from holds.
void long_list(benchmark::State& state) {
  std::string list;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    list += (i % 2 == 0 ? "/home/user/projects/old" : "leftover_") + std::to_string(i) + "\n";
  }
  ask_names(state, {{Form::kExcludeFile, list}});
}
BENCHMARK(long_list)->Arg(100)->Arg(10000);

// Time must not explode on patterns made for it.
void hostile_pattern(benchmark::State& state) {
  const auto scope = scope_of(
      {{Form::kExclude, "*a*a*a*a*a*a*a*a*a*b"}, {Form::kExclude, "**a**a**a**a**a**a**b"}});
  const RelPath path = RelPath::parse(std::string(200, 'a')).value();
  for (auto _ : state) {
    benchmark::DoNotOptimize(scope->excludes(path, false, FilterSide::kSource));
  }
}
BENCHMARK(hostile_pattern);

void compile_everyday(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(scope_of(everyday()));
}
BENCHMARK(compile_everyday);

}  // namespace
}  // namespace robosync::tree
