// The rules of ci/tidy_rules.h about what a file may include and on what it may depend.
#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <span>

#include "ci/source_text.h"
#include "ci/tidy_rules.h"

namespace robosync::ci {
namespace {

using Names = std::set<std::string, std::less<>>;

// A layer's direct dependencies; it may include those and, through them, theirs. The same table
// stands in CMakeLists.txt (for linking) and docs/architecture.md (for people).
const std::map<std::string, Names, std::less<>>& layer_dependencies() {
  static const std::map<std::string, Names, std::less<>> kTable = {
      {"base", {}},
      {"tree", {"base"}},
      {"fs", {"tree"}},
      {"scan", {"fs"}},
      {"plan", {"tree"}},
      {"transfer", {"plan", "fs"}},
      {"apply", {"transfer"}},
      {"wire", {"plan"}},
      {"net", {"base"}},
      {"session", {"scan", "apply", "wire", "net"}},
      {"daemon", {"session"}},
      {"engine", {"session"}},
      {"cli", {"engine", "daemon"}},
      {"parity_tree", {"base"}},
      {"parity_dataset", {"parity_tree"}},
      {"parity_report", {"base"}},
      {"parity_run", {"parity_dataset", "parity_report"}},
      {"parity_checks", {"parity_run"}},
      {"parity", {"parity_checks"}},
      {"ci", {}},
  };
  return kTable;
}

void add_reachable(const std::string& layer, Names& reached) {
  if (!reached.insert(layer).second) return;
  const auto& table = layer_dependencies();
  const auto found = table.find(layer);
  if (found == table.end()) return;
  for (const std::string& next : found->second) add_reachable(next, reached);
}

struct Include {
  std::size_t line = 0;
  std::string_view name;
  bool angled = false;
};

std::vector<Include> includes_of(const Source& source) {
  const SourceText split = split_source(source.text);
  const auto code = lines_of(split.code);
  const auto lines = lines_of(source.text);
  std::vector<Include> found;
  for (std::size_t i = 0; i < code.size(); ++i) {
    std::string_view rest = trimmed(code[i]);
    if (!rest.starts_with('#')) continue;
    rest = trimmed(rest.substr(1));
    if (!rest.starts_with("include")) continue;
    const std::size_t open = lines[i].find_first_of("<\"");
    if (open == std::string_view::npos) continue;
    const std::size_t close = lines[i].find_first_of(">\"", open + 1);
    if (close == std::string_view::npos) continue;
    found.push_back({i + 1, lines[i].substr(open + 1, close - open - 1), lines[i][open] == '<'});
  }
  return found;
}

// "fs_linux" of "engine/fs/fs_linux_slow_test.cc": the file's name without ending and role.
std::string_view base_name(std::string_view path) {
  std::string_view stem = path.substr(path.find_last_of('/') + 1);
  stem = stem.substr(0, stem.find('.'));
  constexpr std::array<std::string_view, 6> kRoles = {"_test",    "_bench",    "_fuzz",
                                                      "_testing", "_testprog", "_slow"};
  for (bool again = true; again;) {
    again = false;
    for (const std::string_view role : kRoles) {
      if (!stem.ends_with(role)) continue;
      stem.remove_suffix(role.size());
      again = true;
    }
  }
  return stem;
}

std::string_view stem_of(std::string_view path) {
  const std::string_view name = path.substr(path.find_last_of('/') + 1);
  return name.substr(0, name.find('.'));
}

bool is_header(const Source& source) { return source.path.ends_with(".h"); }

bool is_source(const Source& source) { return source.path.ends_with(".cc"); }

bool is_posix(std::string_view path) {
  const std::string_view name = base_name(path);
  return name.ends_with("_posix") || name.ends_with("_linux") || name.ends_with("_macos");
}

bool is_win32(std::string_view path) { return base_name(path).ends_with("_win32"); }

bool in_tests(std::string_view path) {
  const std::string_view stem = stem_of(path);
  return stem.ends_with("_test") || stem.ends_with("_testing");
}

bool anywhere(std::string_view /*path*/) { return true; }

bool in_cli_or_tests(std::string_view path) {
  return layer_of(path) == "cli" || layer_of(path).starts_with("parity") || in_tests(path);
}

struct ForeignHeaders {
  std::string_view prefix;
  bool (*allowed)(std::string_view path);
  std::string_view where;
};

constexpr auto kThirdParty = std::to_array<ForeignHeaders>({
    {"fmt/", anywhere, "any source"},
    {"xxhash.h", [](std::string_view path) { return layer_of(path) == "base"; }, "engine/base"},
    {"cpuid.h", [](std::string_view path) { return layer_of(path) == "base"; }, "engine/base"},
    {"openssl/",
     [](std::string_view path) {
       return (layer_of(path) == "base" && is_posix(path)) || layer_of(path) == "net";
     },
     "engine/base/*_posix.cc and engine/net"},
    {"asio", [](std::string_view path) { return layer_of(path) == "net"; }, "engine/net"},
    {"archive",
     [](std::string_view path) {
       return path == "engine/transfer/bundle_libarchive.cc" ||
              path == "engine/transfer/bundle_test.cc";
     },
     "engine/transfer/bundle_libarchive.cc and its test"},
    {"toml++/", [](std::string_view path) { return path.starts_with("engine/daemon/config"); },
     "the daemon's configuration"},
    {"zstd.h", [](std::string_view path) { return path.starts_with("engine/wire/compression"); },
     "engine/wire/compression*"},
    {"CLI/",
     [](std::string_view path) { return layer_of(path) == "cli" || layer_of(path) == "parity"; },
     "cli and harness"},
    {"nlohmann/",
     [](std::string_view path) {
       return in_cli_or_tests(path) || path.starts_with("engine/daemon/config");
     },
     "cli, harness, tests and the daemon's configuration"},
    {"gtest/", in_tests, "tests"},
    {"gmock/", in_tests, "tests"},
    {"benchmark/", [](std::string_view path) { return stem_of(path).ends_with("_bench"); },
     "*_bench.cc"},
});

// Standard C++ headers: one lower-case word without an ending.
bool is_standard(std::string_view name) {
  return std::ranges::all_of(name, is_word) && !name.empty();
}

constexpr auto kWindowsHeaders = std::to_array<std::string_view>(
    {"windows.h", "winioctl.h", "winternl.h", "bcrypt.h", "aclapi.h", "shellapi.h", "io.h",
     "fcntl.h", "process.h", "psapi.h", "tlhelp32.h", "winsock2.h", "ws2tcpip.h", "ntstatus.h",
     "sddl.h", "wincrypt.h"});

Findings check_angled(const Source& source, const Include& include) {
  if (is_standard(include.name)) return {};
  for (const ForeignHeaders& third_party : kThirdParty) {
    if (!include.name.starts_with(third_party.prefix)) continue;
    if (is_header(source) && !in_tests(source.path)) {
      return {{include.line, "a header of ours includes <" + std::string(include.name) + ">"}};
    }
    if (third_party.allowed(source.path)) return {};
    return {{include.line,
             "<" + std::string(include.name) + "> belongs to " + std::string(third_party.where)}};
  }
  if (is_header(source) && !in_tests(source.path)) {
    return {{include.line, "a header of ours includes <" + std::string(include.name) + ">"}};
  }
  if (std::ranges::find(kWindowsHeaders, include.name) != kWindowsHeaders.end() &&
      is_win32(source.path)) {
    return {};
  }
  if (is_posix(source.path) && include.name != "windows.h") return {};
  return {{include.line, "<" + std::string(include.name) +
                             "> is the system's: only a file with a platform suffix may ask it"}};
}

}  // namespace

std::string layer_of(std::string_view path) {
  if (path.starts_with("engine/")) {
    const std::string_view rest = path.substr(7);
    const std::size_t slash = rest.find('/');
    return slash == std::string_view::npos ? "engine" : std::string(rest.substr(0, slash));
  }
  if (path.starts_with("harness/")) {
    const std::string_view rest = path.substr(8);
    const std::size_t slash = rest.find('/');
    return slash == std::string_view::npos ? "parity"
                                           : "parity_" + std::string(rest.substr(0, slash));
  }
  for (const std::string_view top : {"cli", "ci"}) {
    if (path.starts_with(std::string(top) + "/")) return std::string(top);
  }
  return {};
}

Findings check_include_direction(const Source& source) {
  if (!is_header(source) && !is_source(source)) return {};
  const std::string layer = layer_of(source.path);
  if (layer.empty()) return {};
  if (!layer_dependencies().contains(layer)) return {{0, "no such layer: " + layer}};
  Names allowed;
  add_reachable(layer, allowed);
  Findings findings;
  for (const Include& include : includes_of(source)) {
    if (include.angled) continue;
    const bool generated = include.name == "robosync/version.h";
    const std::string target = generated ? layer : layer_of(include.name);
    if (target.empty()) {
      findings.push_back({include.line, "\"" + std::string(include.name) +
                                            "\" is not named from the repository's root"});
    } else if (!allowed.contains(target)) {
      findings.push_back(
          {include.line, std::string(layer).append(" may not include ").append(target)});
    }
  }
  return findings;
}

Findings check_foreign_includes(const Source& source) {
  if (layer_of(source.path).empty() || (!is_header(source) && !is_source(source))) return {};
  Findings findings;
  for (const Include& include : includes_of(source)) {
    if (!include.angled) continue;
    for (Finding& finding : check_angled(source, include)) findings.push_back(std::move(finding));
  }
  return findings;
}

Findings check_purity(const Source& source) {
  const std::string layer = layer_of(source.path);
  if ((layer != "tree" && layer != "plan" && layer != "wire") || in_tests(source.path)) return {};
  static const Names kImpure = {"condition_variable", "filesystem", "fstream", "future",
                                "iostream",           "mutex",      "thread",  "ctime"};
  Findings findings;
  for (const Include& include : includes_of(source)) {
    if (include.angled && kImpure.contains(include.name)) {
      findings.push_back(
          {include.line, layer + " is pure: no <" + std::string(include.name) + ">"});
    }
  }
  const SourceText split = split_source(source.text);
  const auto code = lines_of(split.code);
  for (std::size_t i = 0; i < code.size(); ++i) {
    for (const std::string_view word : {"getenv", "system_clock", "steady_clock", "fopen"}) {
      if (find_word(code[i], word) != std::string_view::npos) {
        findings.push_back({i + 1, layer + " is pure: no " + std::string(word)});
      }
    }
  }
  return findings;
}

Findings check_platform_conditions(const Source& source) {
  const std::string layer = layer_of(source.path);
  if (layer.empty() || layer == "base" || (!is_header(source) && !is_source(source))) return {};
  constexpr auto kMacros = std::to_array<std::string_view>(
      {"_WIN32", "_WIN64", "WIN32", "__linux__", "__linux", "__APPLE__", "__unix__", "__MACH__",
       "_MSC_VER", "__MINGW32__", "__MINGW64__", "__FreeBSD__", "_POSIX_VERSION", "__CYGWIN__"});
  Findings findings;
  const SourceText split = split_source(source.text);
  const auto code = lines_of(split.code);
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (!trimmed(code[i]).starts_with('#')) continue;
    for (const std::string_view macro : kMacros) {
      if (find_word(code[i], macro) != std::string_view::npos) {
        findings.push_back(
            {i + 1, std::string(macro) + " outside engine/base: use a suffixed file"});
      }
    }
  }
  return findings;
}

}  // namespace robosync::ci
